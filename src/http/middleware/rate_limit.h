// A token bucket for each client, in bounded memory however many clients there are.
#pragma once

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace osler::http {

/// A client may send `per_minute` requests at once and then one every 60 / per_minute seconds. Not thread-safe.
class RateLimiter {
 public:
  /// `clock` outlives the limiter. `per_minute` and `max_clients` are at least 1.
  RateLimiter(double per_minute, std::size_t max_clients, const Clock& clock);

  /// Takes one token. None: go ahead; else the whole seconds (at least 1) after which there is one again.
  std::optional<std::chrono::seconds> take(std::string_view client);

  /// Clients held in memory, at most `max_clients`. Beyond it the one that was heard of longest ago is forgotten: its
  /// bucket is the one that has had the most time to fill.
  std::size_t clients() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens;
    SteadyTime filled_at;
    std::list<std::string>::iterator place;  // in by_age_
  };

  Bucket& bucket_of(std::string_view client, SteadyTime now);

  double capacity_;
  double tokens_per_second_;
  std::size_t max_clients_;
  const Clock& clock_;
  std::list<std::string> by_age_;  // heard of longest ago first
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace osler::http
