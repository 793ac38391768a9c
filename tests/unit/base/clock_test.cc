#include "base/clock.h"

namespace osler {

TEST(Clock, WritesRfc3339WithMilliseconds) {
  EXPECT_EQ(to_rfc3339(WallTime(std::chrono::milliseconds(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(WallTime(std::chrono::milliseconds(1'000'000'000'123))), "2001-09-09T01:46:40.123Z");
  EXPECT_EQ(to_rfc3339(WallTime(std::chrono::milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, SteadyTimeNeverGoesBack) {
  const SystemClock clock;
  const SteadyTime first = clock.steady_now();
  EXPECT_LE(first, clock.steady_now());
}

}  // namespace osler
