// The seam between the store, which is written once, and the two databases it runs on.
//
// Every statement is a constant with a name. SQLite and PostgreSQL take the same text but for a handful of pairs (QueryPair). Parameters are
// written $1, $2, ... in both.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "cases/sql/rows.h"

namespace osler::cases::sql {

enum class Dialect { sqlite, postgres };

/// Of each statement, unless set_time_limit() says otherwise. A request may wait for a search, for a put before its own and for its own, and is given up
/// after 15 s (http/options.h).
inline constexpr std::chrono::milliseconds kTimeLimit{4000};

/// A statement, as it stands in the source: all three texts live as long as the program, and no two queries share a name.
struct Query {
  const char* name;
  const char* text;
  const char* columns = "";      // of its rows, a letter each: i integer, r real, t text, b bytes; a capital may be null
  bool planned_each_time = false;  // PostgreSQL: the best plan depends on the values
};

/// Where the dialects differ.
struct QueryPair {
  Query sqlite, postgres;
  const Query& in(Dialect dialect) const { return dialect == Dialect::sqlite ? sqlite : postgres; }
};

/// Views must live until the call that takes them returns.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, ByteView>;

struct Statement {
  const Query* query;
  std::vector<Value> values;
};

/// A session with a database. Not thread-safe. Errors: ErrorCode::conflict when a unique value is taken, not_found when a row that another must
/// refer to is not there (or is referred to and should go), corrupted when stored bytes are not what was written, internal for a value that the
/// database cannot take, unavailable for the rest. No error ever repeats a value.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Dialect dialect() const = 0;

  /// In the open transaction; without one alone, and durable when it returns.
  template <typename... Values>
  Result<Rows> run(const Query& query, const Values&... values) {
    const std::array<Value, sizeof...(Values)> list{Value(values)...};
    return run_with(query, list);
  }
  virtual Result<Rows> run_with(const Query& query, std::span<const Value> values) = 0;
  /// All of them in order, in one exchange with the server; how many rows each changed. In the open transaction; without one, in one of their own:
  /// all or none, and durable when it returns.
  virtual Result<std::vector<std::uint64_t>> run_all(std::span<const Statement> statements) = 0;
  /// Statements without parameters and rows, as they stand in the source.
  virtual Result<void> script(const char* sql) = 0;

  /// See Transaction. SQLite takes the write lock at once, unless the connection only reads.
  virtual Result<void> begin() = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  /// For each statement from now on; a statement that takes longer is ErrorCode::unavailable.
  virtual Result<void> set_time_limit(std::chrono::milliseconds limit) = 0;
  /// False when it must not be used any more: the server is gone, or it was left in the middle of something.
  virtual bool usable() = 0;
};

/// What a driver says of a failed call: a sentence that follows from the code, and `internal`, which must hold no value.
Error database_error(ErrorCode code, std::string internal);

/// Undone when it goes, unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// Durable after success. After an error nothing of it remains, unless the connection was lost: then nobody knows.
  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace osler::cases::sql
