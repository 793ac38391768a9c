// The use-cases around stored cases: who sees them, what they turned out to be, which are like them, and how a patient's are destroyed.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/diagnose.h"

namespace osler::service {

struct CaseListOptions {
  std::uint64_t before = std::numeric_limits<std::int64_t>::max();  // the cursor of the page before; none: the newest
  std::size_t limit = 20;                                           // 1 to limits::kMaxCasesListed
};

/// Thread-safe. `done` is called exactly once, on any thread, after the audit entry is on stable storage; ErrorCode::unavailable when it cannot be written, or the
/// store does not answer; overloaded when too much waits for it; not_found for a case that is not there, or not for this caller: they look alike. What is
/// answered is a JSON object with the request's own `request_id`, unless it says otherwise. Bodies: web/openapi.json.
class CaseService {
 public:
  using JsonDone = std::function<void(Result<std::string>)>;
  virtual ~CaseService() = default;

  /// The cases most like one that is sent, or one that is stored; reasons on the calling thread.
  virtual void search(std::string_view body, const RequestContext& context, JsonDone done) = 0;
  /// The caller's own cases, and those shared with them, newest first.
  virtual void list(const CaseListOptions& options, const RequestContext& context, JsonDone done) = 0;
  /// What was asked and answered; `request_id` in it is the case's. With RequestContext::break_glass a clinician may open any.
  virtual void read(std::string_view id, const RequestContext& context, JsonDone done) = 0;
  /// ErrorCode::conflict for a record without a summary: a film, or one older than these.
  virtual void record_outcome(std::string_view id, std::string_view body, const RequestContext& context, JsonDone done) = 0;
  /// Only the owner may.
  virtual void share(std::string_view id, std::string_view body, const RequestContext& context, JsonDone done) = 0;
  /// ErrorCode::conflict under legal hold. Audited before and after.
  virtual void delete_patient(std::string_view body, const RequestContext& context, JsonDone done) = 0;
  virtual void hold_patient(std::string_view body, const RequestContext& context, JsonDone done) = 0;
};

}  // namespace osler::service
