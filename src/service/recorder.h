// Makes what was answered durable before it is answered: record first, then audit entry, many requests to one sync.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "audit/log.h"
#include "base/limits.h"
#include "cases/store.h"
#include "vault/key_source.h"

namespace osler::service {

/// One interaction to be recorded. A refused request has an entry and no record.
struct RecordRequest {
  audit::Entry entry;
  std::optional<cases::SealedRecord> record;
  std::optional<cases::SealedRecord> film{};  // an upload that is kept: stored and taken back with the record
  std::string film_id{};                      // its request id
  bool again = false;                         // the record may be there already, of a run that was cut off: then the entry alone is added, as "...:resumed"
};

/// Seals the draft on the calling thread and binds the entry to it: sets its request id, model version, subject (keyed token
/// of the patient id) and commitment (keyed, to the payload). Errors as for cases::seal_record().
Result<RecordRequest> make_record_request(const vault::KeyRing& keys, const vault::Names& names, audit::Entry entry, const cases::RecordDraft& draft);

struct RecorderCounts {
  std::uint64_t recorded = 0;        // requests whose entry (and record) are durable
  std::uint64_t batches = 0;
  std::uint64_t overloaded = 0;      // turned away by a full queue
  std::uint64_t store_failures = 0;  // requests lost to the store
  std::uint64_t audit_failures = 0;  // requests lost to the audit log
};

/// One thread that takes whatever waits, writes all records in one transaction, then all audit entries with one sync, then
/// answers each. Fails closed: what is not on stable storage in both is answered with an error. After a failure of the log it
/// asks the log to recover before the next batch, so that a disk that has room again needs no restart. Thread-safe.
class Recorder {
 public:
  using Done = std::function<void(Result<void>)>;
  /// Called on the recorder's thread with the error for the log (internal text included), once a failed batch.
  using FailureObserver = std::function<void(const Error&)>;

  /// Records whose key version was retired between sealing and storing are wrapped anew under the current one of `keys`.
  Recorder(cases::Store& store, audit::Log& log, vault::KeySource& keys, FailureObserver on_failure = {},
           std::size_t queue_limit = limits::kMaxQueuedRequests,
           std::chrono::milliseconds retry_interval = std::chrono::seconds(1));
  /// Stops.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// `done` is called exactly once and must not throw: on the recorder's thread after both are durable or one failed
  /// (ErrorCode::unavailable), or at once on the calling thread: overloaded when the queue is full, too_large when the entry
  /// is, unavailable after stop().
  void submit(RecordRequest request, Done done);
  /// Several at once, which count as one in the queue; at most audit::kMaxFrameEntries. `done` as above, with the first error after all are through.
  void submit_all(std::vector<RecordRequest> requests, Done done);
  /// submit_all() for a caller that goes on only when all is durable: waits. Not on the recorder's own thread.
  Result<void> record(std::vector<RecordRequest> requests);
  Result<void> record(audit::Entry entry);

  /// Records what waits, answers it, and ends the thread. What comes later is refused.
  void stop();

  RecorderCounts counts() const;
  /// Submissions.
  std::size_t waiting() const;
  /// False after a failed batch, until one succeeds or, with nothing to record, store and log answer again (asked every
  /// `retry_interval`): a server that is taken out of service for this comes back by itself.
  bool healthy() const { return healthy_; }

 private:
  struct Item {
    RecordRequest request;
    Done done;
  };

  void enqueue(std::vector<Item> items);
  void run();
  void process(std::vector<Item>& batch);
  void process_one_by_one(std::vector<Item>& batch);
  Result<void> store_records(std::vector<Item>& batch);
  Result<void> put(std::vector<cases::SealedRecord>& records);
  Result<void> wrap_anew(cases::SealedRecord& record);
  Result<void> append_entries(const std::vector<Item>& batch);
  void forget_records(const std::vector<Item>& batch);
  void remove_later(const std::vector<Item>& batch);
  template <typename Wanted>
  static std::vector<std::string> record_ids(const std::vector<Item>& batch, Wanted wanted);
  Result<void> remove_orphans();
  void try_to_heal();
  void count(std::uint64_t RecorderCounts::*counter, std::uint64_t amount);

  cases::Store& store_;
  audit::Log& log_;
  vault::KeySource& keys_;
  const FailureObserver on_failure_;
  const std::size_t queue_limit_;
  const std::chrono::milliseconds retry_interval_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_;
  std::size_t submissions_ = 0;  // that the queue holds
  RecorderCounts counts_;
  bool stopping_ = false;
  std::atomic<bool> healthy_{true};
  std::vector<std::string> orphans_;  // records that nobody was answered from: their entry failed, or nobody knows whether they were stored
  std::mutex stop_mutex_;
  std::thread thread_;
};

}  // namespace osler::service
