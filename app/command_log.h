// What commands say to the audit: a log of their own in AUDIT_DIR/commands, since the server holds the one in AUDIT_DIR for as long as it runs.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "app/trust.h"
#include "audit/actions.h"
#include "audit/keys.h"
#include "audit/log.h"
#include "base/clock.h"

namespace osler::app {

/// The log, open for writing, with its keys: secrets of its own, so that no frame of another log passes for one of this.
struct CommandLog {
  explicit CommandLog(audit::Keys own_keys) : keys(std::move(own_keys)) {}

  const SystemClock clock;
  const audit::Keys keys;
  std::unique_ptr<audit::Log> log;
};

/// Makes it when there is none. Another command may hold it for a moment: waits a few seconds for it, then ErrorCode::conflict. `files` outlives it.
Result<std::unique_ptr<CommandLog>> open_command_log(const Config& config, FileSystem& files, const vault::KeyRing& keys);

/// The name of the operating system's user that this process runs as; `uid <number>` when it has none.
std::string operator_name();

}  // namespace osler::app
