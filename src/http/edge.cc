#include "http/edge.h"

#include <cstdio>
#include <ctime>

#include "base/ids.h"
#include "http/middleware/content_type.h"
#include "http/middleware/security_headers.h"
#include "http/middleware/trial_guard.h"
#include "http/problem.h"

namespace osler::http {

namespace {

constexpr std::string_view kTrialName = "trial";
constexpr unsigned kClientWentAway = 499;

std::string_view pattern_of(const Exchange& exchange) { return exchange.route ? exchange.route->path : "none"; }

bool is_diagnosis(const Exchange& exchange) { return exchange.route && exchange.route->path == "/api/v1/diagnose"; }

bool is_film(const Exchange& exchange) { return exchange.route && exchange.route->runs == Runs::on_film_worker; }

/// A method as the log may show it: names of our own, whatever the caller made up.
std::string_view known_method(std::string_view method) {
  for (const std::string_view known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    if (method == known) return known;
  return "other";
}

/// IMF-fixdate (RFC 9110 section 5.6.7).
std::string http_date(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

std::string six_places(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", seconds);
  return text;
}

}  // namespace

Result<Edge> Edge::create(const ServerOptions& options, Metrics& metrics, const Clock& clock, Logger logger) {
  TRY_VOID(check_options(options));
  Cors cors = TRY(Cors::create(options.cors_origins));
  std::vector<IpNetwork> trusted;
  for (const std::string& text : options.trusted_proxies) trusted.push_back(TRY(IpNetwork::parse(text)));
  return Edge(options, std::move(cors), std::move(trusted), metrics, clock, logger);
}

Edge::Edge(const ServerOptions& options, Cors cors, std::vector<IpNetwork> trusted, Metrics& metrics, const Clock& clock,
           Logger logger)
    : trial_(options.trial), tls_(options.tls.has_value()), cors_(std::move(cors)), trusted_proxies_(std::move(trusted)),
      authenticator_(options.api_keys),
      limiter_(options.rate_limit_per_minute, options.bounds.max_rate_limit_clients, clock), metrics_(metrics),
      clock_(clock), logger_(logger) {}

void Edge::begin(Exchange& exchange) const {
  exchange.context.request_id = make_uuid();  // always ours: an identifier of the caller's could say who the patient is
  exchange.context.actor = "anonymous";
  exchange.started = clock_.steady_now();
  metrics_.request_started();
}

void Edge::received(Exchange& exchange) const { exchange.context.arrived = clock_.steady_now(); }

std::optional<Response> Edge::admit(Exchange& exchange) {
  const Request& request = exchange.request;
  if (trial_)
    if (const auto allowed = check_trial_request(request.headers); !allowed) return refuse(exchange, allowed.error());
  exchange.context.client_address = client_address(request, trusted_proxies_);
  RouteMatch match = match_route(request.method, request.path);
  if (request.method == "OPTIONS" && (request.path == "*" || !match.allow.empty()))
    return answer_options(exchange, request.path == "*" ? "GET, HEAD, POST, OPTIONS" : match.allow);
  if (match.allow.empty()) return refuse(exchange, make_error(ErrorCode::not_found, "There is nothing at this address."));
  if (match.route == nullptr) {
    Response response =
        refuse(exchange, make_error(ErrorCode::method_not_allowed, "This address takes " + match.allow + "."));
    response.set_header("Allow", match.allow);
    return response;
  }
  exchange.route = match.route;
  if (auto refusal = check_caller(exchange)) return refusal;
  if (match.route->takes.empty()) return std::nullopt;
  if (const auto media = check_content_type(request.headers, match.route->takes); !media)
    return refuse(exchange, media.error());
  return std::nullopt;
}

std::optional<Response> Edge::check_caller(Exchange& exchange) {
  const Route& route = *exchange.route;
  const auto principal = trial_ ? std::optional(Principal{std::string(kTrialName), Role::clinician})
                                : authenticator_.authenticate(exchange.request.headers);
  const bool named = principal && !trial_;
  // Guesses at a key count against the address they come from.
  const bool guess = !principal && !route.roles.open_to_anyone();
  if (route.rate_limited || guess)
    if (auto refusal = check_rate(exchange, named ? "key " + principal->name
                                                  : rate_limit_name(exchange.context.client_address)))
      return refusal;
  if (principal) {
    exchange.context.actor = principal->name;
    exchange.context.role = name_of(principal->role);
  }
  if (route.roles.open_to_anyone()) return std::nullopt;
  if (!principal) return refuse(exchange, make_error(ErrorCode::unauthenticated, "A valid API key is required."));
  if (!route.roles.contains(principal->role))
    return refuse(exchange, make_error(ErrorCode::forbidden, "The role of this key does not allow that."));
  return std::nullopt;
}

std::optional<Response> Edge::check_rate(const Exchange& exchange, std::string_view client) {
  const auto wait = limiter_.take(client);
  if (!wait) return std::nullopt;
  metrics_.rate_limited();
  Response response = refuse(exchange, make_error(ErrorCode::rate_limited, "Too many requests; try again in " +
                                                                               std::to_string(wait->count()) + " s."));
  response.set_header("Retry-After", std::to_string(wait->count()));
  return response;
}

Response Edge::answer_options(const Exchange& exchange, std::string_view allow) const {
  if (Cors::is_preflight(exchange.request)) return cors_.preflight(exchange.request, allow);
  Response response;
  response.status = 204;
  response.set_header("Allow", std::string(allow));
  return response;
}

std::optional<Response> Edge::admit_body(const Exchange& exchange, const Framing& framing) const {
  const Route& route = *exchange.route;
  if (framing.content_length.value_or(0) > route.max_body_bytes)
    return refuse(exchange, FramingFault{body_too_large(route.max_body_bytes), 413});
  if (framing.chunked && is_upload(route))
    return refuse(exchange, FramingFault{make_error(ErrorCode::malformed, "An upload must say how long it is: send Content-Length."), 411});
  return std::nullopt;
}

Response Edge::refuse(const Exchange& exchange, const Error& error) const {
  return problem_response(error, exchange.context.request_id);
}

Response Edge::refuse(const Exchange& exchange, const FramingFault& fault) const {
  Response response = problem_response(fault.error, exchange.context.request_id, fault.status);
  response.close = true;
  return response;
}

Response Edge::shed(const Exchange& exchange) const {
  metrics_.shed();
  return refuse(exchange, make_error(ErrorCode::overloaded, "The server has all the work it can take; try again shortly."));
}

void Edge::finish(const Exchange& exchange, Response& response) const {
  const double seconds = std::chrono::duration<double>(clock_.steady_now() - exchange.started).count();
  response.set_header("Date", http_date(clock_.now()));
  response.set_header("X-Request-ID", exchange.context.request_id);
  response.set_header("X-Process-Time", six_places(seconds));
  cors_.decorate(exchange.request, response);
  add_security_headers(response, exchange.route ? exchange.route->policy : ContentPolicy::api, tls_);
  count(exchange, response, seconds);
  log(exchange, response, seconds);
}

void Edge::abandon(const Exchange& exchange) const { metrics_.request_finished(pattern_of(exchange), kClientWentAway); }

void Edge::count(const Exchange& exchange, const Response& response, double seconds) const {
  metrics_.request_finished(pattern_of(exchange), response.status);
  if (is_film(exchange)) {
    metrics_.film_finished(response.status, response.error, seconds);
    if (response.film_statistics) metrics_.record_film(*response.film_statistics);
    if (response.error == ErrorCode::unavailable) metrics_.answer_withheld();
  }
  if (!is_diagnosis(exchange)) return;
  metrics_.diagnosis_finished(response.status, response.error, seconds);
  if (response.statistics) metrics_.record_answer(*response.statistics);
  if (response.error == ErrorCode::unavailable) metrics_.answer_withheld();
}

void Edge::log(const Exchange& exchange, const Response& response, double seconds) const {
  const LogField request_id{"request_id", LogText::safe(exchange.context.request_id)};
  const LogField method{"method", LogText::safe(known_method(exchange.request.method))};
  const LogField route{"route", LogText::safe(pattern_of(exchange))};
  const LogField status{"status", static_cast<int>(response.status)};
  const LogField duration{"seconds", seconds};
  const LogField actor{"actor", LogText::safe(exchange.context.actor)};
  if (response.error) {
    const LogField error{"error", *response.error};
    const LogField detail{"detail", LogText::safe(response.log_detail)};
    if (response.status < 500) return logger_.info("request", {request_id, method, route, status, duration, actor, error});
    return logger_.error("request", {request_id, method, route, status, duration, actor, error, detail});
  }
  if (is_diagnosis(exchange) || is_film(exchange)) return logger_.info("request", {request_id, method, route, status, duration, actor});
  logger_.debug("request", {request_id, method, route, status, duration, actor});
}

}  // namespace osler::http
