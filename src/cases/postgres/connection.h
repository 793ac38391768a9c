// The driver of PostgreSQL, over libpq.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "cases/postgres/address.h"
#include "cases/sql/connection.h"

namespace osler::cases::postgres {

/// A session. Every exchange is one pipeline. When for a statement's time limit and a second no byte goes either way, the session is given up, so that
/// neither a server nor a network that hangs holds a thread.
class Connection final : public sql::Connection {
 public:
  /// The address must have passed check_address().
  static Result<std::unique_ptr<Connection>> open(const std::string& url, const Timeouts& timeouts);

  sql::Dialect dialect() const override { return sql::Dialect::postgres; }
  Result<sql::Rows> run_with(const sql::Query& query, std::span<const sql::Value> values) override;
  Result<std::vector<std::uint64_t>> run_all(std::span<const sql::Statement> statements) override;
  Result<void> script(const char* sql) override;
  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  Result<void> set_time_limit(std::chrono::milliseconds limit) override;
  bool usable() override;

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;
  /// What the server was sent and owes an answer to.
  struct Owed {
    const sql::Query* query;
    bool is_preparation;
  };

  explicit Connection(PGconn* connection) : connection_(connection) {}
  Result<void> start_session();
  Result<void> send(const sql::Query& query, std::span<const sql::Value> values, std::vector<Owed>& owed);
  Result<std::vector<Answer>> receive(const std::vector<Owed>& owed);
  Result<std::vector<Answer>> exchange(std::span<const sql::Statement> statements);
  /// The next answer, in time; null where a command's answers end.
  Result<Answer> next_answer();
  bool wait_for_server();
  Error lost(std::string_view operation);
  void start_clock();

  std::unique_ptr<PGconn, Finish> connection_;
  std::unordered_set<std::string_view> prepared_;
  std::chrono::milliseconds limit_{};
  std::chrono::steady_clock::time_point deadline_;
  bool broken_ = false;
};

}  // namespace osler::cases::postgres
