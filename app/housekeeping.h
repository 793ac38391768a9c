// What a server does beside its requests, now and then: look for new keys, remove what is too old.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace osler::app {

/// One thread that does each task at its interval, one after the other. An error is logged once, and again when it changes or after a success.
class Housekeeping {
 public:
  struct Task {
    std::string name;  // for the log
    std::chrono::milliseconds interval;
    std::function<Result<void>()> work;
    bool at_once = false;  // first at the start, not after the interval
  };

  /// Begins at once, each task first after its interval or at once.
  Housekeeping(std::vector<Task> tasks, Logger logger);
  /// Ends after the task that runs.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  struct Planned {
    Task task;
    SteadyTime due;
    std::string last_error;
  };

  void run();
  void do_one(Planned& planned);

  const Logger logger_;
  std::vector<Planned> tasks_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Tells a clock that is wrong from time that went by: what is removed by age is gone for good. Thread-safe; the clock outlives it.
class ClockWatch {
 public:
  /// `last_seen`: when something was last stored before this was made; none: never.
  ClockWatch(const Clock& clock, std::optional<WallTime> last_seen) : clock_(clock), wall_(clock.now()), steady_(clock.steady_now()), last_seen_(last_seen) {}
  /// ErrorCode::unavailable when the time of day went more than a day further than time itself since this was made, or was then more than 31 days after
  /// `last_seen`. A right clock after so long a pause is believed from the next start on, if something was stored meanwhile.
  Result<void> require_plausible() const;

 private:
  const Clock& clock_;
  const WallTime wall_;
  const SteadyTime steady_;
  const std::optional<WallTime> last_seen_;
};

}  // namespace osler::app
