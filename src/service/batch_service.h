// The use-case of batches: sent, looked at, read and cancelled by their owner. Nobody else learns that a batch is there.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "audit/actions.h"
#include "base/json.h"
#include "cases/batches.h"
#include "cases/store.h"
#include "service/batch_intake.h"
#include "service/diagnose.h"
#include "service/recorder.h"
#include "vault/names.h"

namespace osler::service {

/// The referents outlive the service.
struct BatchParts {
  vault::KeySource& keys;
  const vault::Names& names;
  cases::Store& store;
  Recorder& recorder;
  const Clock& clock;
  std::function<void()> on_ready{};  // a batch may be worked on; may be empty
};

class BatchService;

/// One upload. Not thread-safe; each call may wait for the store. One that goes without finish() is cancelled.
class BatchUpload {
 public:
  ~BatchUpload();
  BatchUpload(const BatchUpload&) = delete;
  BatchUpload& operator=(const BatchUpload&) = delete;

  Result<void> take(std::string_view bytes) { return intake_.take(bytes); }
  /// Audits, and lets the runners have it. The batch as info() shows it.
  Result<Json> finish();

 private:
  friend class BatchService;
  BatchUpload(BatchService& service, RequestContext context, std::string batch, BatchFormat format);

  BatchService& service_;
  const RequestContext context_;
  const std::string batch_;
  BatchIntake intake_;
  bool finished_ = false;
};

/// Some lines of results, in order.
struct BatchPage {
  std::string ndjson;
  std::uint64_t last_line = 0;  // of the page; 0: it is empty
  bool more = false;            // lines after it are known already
};

/// Thread-safe. Each call may wait for the store and the audit log. ErrorCode::not_found for a batch that is not there or another's;
/// administrators see and cancel everybody's, and read the results of their own.
class BatchService {
 public:
  explicit BatchService(BatchParts parts) : parts_(std::move(parts)) {}

  /// ErrorCode::overloaded when limits::kMaxBatchUploads are on their way.
  Result<std::unique_ptr<BatchUpload>> receive(BatchFormat format, std::optional<double> threshold, const RequestContext& context);
  /// State, counts, cases a second since it was sent and seconds to go.
  Result<Json> info(std::string_view batch, const RequestContext& context);
  /// The newest, at most limits::kMaxBatchesListed.
  Result<Json> list(const RequestContext& context);
  /// Lines after `after_line`, at most `limit`: {"line", "request_id", "answer"}, {"line", "request_id", "deleted"} or {"line", "problem"}. Each record that is
  /// opened is audited as read before this returns.
  Result<BatchPage> results(std::string_view batch, std::uint64_t after_line, std::size_t limit, const RequestContext& context);
  /// The state after. A batch that is done stays done.
  Result<Json> cancel(std::string_view batch, const RequestContext& context);
  /// Cancels uploads whose server died: for housekeeping.
  Result<std::uint64_t> cancel_abandoned();

 private:
  friend class BatchUpload;

  Result<cases::BatchInfo> visible(std::string_view batch, const RequestContext& context);
  Json describe_batch(const cases::BatchInfo& info) const;
  Result<void> audit(const RequestContext& context, audit::Action action, std::string outcome);
  Result<std::string> line_of(const cases::ChunkOutcome& outcome, const RequestContext& context, std::vector<RecordRequest>& entries);

  const BatchParts parts_;
  std::atomic<std::size_t> uploads_{0};
};

}  // namespace osler::service
