// Gathers requests for a model into batches without ever holding a lone one: whoever submits while others wait leaves its request to the
// next one that comes, for at most two milliseconds.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace osler::neural {

struct BatchLimits {
  std::size_t most_requests = 16;                          // of a batch
  std::size_t most_tokens = 4096;                          // of a batch; a longer request is a batch of its own
  std::size_t most_waiting = 256;
  std::chrono::microseconds longest_wait{2000};
};

/// Requests of type Job, each with a length. Thread-safe. Batches run on the threads that submit, or on a thread of the scheduler's own when
/// nobody comes along in time.
template <typename Job>
class BatchScheduler {
 public:
  /// `run` gets a batch, oldest first, and finishes each job; it must not throw. `drop` gets a job whose client has gone.
  using Run = std::function<void(std::vector<Job>)>;
  using Drop = std::function<void(Job)>;

  BatchScheduler(BatchLimits limits, const Clock& clock, Run run, Drop drop)
      : limits_(limits), clock_(clock), run_(std::move(run)), drop_(std::move(drop)), late_([this] { run_late(); }) {}
  BatchScheduler(const BatchScheduler&) = delete;
  BatchScheduler& operator=(const BatchScheduler&) = delete;

  /// Runs what still waits.
  ~BatchScheduler() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    late_.join();
    finish();
  }

  /// `others_wait`: more requests are known to be on their way. False, and the job not taken, when `most_waiting` wait already.
  bool submit(Job& job, std::size_t length, bool others_wait, std::function<bool()> gone = {}) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= limits_.most_waiting) return false;
      waiting_.push_back({std::move(job), length, clock_.steady_now(), std::move(gone)});
      // Told even when this thread will run it: what joins it before it is taken may be left waiting.
      if (others_wait && waiting_.size() == 1) changed_.notify_one();
      if (others_wait && !is_due()) return true;
    }
    while (run_next(!others_wait)) {}
    return true;
  }

  /// Runs what still waits, and returns when no batch runs any more. Nobody may submit meanwhile.
  void finish() {
    while (run_next(true)) {}
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return running_ == 0; });
  }

  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  struct Waiting {
    Job job;
    std::size_t length = 0;
    SteadyTime since;
    std::function<bool()> gone;
  };

  /// Enough for a batch, or somebody waited long enough. With the lock held.
  bool is_due() const {
    if (waiting_.empty()) return false;
    std::size_t tokens = 0;
    for (const Waiting& one : waiting_) tokens += one.length;
    return waiting_.size() >= limits_.most_requests || tokens >= limits_.most_tokens || clock_.steady_now() - waiting_.front().since >= limits_.longest_wait;
  }

  /// Requests within a factor of two of the oldest one's length. With the lock held.
  std::vector<Waiting> take() {
    std::vector<Waiting> batch;
    const auto group = [](std::size_t length) { return std::bit_width(length); };
    const auto wanted = group(waiting_.front().length);
    std::size_t tokens = 0;
    for (auto at = waiting_.begin(); at != waiting_.end() && batch.size() < limits_.most_requests;) {
      const bool fits = batch.empty() || tokens + at->length <= limits_.most_tokens;
      if (group(at->length) != wanted || !fits) {
        ++at;
        continue;
      }
      tokens += at->length;
      batch.push_back(std::move(*at));
      at = waiting_.erase(at);
    }
    return batch;
  }

  /// One batch on this thread; false when there is nothing to do, or not yet (`all` takes what is not due too).
  bool run_next(bool all) {
    std::vector<Waiting> batch;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty() || (!all && !is_due())) return false;
      batch = take();
      ++running_;
    }
    std::vector<Job> jobs;
    for (Waiting& one : batch) {
      if (one.gone && one.gone()) drop_(std::move(one.job));
      else jobs.push_back(std::move(one.job));
    }
    if (!jobs.empty()) run_(std::move(jobs));
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) idle_.notify_all();
    return true;
  }

  /// The scheduler's own thread: sleeps until somebody waits, and then until the oldest has waited long enough.
  void run_late() {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        if (stopped_) return;
        const auto left = limits_.longest_wait - (clock_.steady_now() - waiting_.front().since);
        changed_.wait_for(lock, left, [this] { return stopped_; });
        if (stopped_) return;
      }
      while (run_next(false)) {}
    }
  }

  const BatchLimits limits_;
  const Clock& clock_;
  const Run run_;
  const Drop drop_;
  mutable std::mutex mutex_;
  std::condition_variable changed_, idle_;
  std::deque<Waiting> waiting_;
  std::size_t running_ = 0;  // batches
  bool stopped_ = false;
  std::thread late_;
};

}  // namespace osler::neural
