#include "cases/sqlite/connection.h"

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/json.h"

namespace osler::cases::sqlite {

namespace {

constexpr int kStepsBetweenLooksAtTheClock = 10'000;

constexpr sql::Query kWriteAhead{"write_ahead", "PRAGMA journal_mode = WAL", "t"};

ErrorCode code_of(int extended) {
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT: return extended == SQLITE_CONSTRAINT_FOREIGNKEY ? ErrorCode::not_found : ErrorCode::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupted;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return ErrorCode::internal;
    default: return ErrorCode::unavailable;
  }
}

/// SQLite reads the bytes where they are, until the statement is reset.
int bind(sqlite3_stmt* statement, int parameter, const sql::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, parameter, *number);
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, parameter, *real);
  // A null pointer would bind NULL instead of no bytes.
  if (const auto* text = std::get_if<std::string_view>(&value))
    return sqlite3_bind_text64(statement, parameter, text->empty() ? "" : text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  if (const auto* bytes = std::get_if<ByteView>(&value))
    return sqlite3_bind_blob64(statement, parameter, bytes->empty() ? static_cast<const void*>("") : bytes->data(), bytes->size(), SQLITE_STATIC);
  return sqlite3_bind_null(statement, parameter);
}

/// "$3" names a parameter in SQLite; its place follows from where it is first written.
int place_of(sqlite3_stmt* statement, std::size_t number) {
  const std::string name = "$" + std::to_string(number);
  return sqlite3_bind_parameter_index(statement, name.c_str());
}

sql::Cell cell_of(sqlite3_stmt* statement, int column) {
  const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, column)); };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text ? text : "", text ? size() : 0);
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      return bytes ? Bytes(bytes, bytes + size()) : Bytes();
    }
    default: return std::monostate();
  }
}

/// Ready to be bound and stepped again, whatever became of it.
class ResetAtExit {
 public:
  explicit ResetAtExit(sqlite3_stmt* statement) : statement_(statement) {}
  ~ResetAtExit() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  ResetAtExit(const ResetAtExit&) = delete;
  ResetAtExit& operator=(const ResetAtExit&) = delete;

 private:
  sqlite3_stmt* statement_;
};

/// Nothing unless each cell is of the kind that was promised, and text is text: a page may be damaged.
std::optional<sql::Row> row_of(sqlite3_stmt* statement, const char* columns) {
  std::vector<sql::Cell> cells;
  for (int column = 0; columns[column] != '\0'; ++column) {
    cells.push_back(cell_of(statement, column));
    const auto* text = std::get_if<std::string>(&cells.back());
    if (!sql::fits(cells.back(), columns[column]) || (text && !is_utf8(*text))) return std::nullopt;
  }
  return sql::Row(std::move(cells));
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access, const std::string& vfs) {
  const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<Connection> connection(new Connection(handle, access));
  if (code != SQLITE_OK) return connection->error_of("open " + path);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_progress_handler(handle, kStepsBetweenLooksAtTheClock, &Connection::is_late, connection.get());
  TRY_VOID(connection->set_time_limit(sql::kTimeLimit));
  return connection;
}

void Connection::keep_log_at_close(bool kept) { sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, kept ? 1 : 0, nullptr); }

// SQLite does not wait here: it asks for a reader's lock, then for the writer's, and two who did so would wait for each other for ever. A transaction that asks for
// everything at once waits for its turn.
Result<void> Connection::write_ahead() {
  const auto end = std::chrono::steady_clock::now() + limit_;
  while (true) {
    Result<sql::Rows> mode = run(kWriteAhead);
    if (mode && (*mode)[0].text(0) == "wal") return ok();
    if (mode) return make_error(ErrorCode::unavailable, "The store of records cannot be opened.", "no write-ahead log on this file system");
    if (sqlite3_errcode(connection_.get()) != SQLITE_BUSY || std::chrono::steady_clock::now() > end) return std::move(mode).error();
    TRY_VOID(script("BEGIN EXCLUSIVE; COMMIT"));
  }
}

int Connection::is_late(void* self) {
  return std::chrono::steady_clock::now() > static_cast<const Connection*>(self)->deadline_ ? 1 : 0;
}

/// The error of the last call. The text never holds a bound value.
Error Connection::error_of(std::string_view operation) const {
  const int extended = sqlite3_extended_errcode(connection_.get());
  const ErrorCode code = code_of(extended);
  return sql::database_error(code,
                    std::string(operation) + ": " + sqlite3_errstr(extended) + " (" + std::to_string(extended) + ")");
}

Result<sqlite3_stmt*> Connection::prepared(const sql::Query& query) {
  Prepared& statement = statements_[query.name];
  if (!statement) {
    sqlite3_stmt* fresh = nullptr;
    if (sqlite3_prepare_v3(connection_.get(), query.text, -1, SQLITE_PREPARE_PERSISTENT, &fresh, nullptr) != SQLITE_OK) return error_of(query.name);
    statement.reset(fresh);
  }
  CHECK(std::strcmp(sqlite3_sql(statement.get()), query.text) == 0);  // two queries of one name
  return statement.get();
}

Result<sql::Rows> Connection::run_with(const sql::Query& query, std::span<const sql::Value> values) {
  start_clock();
  sqlite3_stmt* statement = TRY(prepared(query));
  const ResetAtExit resetter(statement);
  CHECK(sqlite3_bind_parameter_count(statement) == static_cast<int>(values.size()));
  CHECK(sqlite3_column_count(statement) == static_cast<int>(std::strlen(query.columns)));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (bind(statement, place_of(statement, i + 1), values[i]) != SQLITE_OK) return error_of(query.name);
  sql::Rows rows;
  const std::int64_t before = sqlite3_total_changes64(connection_.get());
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    std::optional<sql::Row> row = row_of(statement, query.columns);
    if (!row) return make_error(ErrorCode::corrupted, "The store of records is damaged.", std::string(query.name) + ": a value of another kind");
    rows.list.push_back(std::move(*row));
  }
  if (code != SQLITE_DONE) return error_of(query.name);
  // total_changes counts what triggers and cascades did too; changes() alone would repeat the last statement's when this one wrote nothing.
  const bool wrote = sqlite3_total_changes64(connection_.get()) != before;
  rows.changed = wrote ? static_cast<std::uint64_t>(sqlite3_changes64(connection_.get())) : 0;
  return rows;
}

Result<std::vector<std::uint64_t>> Connection::run_each(std::span<const sql::Statement> statements) {
  std::vector<std::uint64_t> changed;
  for (const sql::Statement& statement : statements) changed.push_back(TRY(run_with(*statement.query, statement.values)).changed);
  return changed;
}

Result<std::vector<std::uint64_t>> Connection::run_all(std::span<const sql::Statement> statements) {
  if (!sqlite3_get_autocommit(connection_.get())) return run_each(statements);
  sql::Transaction transaction = TRY(sql::Transaction::begin(*this));
  std::vector<std::uint64_t> changed = TRY(run_each(statements));
  TRY_VOID(transaction.commit());
  return changed;
}

Result<void> Connection::script(const char* sql) {
  start_clock();
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return ok();
  return error_of("script");
}

namespace {

/// Ends what the connection does when the time is over. A part of the check is one long step, within which SQLite 3.40 asks no progress handler.
class InterruptLater {
 public:
  InterruptLater(sqlite3* connection, std::chrono::milliseconds limit)
      : thread_([this, connection, limit] {
          std::unique_lock guard(mutex_);
          if (!wake_.wait_for(guard, limit, [this] { return over_; })) sqlite3_interrupt(connection);
        }) {}
  ~InterruptLater() {
    {
      const std::lock_guard guard(mutex_);
      over_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  InterruptLater(const InterruptLater&) = delete;
  InterruptLater& operator=(const InterruptLater&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  std::thread thread_;
};

constexpr sql::Query kFindDamage{"find_damage", "PRAGMA integrity_check(1)", "t"};

}  // namespace

Result<std::optional<std::string>> Connection::find_damage(std::chrono::milliseconds limit) {
  const InterruptLater interrupter(connection_.get(), limit);
  Result<sql::Rows> rows = run(kFindDamage);
  if (!rows && sqlite3_errcode(connection_.get()) == SQLITE_INTERRUPT) return std::optional<std::string>();
  if (!rows) return std::move(rows).error();
  if (rows->empty() || (*rows)[0].text(0) == "ok") return std::optional<std::string>();
  return std::optional(std::move((*rows)[0].text(0)));
}

Result<void> Connection::begin() { return script(access_ == Access::read_only ? "BEGIN" : "BEGIN IMMEDIATE"); }

Result<void> Connection::commit() { return script("COMMIT"); }

void Connection::rollback() {
  // Some errors have rolled back already; then this is a harmless error itself.
  static_cast<void>(script("ROLLBACK"));
}

Result<void> Connection::set_time_limit(std::chrono::milliseconds limit) {
  limit_ = limit;
  sqlite3_busy_timeout(connection_.get(), static_cast<int>(limit.count()));
  return ok();
}

}  // namespace osler::cases::sqlite
