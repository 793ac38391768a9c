// A clock that stands still until a test moves it.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace osler::http::testing {

class ManualClock final : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::milliseconds(1'700'000'000'000) + elapsed()); }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::hours(1)) + elapsed(); }
  void advance(std::chrono::milliseconds by) { elapsed_ms_ += by.count(); }

 private:
  std::chrono::milliseconds elapsed() const { return std::chrono::milliseconds(elapsed_ms_.load()); }
  std::atomic<long long> elapsed_ms_ = 0;
};

}  // namespace osler::http::testing
