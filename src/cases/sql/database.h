// A database as the store sees it: who writes and who reads.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "cases/sql/pool.h"

namespace osler::cases::sql {

/// Thread-safe.
class Database {
 public:
  /// Without readers of their own, the writers read.
  Database(Dialect dialect, std::unique_ptr<Pool> writers, std::unique_ptr<Pool> readers = nullptr)
      : dialect_(dialect), writers_(std::move(writers)), readers_(std::move(readers)) {}

  Dialect dialect() const { return dialect_; }

  Result<Loan> writer() { return writers_->lend(); }
  Result<Loan> reader() { return readers_ ? readers_->lend() : writers_->lend(); }

  /// `work(Connection&)` on a connection for reading; once more on another when the first was lost at once, since reading twice harms nobody. What hung would
  /// hang again.
  template <typename Work>
  std::invoke_result_t<Work, Connection&> read(Work work) {
    {
      const Loan loan = TRY(reader());
      const auto begin = std::chrono::steady_clock::now();
      auto outcome = work(*loan);
      if (outcome || loan->usable() || std::chrono::steady_clock::now() - begin > kAtOnce) return outcome;
    }
    const Loan loan = TRY(reader());
    return work(*loan);
  }

  /// `work(Connection&)` on a connection for writing.
  template <typename Work>
  std::invoke_result_t<Work, Connection&> write(Work work) {
    const Loan loan = TRY(writer());
    return work(*loan);
  }

  /// Readers first: the last connection empties SQLite's write-ahead log into the file, which a reader may not.
  void close() {
    if (readers_) readers_->close();
    writers_->close();
  }

 private:
  static constexpr std::chrono::seconds kAtOnce{1};
  const Dialect dialect_;
  const std::unique_ptr<Pool> writers_, readers_;
};

}  // namespace osler::cases::sql
