#include "neural/batch_scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <future>
#include <string>

#include "../http/manual_clock.h"
#include "../random_seed.h"

namespace osler::neural {
namespace {

using http::testing::ManualClock;
using Names = std::vector<std::string>;

constexpr std::chrono::minutes kLongEnough{2};  // for what happens at once when all is well
constexpr std::size_t kShort = 10, kLong = 100;

/// What became of the jobs of a scheduler. Thread-safe.
class Diary {
 public:
  void run(Names batch) {
    const std::lock_guard lock(mutex_);
    batches_.push_back(std::move(batch));
    threads_.push_back(std::this_thread::get_id());
    changed_.notify_all();
  }
  void drop(std::string job) {
    const std::lock_guard lock(mutex_);
    dropped_.push_back(std::move(job));
    changed_.notify_all();
  }
  std::vector<Names> batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  std::vector<std::thread::id> threads() const {
    const std::lock_guard lock(mutex_);
    return threads_;
  }
  Names dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }
  bool wait_for_batches(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLongEnough, [&] { return batches_.size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Names> batches_;
  std::vector<std::thread::id> threads_;
  Names dropped_;
};

/// A scheduler whose clock stands still until a test moves it: what waits is not due by time.
struct Scheduling : testing::Test {
  void limit(BatchLimits limits) {
    scheduler.reset();
    scheduler.emplace(limits, clock, [this](Names batch) { diary.run(std::move(batch)); }, [this](std::string job) { diary.drop(std::move(job)); });
  }
  void SetUp() override { limit({}); }

  bool submit_one_of_many(std::string job, std::size_t length = kShort, std::function<bool()> gone = {}) {
    return scheduler->submit(job, length, true, std::move(gone));
  }
  bool submit_alone(std::string job, std::size_t length = kShort, std::function<bool()> gone = {}) {
    return scheduler->submit(job, length, false, std::move(gone));
  }

  ManualClock clock;
  Diary diary;
  std::optional<BatchScheduler<std::string>> scheduler;
};

TEST_F(Scheduling, ALoneRequestRunsAtOnceOnTheThreadThatBringsIt) {
  EXPECT_TRUE(submit_alone("a"));
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a"}}));
  EXPECT_EQ(diary.threads().at(0), std::this_thread::get_id());
  EXPECT_EQ(scheduler->waiting(), 0u);
}

TEST_F(Scheduling, WhoComesWhileOthersWaitLeavesItsRequestToTheNext) {
  EXPECT_TRUE(submit_one_of_many("a"));
  EXPECT_TRUE(submit_one_of_many("b"));
  EXPECT_EQ(scheduler->waiting(), 2u);
  EXPECT_TRUE(diary.batches().empty());
  EXPECT_TRUE(submit_alone("c"));
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a", "b", "c"}}));
  EXPECT_EQ(diary.threads().at(0), std::this_thread::get_id());
}

TEST_F(Scheduling, ABatchHoldsRequestsOfLikeLength) {
  submit_one_of_many("short", 9);
  submit_one_of_many("long", 100);
  submit_one_of_many("short too", 15);
  submit_one_of_many("longer", 127);
  submit_alone("shorter", 8);
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"short", "short too", "shorter"}, {"long", "longer"}}));
}

TEST_F(Scheduling, TheOldestGoesFirstWhateverItsLength) {
  submit_one_of_many("long", kLong);
  submit_one_of_many("short", kShort);
  submit_one_of_many("long too", kLong);
  submit_alone("short too", kShort);
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"long", "long too"}, {"short", "short too"}}));
}

TEST_F(Scheduling, EnoughForABatchIsRunAtOnce) {
  limit({.most_requests = 3, .most_tokens = 4096, .most_waiting = 256, .longest_wait = std::chrono::milliseconds(2)});
  submit_one_of_many("a");
  submit_one_of_many("b");
  EXPECT_EQ(scheduler->waiting(), 2u);
  submit_one_of_many("c");
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a", "b", "c"}}));
}

TEST_F(Scheduling, WhatTheBatchHasNoPlaceForWaitsOn) {
  limit({.most_requests = 3, .most_tokens = 4096, .most_waiting = 256, .longest_wait = std::chrono::milliseconds(2)});
  submit_one_of_many("a", kShort);
  submit_one_of_many("b", kLong);
  submit_one_of_many("c", kShort);
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a", "c"}}));
  EXPECT_EQ(scheduler->waiting(), 1u);
}

TEST_F(Scheduling, ABatchHoldsNoMoreTokensThanItMay) {
  limit({.most_requests = 16, .most_tokens = 25, .most_waiting = 256, .longest_wait = std::chrono::milliseconds(2)});
  for (const char* job : {"a", "b", "c"}) submit_one_of_many(job, kShort);
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a", "b"}}));
  EXPECT_EQ(scheduler->waiting(), 1u);
}

TEST_F(Scheduling, ARequestOfMoreTokensThanABatchMayHoldIsABatchOfItsOwn) {
  limit({.most_requests = 16, .most_tokens = 25, .most_waiting = 256, .longest_wait = std::chrono::milliseconds(2)});
  submit_one_of_many("a", kLong);
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a"}}));
}

TEST_F(Scheduling, WhenTooManyWaitARequestIsNotTaken) {
  limit({.most_requests = 16, .most_tokens = 4096, .most_waiting = 2, .longest_wait = std::chrono::milliseconds(2)});
  EXPECT_TRUE(submit_one_of_many("a"));
  EXPECT_TRUE(submit_one_of_many("b"));
  std::string job = "c";
  EXPECT_FALSE(scheduler->submit(job, kShort, true));
  EXPECT_FALSE(scheduler->submit(job, kShort, false));
  EXPECT_EQ(job, "c") << "still the caller's";
  EXPECT_EQ(scheduler->waiting(), 2u);
  scheduler->finish();
  EXPECT_TRUE(submit_alone("d"));
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a", "b"}, {"d"}}));
}

TEST_F(Scheduling, ARequestWhoseClientHasGoneIsDroppedAndTheOthersRun) {
  const auto gone = [] { return true; };
  const auto there = [] { return false; };
  submit_one_of_many("a", kShort, gone);
  submit_one_of_many("b", kShort, there);
  submit_alone("c");
  EXPECT_EQ(diary.dropped(), Names{"a"});
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"b", "c"}}));
}

TEST_F(Scheduling, WhereEveryClientHasGoneNothingRuns) {
  submit_one_of_many("a", kShort, [] { return true; });
  submit_alone("b", kShort, [] { return true; });
  EXPECT_EQ(diary.dropped(), (Names{"a", "b"}));
  EXPECT_TRUE(diary.batches().empty());
}

TEST_F(Scheduling, WhoLeavesWhileItsRequestWaitsIsDropped) {
  std::atomic<bool> gone = false;
  submit_one_of_many("a", kShort, [&] { return gone.load(); });
  gone = true;
  submit_alone("b");
  EXPECT_EQ(diary.dropped(), Names{"a"});
}

TEST_F(Scheduling, OneLeftWaitingIsRunWithoutAnyoneElseComing) {
  submit_one_of_many("a");
  clock.advance(std::chrono::milliseconds(2));
  ASSERT_TRUE(diary.wait_for_batches(1));
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a"}}));
  EXPECT_NE(diary.threads().at(0), std::this_thread::get_id());
}

TEST_F(Scheduling, TheEndFinishesWhatWaits) {
  submit_one_of_many("a", kShort);
  submit_one_of_many("b", kLong);
  submit_one_of_many("c", kShort, [] { return true; });
  scheduler.reset();
  EXPECT_EQ(diary.batches(), (std::vector<Names>{{"a"}, {"b"}}));
  EXPECT_EQ(diary.dropped(), Names{"c"});
}

/// The first looks say the start, all later ones an hour after it.
class JumpingClock final : public Clock {
 public:
  explicit JumpingClock(int looks_before) : left_(looks_before) {}
  WallTime now() const override { return {}; }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::hours(left_-- > 0 ? 1 : 2)); }

 private:
  mutable std::atomic<int> left_;
};

// The wait counts from when the request came, not from when the scheduler's thread noticed it: else it might be held twice as long.
TEST(BatchScheduler, OneThatHasWaitedLongEnoughIsNotHeldAnyLonger) {
  const JumpingClock clock(2);  // looked at by submit() twice
  Diary diary;
  BatchScheduler<std::string> scheduler({.most_requests = 16, .most_tokens = 4096, .most_waiting = 256, .longest_wait = std::chrono::hours(1)}, clock,
                                        [&](Names batch) { diary.run(std::move(batch)); }, [](std::string) {});
  std::string job = "a";
  scheduler.submit(job, kShort, true);
  EXPECT_TRUE(diary.wait_for_batches(1));
}

TEST(BatchScheduler, FinishWaitsForTheBatchThatRuns) {
  constexpr std::chrono::milliseconds kTimeToReturnTooEarly{100};
  const ManualClock clock;
  std::promise<void> started, returned;
  std::future<void> has_returned = returned.get_future();
  std::atomic<bool> too_early = false;
  BatchScheduler<std::string> scheduler({}, clock, [&](const Names&) {
    started.set_value();
    too_early = has_returned.wait_for(kTimeToReturnTooEarly) == std::future_status::ready;
  }, [](const std::string&) {});
  std::thread other([&] {
    std::string job = "a";
    scheduler.submit(job, kShort, false);
  });
  started.get_future().wait();
  scheduler.finish();
  returned.set_value();
  other.join();
  EXPECT_FALSE(too_early);
}

TEST(BatchScheduler, WhatRunsMaySubmitMore) {
  const ManualClock clock;
  Names ran;
  BatchScheduler<std::string>* again = nullptr;
  BatchScheduler<std::string> scheduler({}, clock, [&](Names batch) {
    ran.push_back(batch.at(0));
    std::string more = "b";
    if (batch.at(0) == "a") again->submit(more, kShort, false);
  }, [](std::string) {});
  again = &scheduler;
  std::string job = "a";
  scheduler.submit(job, kShort, false);
  EXPECT_EQ(ran, (Names{"a", "b"}));
}

/// How often each of some numbered jobs was finished.
class Tally {
 public:
  explicit Tally(std::size_t jobs) : finished_(jobs) {}
  void finish(std::size_t job) { ++finished_.at(job); }
  int at(std::size_t job) const { return finished_.at(job).load(); }
  std::size_t total() const {
    std::size_t sum = 0;
    for (const auto& one : finished_) sum += static_cast<std::size_t>(one.load());
    return sum;
  }

 private:
  std::vector<std::atomic<int>> finished_;
};

TEST(BatchScheduler, UnderManyThreadsEachJobIsFinishedExactlyOnce) {
  constexpr std::size_t kThreads = 8, kJobs = 2000;
  const BatchLimits limits{.most_requests = 4, .most_tokens = 300, .most_waiting = 6, .longest_wait = std::chrono::microseconds(200)};
  const unsigned seed = fresh_seed();
  const SystemClock clock;
  Tally tally(kThreads * kJobs);
  std::atomic<std::size_t> faults = 0, refused = 0;
  {
    BatchScheduler<std::size_t> scheduler(limits, clock, [&](std::vector<std::size_t> batch) {
      faults += batch.empty() || batch.size() > limits.most_requests;
      for (const std::size_t job : batch) tally.finish(job);
    }, [&](std::size_t job) { tally.finish(job); });
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        std::mt19937 random(seed + static_cast<unsigned>(t));
        for (std::size_t i = 0; i < kJobs; ++i) {
          std::size_t job = t * kJobs + i;
          const bool is_gone = random() % 10 == 0;
          if (scheduler.submit(job, 1 + random() % 200, random() % 4 != 0, [is_gone] { return is_gone; })) continue;
          ++refused;
          tally.finish(t * kJobs + i);
        }
      });
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(faults, 0u);
  for (std::size_t job = 0; job < kThreads * kJobs; ++job) ASSERT_EQ(tally.at(job), 1) << "job " << job << ", seed " << seed;
  EXPECT_LT(refused.load(), kThreads * kJobs);
}

// A request that fills a batch by itself, and another that comes before it is taken: nobody else comes, and both must be run.
TEST(BatchScheduler, NobodyIsForgottenBesideOneThatIsRunAtOnce) {
  constexpr int kRounds = 1500;
  const SystemClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  int finished = 0;
  BatchScheduler<int> scheduler({.most_requests = 16, .most_tokens = kLong, .most_waiting = 256, .longest_wait = std::chrono::microseconds(100)}, clock,
                                [&](const std::vector<int>& batch) {
    const std::lock_guard lock(mutex);
    finished += static_cast<int>(batch.size());
    changed.notify_all();
  }, [](int) {});
  std::barrier together(2);
  bool all_came = true;
  const auto side = [&](std::size_t length) {
    for (int round = 1; round <= kRounds; ++round) {
      together.arrive_and_wait();
      int job = round;
      scheduler.submit(job, length, true);
      std::unique_lock lock(mutex);
      all_came = changed.wait_for(lock, kLongEnough, [&] { return finished >= 2 * round; }) && all_came;
      if (!all_came) return together.arrive_and_drop();
    }
  };
  std::thread other([&] { side(1); });
  side(kLong);
  other.join();
  EXPECT_TRUE(all_came);
  EXPECT_EQ(finished, 2 * kRounds);
}

}  // namespace
}  // namespace osler::neural
