// A token bucket for each client that all replicas share, in Valkey or Redis.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "http/middleware/rate_limit.h"
#include "http/middleware/redis_link.h"

namespace osler::http {

/// Thread-safe. A thread of its own gathers what waits and sends it at once; each answer comes within `patience` of being sent. When
/// the server fails or is late, everything that waits is told so at once, and so is whoever comes later, until the thread has found the server again.
class SharedRateLimit {
 public:
  struct Settings {
    RedisAddress address;
    unsigned per_minute = 60;  // and as many at once
    /// What a client is called there: a keyed hash, the same in every replica. Called on the caller's thread.
    std::function<std::string(std::string_view client)> name_of;
    std::chrono::milliseconds patience = limits::kSharedRateLimitPatience;
  };
  /// Nothing: the server is away, and this replica must decide alone.
  using Answer = std::function<void(std::optional<RateVerdict>)>;
  /// Told whenever it begins or ceases to be shared, on its thread.
  using Observer = std::function<void(bool shared)>;

  /// Connects once before it returns; a server that is away is tried again and again.
  SharedRateLimit(Settings settings, Logger logger, Observer observer = {});
  /// Answers all that waits.
  ~SharedRateLimit();
  SharedRateLimit(const SharedRateLimit&) = delete;
  SharedRateLimit& operator=(const SharedRateLimit&) = delete;

  /// Takes one token. `answer` is called exactly once: on the limiter's thread, or at once on this one. Never waits.
  void take(std::string_view client, Answer answer);

  bool shared() const { return shared_; }

 private:
  struct Waiting {
    std::string name;
    Answer answer;
  };

  void run();
  Result<void> join();
  void serve(std::vector<Waiting> batch);
  Result<std::vector<RateVerdict>> ask(const std::vector<Waiting>& batch);
  RedisCommand take_command(const std::string& name) const;
  void begin();
  void give_up(std::vector<Waiting> batch, const Error& error);

  const Settings settings_;
  const Logger logger_;
  const Observer observer_;
  std::unique_ptr<RedisLink> link_;  // on the thread only
  std::string script_id_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> queue_;
  std::atomic<bool> shared_{false};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace osler::http
