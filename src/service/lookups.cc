#include "service/lookups.h"

namespace osler::service {

Lookups::Lookups(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  watcher_ = std::thread([this] { watch(); });
}

Lookups::~Lookups() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  {
    const std::lock_guard<std::mutex> guard(alarm_mutex_);
    alarms_end_ = true;
  }
  alarm_wake_.notify_all();
  watcher_.join();
}

bool Lookups::submit(std::function<void()> work) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void Lookups::work() {
  while (true) {
    std::function<void()> next;
    {
      std::unique_lock<std::mutex> guard(mutex_);
      wake_.wait(guard, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.erase(queue_.begin());
    }
    next();
  }
}

void Lookups::at(std::chrono::steady_clock::time_point when, std::function<void()> alarm) {
  bool first = false;
  {
    const std::lock_guard<std::mutex> guard(alarm_mutex_);
    const auto added = alarms_.emplace(when, std::move(alarm));
    first = added == alarms_.begin();
  }
  if (first) alarm_wake_.notify_one();
}

void Lookups::watch() {
  std::unique_lock<std::mutex> guard(alarm_mutex_);
  while (!alarms_end_) {
    if (alarms_.empty()) {
      alarm_wake_.wait(guard);
      continue;
    }
    const auto first = alarms_.begin();
    if (const auto when = first->first; when > std::chrono::steady_clock::now()) {
      alarm_wake_.wait_until(guard, when);
      continue;
    }
    const std::function<void()> alarm = std::move(first->second);
    alarms_.erase(first);
    guard.unlock();
    alarm();
    guard.lock();
  }
}

}  // namespace osler::service
