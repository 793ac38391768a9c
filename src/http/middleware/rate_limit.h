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

/// How long a client must wait before it is let in; 0: it is let in now.
struct RateVerdict {
  std::chrono::seconds wait{0};
};

/// A client may do something `burst` times at once and then `per_minute` times a minute. Not thread-safe.
class RateLimiter {
 public:
  struct Rate {
    double burst, per_minute;
  };
  /// `clock` outlives the limiter. The burst and `max_clients` are at least 1, the rate is above 0.
  RateLimiter(Rate rate, std::size_t max_clients, const Clock& clock);
  /// With a burst of a minute's worth.
  RateLimiter(double per_minute, std::size_t max_clients, const Clock& clock) : RateLimiter(Rate{per_minute, per_minute}, max_clients, clock) {}

  /// Takes one token. None: go ahead; else the whole seconds (at least 1) after which there is one again.
  std::optional<std::chrono::seconds> take(std::string_view client);

  /// What take() would answer now; takes nothing and remembers nobody.
  std::optional<std::chrono::seconds> wait_of(std::string_view client) const;

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
  double tokens_in(const Bucket& bucket, SteadyTime now) const;
  std::optional<std::chrono::seconds> wait_for(double tokens) const;

  double capacity_;
  double tokens_per_second_;
  std::size_t max_clients_;
  const Clock& clock_;
  std::list<std::string> by_age_;  // heard of longest ago first
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace osler::http
