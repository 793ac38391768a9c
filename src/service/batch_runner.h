// Works through batches: threads that claim chunks, answer their cases, and finish them. Any number of runners, in any number of processes, share the
// batches of one store (docs/adr/0024).
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cases/batches.h"
#include "cases/store.h"
#include "service/case_answerer.h"
#include "service/recorder.h"
#include "service/similar_case_finder.h"
#include "vault/names.h"

namespace osler::service {

/// The referents outlive the runner.
struct BatchRunnerParts {
  const CaseAnswerer& answerer;
  const vault::KeySource& keys;
  const vault::Names& names;
  cases::Store& store;
  Recorder& recorder;
  SimilarCaseFinder& finder;
  const Clock& clock;
};

struct BatchRunnerSettings {
  std::size_t threads = 1;
  std::chrono::milliseconds lease{15'000};   // renewed while a chunk is worked on
  std::chrono::milliseconds pause{1'000};    // between looks for work, and after an error
  std::function<bool()> others_wait{};       // somebody waits for an answer now: they go first; may be empty
  bool gives_way = true;                     // threads run at a lower priority than those of requests
};

struct BatchRunnerCounts {
  std::uint64_t cases = 0;    // answered or refused
  std::uint64_t resumed = 0;  // found answered by a run that was cut off
  std::uint64_t chunks = 0;   // finished
  std::uint64_t lost = 0;     // given up: cancelled, or the lease was another's
};

/// Thread-safe. A chunk that fails (store or disk do not work) is given back and taken again later; one that is damaged cancels its batch, or nobody would
/// ever come past it.
class BatchRunner {
 public:
  /// Called on a runner's thread with each error that gave a chunk up.
  using FailureObserver = std::function<void(const Error&)>;

  /// Begins at once.
  BatchRunner(BatchRunnerParts parts, BatchRunnerSettings settings, FailureObserver on_failure = {});
  /// Stops.
  ~BatchRunner();
  BatchRunner(const BatchRunner&) = delete;
  BatchRunner& operator=(const BatchRunner&) = delete;

  /// There may be work: look now.
  void wake();
  /// Ends after the cases that are being answered; their chunks are given back for somebody to go on with.
  void stop();

  BatchRunnerCounts counts() const;
  std::size_t threads() const { return threads_.size(); }

 private:
  class ChunkWork;

  void run(const std::string& worker);
  Result<bool> work_on(const cases::ChunkClaim& claim, const std::string& worker);
  /// Whether there was any.
  Result<bool> work_once(const std::string& worker);
  void rest(std::uint64_t woken_before);
  void wait_for_turn();

  const BatchRunnerParts parts_;
  const BatchRunnerSettings settings_;
  const FailureObserver on_failure_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t woken_ = 0;
  std::atomic<std::uint64_t> cases_{0}, resumed_{0}, chunks_{0}, lost_{0};
  std::vector<std::thread> threads_;
};

}  // namespace osler::service
