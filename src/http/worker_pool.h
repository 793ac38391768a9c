// Threads for work that needs a core, behind a queue of fixed length.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace osler::http {

/// Thread-safe. Jobs must not throw and must not wait for anything.
class WorkerPool {
 public:
  using Job = std::function<void()>;

  /// `threads` of 0: one a core.
  WorkerPool(std::size_t threads, std::size_t max_queued);
  /// As stop().
  ~WorkerPool();

  /// Queues a job; false at once, and the job not taken, when `max_queued` wait already or the pool has stopped.
  bool try_submit(Job job);

  /// Jobs waiting for a thread.
  std::size_t queued() const;
  std::size_t threads() const { return thread_count_; }

  /// Ends after the jobs that run now; those that wait are dropped unrun. May be called twice.
  void stop();

 private:
  void work();

  const std::size_t thread_count_;
  const std::size_t max_queued_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace osler::http
