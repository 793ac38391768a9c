#include "http/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace osler::http {
namespace {

TEST(WorkerPool, RunsEveryJobItTakes) {
  WorkerPool pool(3, 1000);
  std::atomic<int> runs = 0;
  std::promise<void> all;
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(pool.try_submit([&] {
      if (++runs == 100) all.set_value();
    }));
  all.get_future().wait();
  EXPECT_EQ(runs, 100);
}

TEST(WorkerPool, RefusesAtOnceWhenTheQueueIsFull) {
  WorkerPool pool(1, 2);
  std::promise<void> started, finish;
  auto wait = finish.get_future().share();
  ASSERT_TRUE(pool.try_submit([&started, wait] {
    started.set_value();
    wait.wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.try_submit([] {}));
  EXPECT_TRUE(pool.try_submit([] {}));
  EXPECT_EQ(pool.queued(), 2u);
  EXPECT_FALSE(pool.try_submit([] {}));
  finish.set_value();
}

TEST(WorkerPool, StopWaitsForWhatRunsAndDropsWhatWaits) {
  WorkerPool pool(1, 10);
  std::promise<void> started, finish;
  std::atomic<bool> finished = false, dropped_ran = false;
  auto kept = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = kept;
  ASSERT_TRUE(pool.try_submit([&, wait = finish.get_future().share()] {
    started.set_value();
    wait.wait();
    finished = true;
  }));
  started.get_future().wait();
  ASSERT_TRUE(pool.try_submit([&, kept = std::move(kept)] { dropped_ran = true; }));
  std::thread stopper([&] { pool.stop(); });
  finish.set_value();
  stopper.join();
  EXPECT_TRUE(finished);
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(pool.try_submit([] {}));
  pool.stop();
}

TEST(WorkerPool, NoNumberMeansOneACore) { EXPECT_GE(WorkerPool(0, 1).threads(), 1u); }

}  // namespace
}  // namespace osler::http
