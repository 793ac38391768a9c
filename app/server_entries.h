// What a server says to its own audit log when it starts and when it stops.
#pragma once

#include <string>

#include "app/config.h"
#include "audit/actions.h"
#include "audit/log.h"
#include "vault/names.h"

namespace osler::app {

/// An entry of what the server does by itself.
audit::Entry system_entry(audit::Action action, std::string outcome, std::string patient_token = {});

/// Appends "server.started" with a keyed commitment to the settings that were given (never the settings themselves), and "config.changed" when the last
/// start had others. `log` is the one in AUDIT_DIR. Errors as for audit::Log::append() and audit::last_entry().
Result<void> audit_start(audit::Log& log, FileSystem& files, const audit::Keys& keys, const vault::Names& names, const Config& config, const std::string& model_version);

/// Appends "server.stopped".
Result<void> audit_stop(audit::Log& log);

}  // namespace osler::app
