#include "cases/sql/connection.h"

namespace osler::cases::sql {

namespace {

std::string_view external_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::conflict: return "It exists already.";
    case ErrorCode::not_found: return "What this refers to does not exist.";
    case ErrorCode::corrupted: return "The store of records is damaged.";
    case ErrorCode::internal: return "The store of records cannot take this.";
    default: return "The store of records does not work now.";
  }
}

}  // namespace

Error database_error(ErrorCode code, std::string internal) { return make_error(code, std::string(external_of(code)), std::move(internal)); }

Result<Transaction> Transaction::begin(Connection& connection) {
  TRY_VOID(connection.begin());
  return Transaction(connection);
}

Transaction::~Transaction() {
  if (connection_) connection_->rollback();
}

Result<void> Transaction::commit() {
  TRY_VOID(connection_->commit());
  connection_ = nullptr;
  return ok();
}

}  // namespace osler::cases::sql
