#include "http/middleware/rate_limit.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace osler::http {

RateLimiter::RateLimiter(double per_minute, std::size_t max_clients, const Clock& clock)
    : capacity_(per_minute), tokens_per_second_(per_minute / 60), max_clients_(max_clients), clock_(clock) {
  CHECK(per_minute >= 1 && max_clients >= 1);
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

std::optional<std::chrono::seconds> RateLimiter::take(std::string_view client) {
  const SteadyTime now = clock_.steady_now();
  Bucket& bucket = bucket_of(client, now);
  const double elapsed = std::max(0.0, std::chrono::duration<double>(now - bucket.filled_at).count());
  bucket.tokens = std::min(capacity_, bucket.tokens + elapsed * tokens_per_second_);
  bucket.filled_at = now;
  // A hair below one: sixty refills of 1/60 s need not add up to exactly one in binary.
  if (bucket.tokens >= 1 - 1e-9) {
    bucket.tokens = std::max(0.0, bucket.tokens - 1);
    return std::nullopt;
  }
  const double wait = std::ceil((1 - bucket.tokens) / tokens_per_second_ - 1e-6);
  return std::chrono::seconds(std::max(1LL, static_cast<long long>(wait)));
}

}  // namespace osler::http
