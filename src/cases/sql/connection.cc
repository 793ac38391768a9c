#include "cases/sql/connection.h"

namespace osler::cases::sql {

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
