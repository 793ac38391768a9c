// The audit logs of a folder with their keys, for whoever reads them.
#pragma once

#include <string>
#include <vector>

#include "audit/fhir.h"
#include "audit/keys.h"
#include "base/files.h"
#include "base/result.h"
#include "vault/key_ring.h"

namespace osler::audit {

/// A log that can be read.
struct OpenedLog {
  std::string folder;
  Keys keys;

  std::string name() const;  // of the folder, without its path
  LogIdentity identity() const;
};

/// The logs in `folder` and one level below it, `folder` itself first. ErrorCode::not_found when there is none; corrupted when one has lost its keys;
/// configuration when the keys of one do not open.
Result<std::vector<OpenedLog>> open_logs(FileSystem& files, const vault::KeyRing& keys, const std::string& folder);

}  // namespace osler::audit
