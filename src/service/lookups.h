// Work that waits for the store, on threads of its own: the workers, one a core, never wait.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace osler::service {

/// Thread-safe.
class Lookups {
 public:
  explicit Lookups(std::size_t threads, std::size_t queue_limit = limits::kMaxQueuedRequests);
  /// Does what waits, then ends. Nobody may submit meanwhile but that work itself.
  ~Lookups();
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  /// False when too much waits: nothing was taken then. `work` must not throw.
  bool submit(std::function<void()> work);

  /// Calls `done` exactly once: with what `work` gives, or with ErrorCode::timeout when that takes longer than `patience` from now, waiting included, or with
  /// ErrorCode::overloaded at once on the calling thread. Work that is late goes on to its end, and nobody hears of it.
  template <typename T>
  void run(std::function<Result<T>()> work, std::chrono::milliseconds patience, std::function<void(Result<T>)> done) {
    struct Call {
      std::function<Result<T>()> work;
      std::function<void(Result<T>)> done;
      std::atomic<bool> answered{false};
      void answer(Result<T> result) {
        if (answered.exchange(true)) return;
        const auto caller = std::exchange(done, nullptr);  // what it holds must not live as long as the alarm
        caller(std::move(result));
      }
    };
    auto call = std::make_shared<Call>();
    call->work = std::move(work);
    call->done = std::move(done);
    const auto late = std::chrono::steady_clock::now() + patience;
    const bool taken = submit([call] {
      if (!call->answered) call->answer(call->work());
    });
    if (!taken) return call->answer(make_error(ErrorCode::overloaded, "Too many lookups wait."));
    at(late, [call] { call->answer(make_error(ErrorCode::timeout, "The lookup took too long.")); });
  }

 private:
  void work();
  void watch();
  void at(std::chrono::steady_clock::time_point when, std::function<void()> alarm);

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::function<void()>> queue_;  // first come, first served; short
  bool stopping_ = false;

  std::mutex alarm_mutex_;
  std::condition_variable alarm_wake_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> alarms_;
  bool alarms_end_ = false;

  std::vector<std::thread> threads_;
  std::thread watcher_;
};

}  // namespace osler::service
