// Connections that wait to be used.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "cases/sql/connection.h"

namespace osler::cases::sql {

class Pool;

/// A connection on loan: goes back when this goes.
class Loan {
 public:
  Loan(Loan&&) noexcept = default;
  Loan& operator=(Loan&&) = delete;
  ~Loan();
  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  friend class Pool;
  Loan(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
  Pool* pool_;
  std::unique_ptr<Connection> connection_;
};

/// At most so many connections, opened when they are first needed; one that broke is replaced. Thread-safe; outlives its loans.
class Pool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>()>;
  Pool(Open open, std::size_t most, std::chrono::milliseconds patience) : open_(std::move(open)), most_(most), patience_(patience) {}

  /// Waits at most `patience` while all are on loan. ErrorCode::unavailable then, and after close(); errors as for `open`.
  Result<Loan> lend();
  /// Waits for every loan, then closes all connections.
  void close();

 private:
  friend class Loan;
  void take_back(std::unique_ptr<Connection> connection);
  void give_up_place();

  const Open open_;
  const std::size_t most_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t on_loan_ = 0;
  bool closed_ = false;
};

}  // namespace osler::cases::sql
