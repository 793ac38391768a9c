#include "app/housekeeping.h"

#include <algorithm>

namespace osler::app {

Housekeeping::Housekeeping(std::vector<Task> tasks, Logger logger) : logger_(logger) {
  const SteadyTime now = std::chrono::steady_clock::now();
  for (Task& task : tasks) {
    const SteadyTime due = task.at_once ? now : now + task.interval;
    tasks_.push_back({std::move(task), due, ""});
  }
  if (!tasks_.empty()) thread_ = std::thread([this] { run(); });
}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Housekeeping::run() {
  std::unique_lock<std::mutex> guard(mutex_);
  while (!stopping_) {
    Planned& next = *std::min_element(tasks_.begin(), tasks_.end(), [](const Planned& one, const Planned& other) { return one.due < other.due; });
    if (wake_.wait_until(guard, next.due, [this] { return stopping_; })) return;
    guard.unlock();
    do_one(next);
    guard.lock();
    next.due = std::chrono::steady_clock::now() + next.task.interval;
  }
}

void Housekeeping::do_one(Planned& planned) {
  const Result<void> done = planned.task.work();
  const std::string error = done ? std::string() : describe(done.error());
  if (!error.empty() && error != planned.last_error)
    logger_.error("housekeeping_failed", {{"task", LogText::safe(planned.task.name)}, {"detail", LogText::safe(error)}});
  planned.last_error = error;
}

Result<void> ClockWatch::require_plausible() const {
  constexpr std::chrono::days kLongestJump{1}, kLongestPause{31};
  if ((clock_.now() - wall_) - (clock_.steady_now() - steady_) > kLongestJump)
    return make_error(ErrorCode::unavailable, "The clock was set forward by more than a day: nothing is removed by age until the server starts again.");
  if (last_seen_ && wall_ - *last_seen_ > kLongestPause)
    return make_error(ErrorCode::unavailable, "By the clock nothing was stored for more than 31 days: nothing is removed by age. If the clock is right, start the server again "
                                              "once it has answered something; if it is wrong, set it first.");
  return ok();
}

}  // namespace osler::app
