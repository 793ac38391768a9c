// Which addresses of PostgreSQL are safe to talk to, and how long to wait for an answer.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "cases/sql/connection.h"

namespace osler::cases::postgres {

/// Accepts a URL of libpq (postgresql://user:password@host:port/database?option=value, several hosts too) that leads to this machine alone (loopback or
/// a folder of Unix sockets) or has sslmode=verify-full. ErrorCode::configuration otherwise, and for one that does not say where it leads; the error
/// never repeats the URL, which may hold a password.
Result<void> check_address(const std::string& url);

struct Timeouts {
  std::chrono::seconds connect{3};
  std::chrono::milliseconds statement{sql::kTimeLimit};  // the server's own limit; ours, while no byte goes either way, is a second more
};

}  // namespace osler::cases::postgres
