// The driver of the embedded database, over SQLite's C API.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "cases/sql/connection.h"

namespace osler::cases::sqlite {

class Connection final : public sql::Connection {
 public:
  enum class Access { read_write_create, read_only };

  /// `vfs`: name of a registered VFS, empty for the default.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access, const std::string& vfs);
  /// Whether closing leaves the write-ahead log where it is. SQLite's own way is not to.
  void keep_log_at_close(bool kept);
  /// From now on what is written goes to a log first. Waits for others who open the file within the time limit; ErrorCode::unavailable on a file system that
  /// cannot share memory.
  Result<void> write_ahead();

  /// Reads the whole file and compares each index with its table, for as long as `limit`: how SQLite puts the first damage, nothing when it is sound or when
  /// the time did not suffice.
  Result<std::optional<std::string>> find_damage(std::chrono::milliseconds limit);

  sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
  Result<sql::Rows> run_with(const sql::Query& query, std::span<const sql::Value> values) override;
  Result<std::vector<std::uint64_t>> run_all(std::span<const sql::Statement> statements) override;
  Result<void> script(const char* sql) override;
  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  /// Also how long to wait for another process that writes.
  Result<void> set_time_limit(std::chrono::milliseconds limit) override;
  bool usable() override { return sqlite3_get_autocommit(connection_.get()) != 0; }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

  Connection(sqlite3* connection, Access access) : connection_(connection), access_(access) {}
  Result<sqlite3_stmt*> prepared(const sql::Query& query);
  Result<std::vector<std::uint64_t>> run_each(std::span<const sql::Statement> statements);
  Error error_of(std::string_view operation) const;
  void start_clock() { deadline_ = std::chrono::steady_clock::now() + limit_; }
  static int is_late(void* self);

  std::unique_ptr<sqlite3, Close> connection_;
  std::unordered_map<std::string_view, Prepared> statements_;
  const Access access_;
  std::chrono::milliseconds limit_{};
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace osler::cases::sqlite
