#include "cases/sqlite/database.h"

namespace osler::cases::sqlite {

namespace {

constexpr int kBusyTimeoutMs = 5000;

ErrorCode code_of(int primary) {
  switch (primary) {
    case SQLITE_CONSTRAINT: return ErrorCode::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupted;
    default: return ErrorCode::unavailable;
  }
}

std::string_view external_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::conflict: return "A record of this request exists already.";
    case ErrorCode::corrupted: return "The store of records is damaged.";
    default: return "The store of records does not work now.";
  }
}

}  // namespace

Error error_of(sqlite3* connection, std::string_view operation) {
  const int extended = sqlite3_extended_errcode(connection);
  const ErrorCode code = code_of(extended & 0xff);
  return make_error(code, std::string(external_of(code)),
                    std::string(operation) + ": " + sqlite3_errstr(extended) + " (" + std::to_string(extended) + ")");
}

Statement& Statement::bind(int parameter, std::string_view text) {
  CHECK(sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, ByteView bytes) {
  // A null pointer would bind NULL instead of no bytes.
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  CHECK(sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(), SQLITE_STATIC) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  CHECK(sqlite3_bind_int64(statement_.get(), parameter, number) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const Error error = error_of(sqlite3_db_handle(statement_.get()), "step");
  reset();
  return error;
}

Result<void> Statement::run() {
  const bool row = TRY(step());
  reset();
  if (row) return make_error(ErrorCode::internal, "The store gave an unexpected answer.");
  return ok();
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))) : std::string();
}

Bytes Statement::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  return data ? Bytes(data, data + sqlite3_column_bytes(statement_.get(), column)) : Bytes();
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

Result<Database> Database::open(const std::string& path, Access access, const std::string& vfs) {
  const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, vfs.empty() ? nullptr : vfs.c_str());
  Database database(connection);
  if (code != SQLITE_OK) return error_of(connection, "open " + path);
  sqlite3_busy_timeout(connection, kBusyTimeoutMs);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return ok();
  return error_of(connection_.get(), sql);
}

Result<Statement> Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return error_of(connection_.get(), sql);
  return Statement(statement);
}

Result<std::int64_t> Database::number(const char* sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return make_error(ErrorCode::corrupted, "The store of records is damaged.", sql);
  return statement.number(0);
}

Result<std::string> Database::text(const char* sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return make_error(ErrorCode::corrupted, "The store of records is damaged.", sql);
  return statement.text(0);
}

Result<Transaction> Transaction::begin(Database& database) {
  TRY_VOID(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // Some errors have rolled back already; then this is a harmless error itself.
  if (database_) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
  TRY_VOID(database_->execute("COMMIT"));
  database_ = nullptr;
  return ok();
}

}  // namespace osler::cases::sqlite
