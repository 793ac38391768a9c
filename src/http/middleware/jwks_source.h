// Where the key set comes from, kept fresh on a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "http/middleware/jwks.h"

namespace osler::http {

/// Thread-safe.
class KeySetSource {
 public:
  /// The text of the key set; may take its time.
  using Load = std::function<Result<std::string>()>;

  struct Timing {
    std::chrono::milliseconds refresh{300'000};        // between two loads that went well
    std::chrono::milliseconds retry{10'000};           // after one that did not
    std::chrono::milliseconds unknown_key{60'000};     // least time between two loads that an unknown key asks for
  };

  /// Loads once before it returns; a load that fails leaves an empty set, is logged and tried again. `clock` outlives the source.
  KeySetSource(Load load, Timing timing, const Clock& clock, Logger logger);
  /// Waits for a load that runs.
  ~KeySetSource();
  KeySetSource(const KeySetSource&) = delete;
  KeySetSource& operator=(const KeySetSource&) = delete;

  /// The set that was loaded last without a fault; null before the first. Whatever the source says later, a set that is held stays whole.
  std::shared_ptr<const KeySet> keys() const;

  /// A token named a key that the set does not have: loads again soon, at most once a minute. Never waits.
  void miss();

 private:
  void run();
  bool load_once();

  const Load load_;
  const Timing timing_;
  const Clock& clock_;
  const Logger logger_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const KeySet> keys_;
  std::optional<SteadyTime> last_miss_;
  bool wanted_ = false, stopping_ = false, failing_ = false;
  std::thread thread_;
};

}  // namespace osler::http
