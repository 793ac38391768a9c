// Small owners over the SQLite C API.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace osler::cases::sqlite {

class Database;

/// A prepared statement. Not thread-safe. Parameters count from 1, columns from 0. Bound bytes must live until reset().
class Statement {
 public:
  Statement(Statement&&) noexcept = default;
  Statement& operator=(Statement&&) noexcept = default;

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, ByteView bytes);
  Statement& bind(int parameter, std::int64_t number);

  /// True when there is a row to read, false when the statement is done.
  Result<bool> step();
  /// Steps a statement that yields no row, then resets it.
  Result<void> run();
  /// Ready to be bound and stepped again.
  void reset();

  std::string text(int column) const;
  Bytes bytes(int column) const;
  std::int64_t number(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A connection. Not thread-safe.
class Database {
 public:
  enum class Access { read_write_create, read_only };

  /// `vfs`: name of a registered VFS, empty for the default.
  static Result<Database> open(const std::string& path, Access access, const std::string& vfs);
  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept = default;

  /// Runs statements that yield no row. `sql` is written in the source, never built of what a caller sent.
  Result<void> execute(const char* sql);
  Result<Statement> prepare(const char* sql);
  /// The one number that a query yields.
  Result<std::int64_t> number(const char* sql);
  Result<std::string> text(const char* sql);

 private:
  explicit Database(sqlite3* connection) : connection_(connection) {}
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

/// Begins at once with the write lock and rolls back when it goes, unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// Durable after success. After an error nothing of the transaction remains.
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

/// The error of the last call on a connection. The text never holds a bound value.
Error error_of(sqlite3* connection, std::string_view operation);

}  // namespace osler::cases::sqlite
