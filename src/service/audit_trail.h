// What an auditor sees: the audit logs of this server, page by page, and who saw a patient. Tokens and names of staff, never a patient's data.
#pragma once

#include <limits>
#include <mutex>
#include <string>
#include <string_view>

#include "audit/logs.h"
#include "base/json.h"
#include "service/diagnose.h"
#include "service/recorder.h"
#include "vault/key_source.h"
#include "vault/names.h"

namespace osler::service {

struct AuditPageOptions {
  std::string log{};                                                   // its name; empty: this server's own
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();    // the cursor of the page before; none: the newest
  std::size_t limit = 100;                                             // 1 to limits::kMaxAuditEntriesListed
};

struct AuditTrailParts {
  FileSystem& files;
  const vault::KeySource& keys;
  const vault::Names& names;
  Recorder& recorder;
  std::string folder;  // AUDIT_DIR: the logs in it and one level below
};

/// Thread-safe; the referents outlive it. Each call waits for the disk, and for its own entry, which is durable before anything is given. Errors as for
/// audit::read_entries(); ErrorCode::unavailable when the entry cannot be written.
class AuditTrail {
 public:
  explicit AuditTrail(AuditTrailParts parts) : parts_(std::move(parts)) {}

  /// {request_id, log, logs: [{name, public_key}], size, entries: [...], next}, entries newest first. Each is proved by the log's keys before it is shown.
  /// ErrorCode::not_found for a log that is not there.
  Result<Json> page(const AuditPageOptions& options, const RequestContext& context);
  /// `body`: {"patient_id": ...}. {request_id, accesses: [...], left_out}: as write_access(), the newest limits::kMaxAccessesListed of them, oldest first; how
  /// many older ones there are. Reads all logs; ErrorCode::overloaded while another call does.
  Result<Json> accesses(std::string_view body, const RequestContext& context);

 private:
  const AuditTrailParts parts_;
  std::mutex reading_all_;
};

}  // namespace osler::service
