// Everything the server is told at start. app/ fills it from the configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/actions.h"
#include "base/limits.h"
#include "base/result.h"
#include "http/metrics.h"
#include "http/middleware/auth.h"

namespace osler::http {

class SharedRateLimit;

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
  /// How long a body that is taken in pieces may take in all; each piece has body_timeout.
  std::chrono::milliseconds stream_timeout = limits::kBatchUploadTimeout;
  /// How often the certificate's files are looked at.
  std::chrono::milliseconds certificate_check{5'000};
  /// How long a connection that ends is read from, so that its client sees the answer.
  std::chrono::milliseconds drain_timeout{2'000};
};

/// Told of each answer that must have an entry of the audit and that no use-case made one for: denied logins, forbidden and limited requests, and what
/// else the API answers. `outcome` holds words of our own alone. On the I/O thread: must not wait.
using EntryObserver = std::function<void(const service::RequestContext& context, audit::Action action, std::string outcome)>;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;     // 0: any free one; see Server::port()
  std::size_t threads = 0;       // workers; 0: one a core
  bool trial = false;            // no keys, no TLS, loopback only
  std::optional<TlsFiles> tls;
  std::vector<ApiKey> api_keys;                // of API_KEYS_FILE
  const KeyDirectory* stored_keys = nullptr;   // outlives the server; null: none
  const TokenVerifier* tokens = nullptr;       // likewise
  SharedRateLimit* shared_rate_limit = nullptr;  // likewise; null: each replica limits alone
  EntryObserver on_unaudited;                  // may be empty
  std::function<RecordingState()> recording;   // for the metrics; may be empty
  std::vector<std::string> cors_origins;     // "https://ehr.example"
  std::vector<std::string> trusted_proxies;  // addresses or networks that may set X-Forwarded-For
  unsigned rate_limit_per_minute = 60;
  std::string web_root;          // the folder web/; empty: no page and no API documents
  std::uint64_t memory_warn_mb = 2048;       // 0: never
  std::chrono::milliseconds drain{0};              // after stop(): answers go on, readiness says 503, so that a balancer goes elsewhere first
  std::chrono::milliseconds grace_period{10'000};  // after that, for requests in flight
  std::string version = OSLER_VERSION;
  Bounds bounds;
};

/// ErrorCode::configuration, one clear sentence, for a way to listen that must not start: trial mode on anything but loopback; without trial mode no TLS,
/// unless it listens on loopback alone and every trusted proxy is there too (a proxy on this machine ends TLS); a rate limit of 0.
Result<void> check_listening(const ServerOptions& options);

/// The same, and the callers: without trial mode at least one source of keys or tokens, no two keys of one name.
Result<void> check_options(const ServerOptions& options);

}  // namespace osler::http
