// Trial mode has no authentication, so it must be out of reach of everything but this machine: not through a
// proxy, and not through a web page that makes a foreign name point to loopback (DNS rebinding).
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace osler::http {

/// True for localhost, 127.0.0.1 and [::1], each with or without a port.
bool is_loopback_host(std::string_view host);

/// ErrorCode::forbidden unless the one Host is loopback and no proxy has left its mark
/// (Forwarded, X-Forwarded-*, X-Real-IP, Via).
Result<void> check_trial_request(const HeaderFields& headers);

}  // namespace osler::http
