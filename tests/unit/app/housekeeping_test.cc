#include "app/housekeeping.h"

#include <gtest/gtest.h>

#include <future>

namespace osler::app {
namespace {

TEST(Housekeeping, DoesEachTaskAgainAndAgainAlsoAfterAnError) {
  std::promise<void> often, failing;
  int successes = 0, failures = 0;
  const Housekeeping housekeeping({{"often", std::chrono::milliseconds(1),
                                    [&]() -> Result<void> {
                                      if (++successes == 5) often.set_value();
                                      return ok();
                                    }},
                                   {"failing", std::chrono::milliseconds(1),
                                    [&]() -> Result<void> {
                                      if (++failures == 5) failing.set_value();
                                      return make_error(ErrorCode::unavailable, "not now");
                                    }}},
                                  Logger(LogLevel::error));
  often.get_future().wait();
  failing.get_future().wait();
}

TEST(Housekeeping, EndsWithoutWaitingForWhatIsDueLater) {
  int done = 0;
  { const Housekeeping housekeeping({{"later", std::chrono::hours(24), [&]() -> Result<void> { ++done; return ok(); }}}, Logger(LogLevel::error)); }
  EXPECT_EQ(done, 0);
}

TEST(Housekeeping, DoesWhatIsDueAtOnceBeforeItsInterval) {
  std::promise<void> done;
  const Housekeeping housekeeping({{"first", std::chrono::hours(24), [&]() -> Result<void> { done.set_value(); return ok(); }, true}}, Logger(LogLevel::error));
  done.get_future().wait();
}

TEST(Housekeeping, OfNothingIsNothing) { const Housekeeping housekeeping({}, Logger(LogLevel::error)); }

struct SetClock final : Clock {
  WallTime now() const override { return WallTime(std::chrono::hours(500'000)) + wall; }
  SteadyTime steady_now() const override { return SteadyTime{} + steady; }
  std::chrono::hours wall{0}, steady{0};
};

TEST(ClockWatch, TellsAClockThatWasSetForwardFromTimeThatWentBy) {
  SetClock clock;
  const ClockWatch watch(clock);
  clock.wall = clock.steady = std::chrono::hours(24 * 365);
  EXPECT_TRUE(watch.require_no_jump());
  clock.wall -= std::chrono::hours(100);
  EXPECT_TRUE(watch.require_no_jump()) << "backwards, nothing is too old too soon";
  clock.wall = clock.steady + std::chrono::hours(24);
  EXPECT_TRUE(watch.require_no_jump());
  clock.wall += std::chrono::hours(1);
  EXPECT_EQ(watch.require_no_jump().error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace osler::app
