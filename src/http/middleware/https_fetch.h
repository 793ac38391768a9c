// A small document from an https address, by libcurl.
#pragma once

#include <string>

#include "base/result.h"

namespace osler::http {

/// The body of a 200. TLS 1.2 or later, verified by the certificate authorities of `ca_file` (PEM), or the system's when it is empty; no redirect is
/// followed, no other protocol spoken, 5 s to connect and 10 s in all, limits::kMaxKeySetBytes. Takes its time: not for the I/O thread.
/// ErrorCode::unavailable for all that goes wrong. Thread-safe.
Result<std::string> fetch_https(const std::string& address, const std::string& ca_file);

}  // namespace osler::http
