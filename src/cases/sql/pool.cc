#include "cases/sql/pool.h"

namespace osler::cases::sql {

Loan::~Loan() {
  if (connection_) pool_->take_back(std::move(connection_));
}

Result<Loan> Pool::lend() {
  {
    std::unique_lock guard(mutex_);
    if (!changed_.wait_for(guard, patience_, [this] { return closed_ || on_loan_ < most_; }))
      return make_error(ErrorCode::unavailable, "The store of records does not answer in time.", "every connection is in use");
    if (closed_) return make_error(ErrorCode::unavailable, "The store of records is closed.");
    ++on_loan_;
    while (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->usable()) return Loan(*this, std::move(connection));
    }
  }
  // Outside the lock: a server that does not answer keeps nobody from a connection that comes back.
  Result<std::unique_ptr<Connection>> connection = open_();
  if (!connection) {
    give_up_place();
    return std::move(connection).error();
  }
  return Loan(*this, std::move(connection).value());
}

void Pool::take_back(std::unique_ptr<Connection> connection) {
  const bool usable = connection->usable();
  {
    const std::lock_guard guard(mutex_);
    --on_loan_;
    if (usable && !closed_) idle_.push_back(std::move(connection));
    changed_.notify_all();  // under the lock: whoever waits in close() may end this pool right after
  }
}

void Pool::give_up_place() {
  const std::lock_guard guard(mutex_);
  --on_loan_;
  changed_.notify_all();
}

void Pool::close() {
  std::unique_lock guard(mutex_);
  closed_ = true;
  changed_.notify_all();
  changed_.wait(guard, [this] { return on_loan_ == 0; });
  idle_.clear();
}

}  // namespace osler::cases::sql
