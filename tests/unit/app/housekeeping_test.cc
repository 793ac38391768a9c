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
  const ClockWatch watch(clock, std::nullopt);
  clock.wall = clock.steady = std::chrono::hours(24 * 365);
  EXPECT_TRUE(watch.require_plausible());
  clock.wall -= std::chrono::hours(100);
  EXPECT_TRUE(watch.require_plausible()) << "backwards, nothing is too old too soon";
  clock.wall = clock.steady + std::chrono::hours(24);
  EXPECT_TRUE(watch.require_plausible());
  clock.wall += std::chrono::hours(1);
  EXPECT_EQ(watch.require_plausible().error().code, ErrorCode::unavailable);
}

TEST(ClockWatch, BelievesNoClockThatIsFarAfterWhatWasStoredLast) {
  SetClock clock;
  EXPECT_TRUE(ClockWatch(clock, clock.now() - std::chrono::days(31)).require_plausible());
  EXPECT_TRUE(ClockWatch(clock, clock.now() + std::chrono::days(400)).require_plausible()) << "a clock that is behind removes nothing too soon";
  const ClockWatch watch(clock, clock.now() - std::chrono::days(31) - std::chrono::seconds(1));
  EXPECT_EQ(watch.require_plausible().error().code, ErrorCode::unavailable);
  clock.wall = clock.steady = std::chrono::hours(24 * 60);
  EXPECT_EQ(watch.require_plausible().error().code, ErrorCode::unavailable) << "time alone proves nothing";
}

}  // namespace
}  // namespace osler::app
