// The audit logs of a folder with their keys, for the commands that read them.
#pragma once

#include <string>
#include <vector>

#include "app/trust.h"
#include "audit/fhir.h"
#include "audit/keys.h"

namespace osler::app {

struct AuditLog {
  std::string folder;
  audit::Keys keys;

  std::string name() const;  // of the folder, without its path
  audit::LogIdentity identity() const;
};

/// The logs in `folder` and one level below it. ErrorCode::not_found when there is none; configuration when the keys of one do not open.
Result<std::vector<AuditLog>> open_audit_logs(FileSystem& files, const vault::KeyRing& keys, const std::string& folder);

}  // namespace osler::app
