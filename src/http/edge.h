// What happens to every request around its handler, in one place and in one order: request id, trial guard, CORS,
// routing, authentication, rate limit, role, content type; then headers, metrics and the log line of the answer.
// Knows no sockets.
#pragma once

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

  /// Decides on the header alone. An answer here is final and the body need not be read; none: `exchange.route` and
  /// `exchange.context` are set and the handler may run.
  std::optional<Response> admit(Exchange& exchange);

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

  std::optional<Response> check_caller(Exchange& exchange);
  std::optional<Response> check_rate(const Exchange& exchange, std::string_view client);
  Response answer_options(const Exchange& exchange, std::string_view allow) const;
  void count(const Exchange& exchange, const Response& response, double seconds) const;
  void log(const Exchange& exchange, const Response& response, double seconds) const;

  bool trial_;
  bool tls_;
  Cors cors_;
  std::vector<IpNetwork> trusted_proxies_;
  Authenticator authenticator_;
  RateLimiter limiter_;
  Metrics& metrics_;
  const Clock& clock_;
  Logger logger_;
};

}  // namespace osler::http
