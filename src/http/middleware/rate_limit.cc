#include "http/middleware/rate_limit.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace osler::http {

RateLimiter::RateLimiter(Rate rate, std::size_t max_clients, const Clock& clock)
    : capacity_(rate.burst), tokens_per_second_(rate.per_minute / 60), max_clients_(max_clients), clock_(clock) {
  CHECK(rate.burst >= 1 && rate.per_minute > 0 && max_clients >= 1);
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::string_view client, SteadyTime now) {
  const auto known = buckets_.find(std::string(client));
  if (known != buckets_.end()) {
    by_age_.splice(by_age_.end(), by_age_, known->second.place);
    return known->second;
  }
  if (buckets_.size() >= max_clients_) {
    buckets_.erase(by_age_.front());
    by_age_.pop_front();
  }
  const auto place = by_age_.insert(by_age_.end(), std::string(client));
  return buckets_.emplace(client, Bucket{capacity_, now, place}).first->second;
}

double RateLimiter::tokens_in(const Bucket& bucket, SteadyTime now) const {
  const double elapsed = std::max(0.0, std::chrono::duration<double>(now - bucket.filled_at).count());
  return std::min(capacity_, bucket.tokens + elapsed * tokens_per_second_);
}

std::optional<std::chrono::seconds> RateLimiter::wait_for(double tokens) const {
  // A hair below one: sixty refills of 1/60 s need not add up to exactly one in binary.
  if (tokens >= 1 - 1e-9) return std::nullopt;
  const double wait = std::ceil((1 - tokens) / tokens_per_second_ - 1e-6);
  return std::chrono::seconds(std::max(1LL, static_cast<long long>(wait)));
}

std::optional<std::chrono::seconds> RateLimiter::take(std::string_view client) {
  const SteadyTime now = clock_.steady_now();
  Bucket& bucket = bucket_of(client, now);
  bucket.tokens = tokens_in(bucket, now);
  bucket.filled_at = now;
  const auto wait = wait_for(bucket.tokens);
  if (!wait) bucket.tokens = std::max(0.0, bucket.tokens - 1);
  return wait;
}

std::optional<std::chrono::seconds> RateLimiter::wait_of(std::string_view client) const {
  const auto known = buckets_.find(std::string(client));
  return known == buckets_.end() ? std::nullopt : wait_for(tokens_in(known->second, clock_.steady_now()));
}

}  // namespace osler::http
