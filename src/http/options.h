// Everything the server is told at start. app/ fills it from the configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "http/middleware/auth.h"

namespace osler::http {

struct TlsFiles {
  std::string certificate_chain;  // PEM
  std::string private_key;        // PEM
};

/// The bounds of base/limits.h, here so that a test can shrink them.
struct Bounds {
  std::size_t max_connections = limits::kMaxConnections;
  std::size_t max_queued_requests = limits::kMaxQueuedRequests;
  std::size_t max_rate_limit_clients = limits::kMaxRateLimitClients;
  std::chrono::milliseconds header_timeout = limits::kHeaderTimeout;
  std::chrono::milliseconds body_timeout = limits::kBodyTimeout;  // also for writing an answer
  std::chrono::milliseconds idle_timeout = limits::kIdleTimeout;
  /// How long an answer may wait for anything (the worker, the disk) before it becomes a 504.
  std::chrono::milliseconds answer_timeout{15'000};
  /// The same for a film, of which a dozen large ones may stand before it.
  std::chrono::milliseconds film_timeout{60'000};
  /// How long a connection that ends is read from, so that its client sees the answer.
  std::chrono::milliseconds drain_timeout{2'000};
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;     // 0: any free one; see Server::port()
  std::size_t threads = 0;       // workers; 0: one a core
  bool trial = false;            // no keys, no TLS, loopback only
  std::optional<TlsFiles> tls;
  std::vector<ApiKey> api_keys;
  std::vector<std::string> cors_origins;     // "https://ehr.example"
  std::vector<std::string> trusted_proxies;  // addresses or networks that may set X-Forwarded-For
  unsigned rate_limit_per_minute = 60;
  std::string web_root;          // the folder web/; empty: no page and no API documents
  std::uint64_t memory_warn_mb = 2048;       // 0: never
  std::chrono::milliseconds grace_period{10'000};  // for requests in flight at stop()
  std::string version = OSLER_VERSION;
  Bounds bounds;
};

/// ErrorCode::configuration, one clear sentence, for a combination that must not start: trial mode on anything but
/// loopback, no trial mode without TLS and at least one key, two keys of one name, a rate limit of 0.
Result<void> check_options(const ServerOptions& options);

}  // namespace osler::http
