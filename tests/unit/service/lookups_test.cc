// Threads that wait for the store: service/lookups.h.
#include "service/lookups.h"

#include <gtest/gtest.h>

#include <future>

namespace osler::service {
namespace {

constexpr std::chrono::milliseconds kSoon{10};
constexpr std::chrono::hours kNever{1};

TEST(Lookups, GiveWhatTheWorkGives) {
  Lookups lookups(2);
  for (int i = 0; i < 100; ++i) {
    std::promise<Result<int>> promise;
    lookups.run<int>([i]() -> Result<int> { return i * i; }, kNever, [&](Result<int> result) { promise.set_value(std::move(result)); });
    EXPECT_EQ(promise.get_future().get().value(), i * i);
  }
}

TEST(Lookups, WorkThatIsLateIsAnsweredForAndGoesOnUnheard) {
  std::promise<void> release, ended;
  int answers = 0;
  {
    Lookups lookups(1);
    std::promise<Result<int>> promise;
    lookups.run<int>(
        [&]() -> Result<int> {
          release.get_future().wait();
          ended.set_value();
          return 1;
        },
        kSoon,
        [&](Result<int> result) {
          ++answers;
          promise.set_value(std::move(result));
        });
    EXPECT_EQ(promise.get_future().get().error().code, ErrorCode::timeout);
    release.set_value();
    ended.get_future().wait();
  }
  EXPECT_EQ(answers, 1);
}

TEST(Lookups, AnAlarmAfterALongTimeWithoutAnyIsHeard) {
  Lookups lookups(1);
  for (int i = 0; i < 20; ++i) {  // each but the first finds a watcher that waits for the first alarm there is
    std::promise<void> release;
    std::promise<Result<int>> promise;
    lookups.run<int>(
        [&]() -> Result<int> {
          release.get_future().wait();
          return 1;
        },
        std::chrono::milliseconds(1), [&](Result<int> result) { promise.set_value(std::move(result)); });
    EXPECT_EQ(promise.get_future().get().error().code, ErrorCode::timeout) << i;
    release.set_value();
    std::promise<void> done;  // the work holds references to this round
    ASSERT_TRUE(lookups.submit([&] { done.set_value(); }));
    done.get_future().wait();
  }
}

TEST(Lookups, WhatWaitsPastItsTimeIsNeverBegun) {
  std::promise<void> release, answered;
  bool begun = false;
  {
    Lookups lookups(1);
    ASSERT_TRUE(lookups.submit([&] { release.get_future().wait(); }));
    lookups.run<int>([&]() -> Result<int> { return begun = true; }, kSoon, [&](Result<int> result) {
      EXPECT_EQ(result.error().code, ErrorCode::timeout);
      answered.set_value();
    });
    answered.get_future().wait();
    release.set_value();
  }
  EXPECT_FALSE(begun);
}

TEST(Lookups, AFullQueueIsRefusedAtOnce) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::promise<void> begun;
  Lookups lookups(1, 2);
  ASSERT_TRUE(lookups.submit([&] {
    begun.set_value();
    released.wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(lookups.submit([] {}));
  EXPECT_TRUE(lookups.submit([] {}));
  EXPECT_FALSE(lookups.submit([] {}));
  bool refused = false;
  lookups.run<int>([]() -> Result<int> { return 1; }, kNever, [&](Result<int> result) { refused = result.error().code == ErrorCode::overloaded; });
  EXPECT_TRUE(refused) << "on this thread, before run() returns";
  release.set_value();
}

TEST(Lookups, WhatWaitsIsDoneBeforeTheyEnd) {
  int done = 0;
  {
    Lookups lookups(1);
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(lookups.submit([&] { ++done; }));
  }
  EXPECT_EQ(done, 50);
}

TEST(Lookups, WhatTheCallerHeldIsLetGoWithTheAnswer) {
  Lookups lookups(1);
  auto held = std::make_shared<int>(7);
  const std::weak_ptr<int> watched = held;
  std::promise<void> answered;
  lookups.run<int>([]() -> Result<int> { return 1; }, kNever, [held = std::move(held), &answered](Result<int>) { answered.set_value(); });
  answered.get_future().wait();
  std::promise<void> after;  // the only thread is past the answer once it does this
  ASSERT_TRUE(lookups.submit([&] { after.set_value(); }));
  after.get_future().wait();
  EXPECT_TRUE(watched.expired()) << "although its alarm is still set";
}

}  // namespace
}  // namespace osler::service
