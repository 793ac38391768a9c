#include "http/middleware/rate_limit.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/limits.h"
#include "manual_clock.h"

namespace osler::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ManualClock;

TEST(RateLimiter, AllowsAMinutesWorthThenOneASecond) {
  ManualClock clock;
  RateLimiter limiter(60, 10, clock);
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(limiter.take("a")) << i;
  EXPECT_EQ(limiter.take("a"), seconds(1));
  clock.advance(milliseconds(999));
  EXPECT_EQ(limiter.take("a"), seconds(1));
  clock.advance(milliseconds(1));
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_TRUE(limiter.take("a"));
}

TEST(RateLimiter, WaitingTheToldTimeIsEnoughAndOneSecondLessIsNot) {
  ManualClock clock;
  RateLimiter limiter(7, 10, clock);
  for (int i = 0; i < 7; ++i) ASSERT_FALSE(limiter.take("a"));
  for (int i = 0; i < 20; ++i) {
    const auto wait = limiter.take("a");
    ASSERT_TRUE(wait);
    clock.advance(*wait - seconds(1));
    ASSERT_TRUE(limiter.take("a")) << i;
    clock.advance(seconds(1));
    ASSERT_FALSE(limiter.take("a")) << i;
  }
}

TEST(RateLimiter, ClientsDoNotShare) {
  ManualClock clock;
  RateLimiter limiter(1, 10, clock);
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_FALSE(limiter.take("b"));
  EXPECT_TRUE(limiter.take("a"));
}

TEST(RateLimiter, NeverSavesMoreThanAMinutesWorth) {
  ManualClock clock;
  RateLimiter limiter(5, 10, clock);
  EXPECT_FALSE(limiter.take("a"));
  clock.advance(std::chrono::hours(24));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.take("a")) << i;
  EXPECT_TRUE(limiter.take("a"));
}

TEST(RateLimiter, MemoryIsBoundedHoweverManyClients) {
  ManualClock clock;
  RateLimiter limiter(1, limits::kMaxRateLimitClients, clock);
  for (std::size_t i = 0; i < limits::kMaxRateLimitClients + 5000; ++i) limiter.take("client " + std::to_string(i));
  EXPECT_EQ(limiter.clients(), limits::kMaxRateLimitClients);
}

TEST(RateLimiter, ABurstMayBeOtherThanAMinutesWorth) {
  ManualClock clock;
  RateLimiter limiter({.burst = 3, .per_minute = 2}, 10, clock);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("a"));
  EXPECT_EQ(limiter.take("a"), seconds(30));
  clock.advance(seconds(30));
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_TRUE(limiter.take("a"));
}

TEST(RateLimiter, AskingForTheWaitTakesNothingAndRemembersNobody) {
  ManualClock clock;
  RateLimiter limiter(1, 10, clock);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.wait_of("a"));
  EXPECT_EQ(limiter.clients(), 0u);
  EXPECT_FALSE(limiter.take("a"));
  EXPECT_EQ(limiter.wait_of("a"), seconds(60));
  clock.advance(seconds(60));
  EXPECT_FALSE(limiter.wait_of("a"));
}

TEST(RateLimiter, ForgetsTheClientHeardOfLongestAgo) {
  ManualClock clock;
  RateLimiter limiter(1, 2, clock);
  EXPECT_FALSE(limiter.take("old"));
  EXPECT_FALSE(limiter.take("busy"));
  EXPECT_TRUE(limiter.take("old"));   // now "busy" is the one heard of longest ago
  EXPECT_FALSE(limiter.take("new"));
  EXPECT_TRUE(limiter.take("old"));
  EXPECT_FALSE(limiter.take("busy"));  // forgotten, so its bucket is full again
}

RC_GTEST_PROP(RateLimiter, NeverGivesMoreThanBurstPlusRefill, ()) {
  ManualClock clock;
  const int per_minute = *rc::gen::inRange(1, 200);
  RateLimiter limiter(per_minute, 5, clock);
  const auto steps = *rc::gen::container<std::vector<int>>(100, rc::gen::inRange(0, 2000));
  int given = 0, elapsed_ms = 0;
  for (const int step : steps) {
    clock.advance(milliseconds(step));
    elapsed_ms += step;
    given += !limiter.take("a");
    RC_ASSERT(given <= per_minute + elapsed_ms * per_minute / 60'000.0 + 1e-6);
  }
}

}  // namespace
}  // namespace osler::http
