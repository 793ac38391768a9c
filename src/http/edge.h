// What happens to every request around its handler, in one place and in one order: request id, trial guard, CORS,
// routing, lock-out, authentication, rate limit, role, scope, breaking the glass, content type; then headers, metrics and the log line of the answer.
// Knows no sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "http/framing.h"
#include "http/message.h"
#include "http/metrics.h"
#include "http/middleware/auth.h"
#include "http/middleware/client_address.h"
#include "http/middleware/cors.h"
#include "http/middleware/rate_limit.h"
#include "http/options.h"
#include "http/routes.h"

namespace osler::http {

/// One request on its way, from its header to its answer.
struct Exchange {
  Request request;
  const Route* route = nullptr;
  service::RequestContext context;
  SteadyTime started{};
  std::optional<Principal> principal;  // none: anybody
  std::string limited_as;              // the client that a token of the rate limit is taken from; empty: none is
  std::shared_ptr<const void> room;  // of an upload's body (http/upload_room.h): whoever still holds the one holds the other
};

/// Used on the I/O thread only.
class Edge {
 public:
  /// `metrics` and `clock` outlive the edge. ErrorCode::configuration for options that must not start.
  static Result<Edge> create(const ServerOptions& options, Metrics& metrics, const Clock& clock, Logger logger);

  /// Gives the exchange its request id and start; call once, before anything else, and finish() or abandon() after.
  void begin(Exchange& exchange) const;

  /// The whole request has been read: notes when.
  void received(Exchange& exchange) const;

  /// Where to, who asks, and as whom the rate limit counts it (`exchange.limited_as`), from the header alone. An answer here is final and the body need not
  /// be read.
  std::optional<Response> identify(Exchange& exchange);

  /// Then the rate limit and whether this caller may do that: `shared` is what the shared rate limit says, none where this replica decides alone. An answer
  /// is final as above; none: `exchange.route` and `exchange.context` are set and the handler may run.
  std::optional<Response> admit(Exchange& exchange, std::optional<RateVerdict> shared = std::nullopt);

  /// Whether the body may be read, for a request that admit() let pass: 413 over the route's bound, 411 for an upload that does not say how
  /// long it is.
  std::optional<Response> admit_body(const Exchange& exchange, const Framing& framing) const;

  Response refuse(const Exchange& exchange, const Error& error) const;
  Response refuse(const Exchange& exchange, const FramingFault& fault) const;

  /// The 503 when no more work is taken.
  Response shed(const Exchange& exchange) const;

  /// Completes the answer's headers, counts it and logs it.
  void finish(const Exchange& exchange, Response& response) const;

  /// The client went away before there was an answer.
  void abandon(const Exchange& exchange) const;

  std::size_t rate_limit_clients() const { return limiter_.clients(); }

 private:
  Edge(const ServerOptions& options, Cors cors, std::vector<IpNetwork> trusted, Metrics& metrics, const Clock& clock,
       Logger logger);

  std::optional<Response> log_in(Exchange& exchange);
  std::optional<Response> check_rate(const Exchange& exchange, std::optional<RateVerdict> shared);
  std::optional<Response> check_caller(Exchange& exchange);
  Response refuse_login(const Exchange& exchange, const std::string& address, const Login& login);
  Response lock_out(const Exchange& exchange, std::string_view by, std::chrono::seconds wait) const;
  Response come_back(const Exchange& exchange, std::string_view why, std::chrono::seconds wait) const;
  Response answer_options(const Exchange& exchange, std::string_view allow) const;
  void count(const Exchange& exchange, const Response& response, double seconds) const;
  void log(const Exchange& exchange, const Response& response, double seconds) const;
  void audit(const Exchange& exchange, const Response& response) const;

  bool trial_;
  bool shares_rate_limit_;
  EntryObserver on_unaudited_;
  Cors cors_;
  std::vector<IpNetwork> trusted_proxies_;
  Authenticator authenticator_;
  RateLimiter limiter_;
  RateLimiter failed_logins_;
  Metrics& metrics_;
  const Clock& clock_;
  Logger logger_;
};

}  // namespace osler::http
