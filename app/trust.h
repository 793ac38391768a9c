// Keys, store and audit log as configured: opened in one place for every command that needs them.
#pragma once

#include <memory>

#include "app/config.h"
#include "audit/keys.h"
#include "audit/log.h"
#include "cases/store.h"
#include "vault/key_ring.h"

namespace osler::app {

enum class MissingKey { is_refused, is_made };

/// ENCRYPTION_KEY, else the key file. A missing key file is made only in trial mode and only when asked.
/// ErrorCode::configuration otherwise.
Result<vault::KeyRing> open_keys(const Config& config, FileSystem& files, MissingKey missing, const Logger& logger);

/// The audit log's own secrets, sealed beside the log. Makes them when `create`.
Result<audit::Keys> open_audit_keys(const Config& config, FileSystem& files, const vault::KeyRing& keys, bool create);

/// The store that DATABASE_URL names; its folder is made when it is missing.
Result<std::unique_ptr<cases::Store>> open_store(const Config& config, FileSystem& files, const vault::KeyRing& keys);

}  // namespace osler::app
