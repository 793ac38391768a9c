#include "http/edge.h"

#include <cstdio>
#include <ctime>

#include "base/ids.h"
#include "base/limits.h"
#include "http/middleware/break_glass.h"
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

/// Not the page, its files, the documents of the API and the probes of health.
bool is_of_api(const Exchange& exchange) { return exchange.route && (exchange.route->path.starts_with("/api/v1/") || is_film(exchange)); }

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
    : trial_(options.trial), shares_rate_limit_(options.shared_rate_limit != nullptr), on_unaudited_(options.on_unaudited), cors_(std::move(cors)),
      trusted_proxies_(std::move(trusted)), authenticator_(options.api_keys, options.stored_keys, options.tokens),
      limiter_(options.rate_limit_per_minute, options.bounds.max_rate_limit_clients, clock),
      failed_logins_({static_cast<double>(limits::kMaxFailedLogins), 60.0 / static_cast<double>(limits::kFailedLoginInterval.count())},
                     limits::kMaxFailedLoginNames, clock),
      metrics_(metrics),
      clock_(clock), logger_(logger) {}

void Edge::begin(Exchange& exchange) const {
  exchange.context.request_id = make_uuid();  // always ours: an identifier of the caller's could say who the patient is
  exchange.context.actor = "anonymous";
  exchange.context.has_entry = std::make_shared<std::atomic<bool>>(false);
  exchange.started = clock_.steady_now();
  metrics_.request_started();
}

void Edge::received(Exchange& exchange) const { exchange.context.arrived = clock_.steady_now(); }

std::optional<Response> Edge::identify(Exchange& exchange) {
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
  exchange.request.id = std::string(match.id);
  if (match.route->rate_limited) exchange.limited_as = "address " + rate_limit_name(exchange.context.client_address);
  return match.route->roles.open_to_anyone() ? std::nullopt : log_in(exchange);
}

std::optional<Response> Edge::log_in(Exchange& exchange) {
  const std::string address = "address " + rate_limit_name(exchange.context.client_address);
  if (trial_) {
    exchange.principal = Principal{std::string(kTrialName), Role::clinician};
  } else if (Authenticator::presents(exchange.request.headers)) {
    if (const auto wait = failed_logins_.wait_of(address)) return lock_out(exchange, "address", *wait);
    Login login = authenticator_.login(exchange.request.headers, clock_.now());
    if (login.refusal) return refuse_login(exchange, address, login);
    exchange.principal = std::move(login.principal);
  }
  if (!exchange.principal) {
    exchange.limited_as = address;
    return std::nullopt;
  }
  exchange.context.actor = exchange.principal->name;
  exchange.context.role = name_of(exchange.principal->role);
  if (!exchange.limited_as.empty() && !trial_) exchange.limited_as = "key " + exchange.principal->name;
  return std::nullopt;
}

/// A key's prefix is no secret, so failures for it never stop the right key: they only make further wrong ones wait, wherever they come from.
Response Edge::refuse_login(const Exchange& exchange, const std::string& address, const Login& login) {
  metrics_.login_failed();
  if (login.guess) {
    failed_logins_.take(address);
    const std::string key = "key " + login.key_prefix;
    if (!login.key_prefix.empty())
      if (const auto wait = failed_logins_.take(key)) return lock_out(exchange, "key", *wait);
  }
  return refuse(exchange, *login.refusal);
}

Response Edge::lock_out(const Exchange& exchange, std::string_view by, std::chrono::seconds wait) const {
  metrics_.locked_out(by);
  return come_back(exchange, "Too many failed logins", wait);
}

std::optional<Response> Edge::admit(Exchange& exchange, std::optional<RateVerdict> shared) {
  const Route& route = *exchange.route;
  if (!exchange.limited_as.empty())
    if (auto refusal = check_rate(exchange, shared)) return refusal;
  if (auto refusal = check_caller(exchange)) return refusal;
  if (route.takes.empty()) return std::nullopt;
  if (const auto media = check_content_type(exchange.request.headers, route.takes); !media) return refuse(exchange, media.error());
  return std::nullopt;
}

std::optional<Response> Edge::check_caller(Exchange& exchange) {
  const Route& route = *exchange.route;
  if (route.roles.open_to_anyone()) return std::nullopt;
  if (!exchange.principal) return refuse(exchange, make_error(ErrorCode::unauthenticated, "A valid API key or token is required."));
  const Principal& caller = *exchange.principal;
  if (!route.roles.contains(caller.role)) return refuse(exchange, make_error(ErrorCode::forbidden, "The role of this key does not allow that."));
  if (!caller.scopes.contains(route.scope)) return refuse(exchange, make_error(ErrorCode::forbidden, "This needs a token with the scope " + std::string(name_of(route.scope)) + "."));
  auto reason = break_glass_reason(exchange.request.headers, caller.role, route.break_glass);
  if (!reason) return refuse(exchange, reason.error());
  exchange.context.break_glass = std::move(*reason);
  if (exchange.context.break_glass) metrics_.glass_broken();
  return std::nullopt;
}

std::optional<Response> Edge::check_rate(const Exchange& exchange, std::optional<RateVerdict> shared) {
  if (shares_rate_limit_ && !shared) metrics_.limited_alone();
  const std::chrono::seconds wait = shared ? shared->wait : limiter_.take(exchange.limited_as).value_or(std::chrono::seconds(0));
  if (wait.count() == 0) return std::nullopt;
  metrics_.rate_limited();
  return come_back(exchange, "Too many requests", wait);
}

Response Edge::come_back(const Exchange& exchange, std::string_view why, std::chrono::seconds wait) const {
  const std::string seconds = std::to_string(wait.count());
  Response response = refuse(exchange, make_error(ErrorCode::rate_limited, std::string(why) + "; try again in " + seconds + " s."));
  response.set_header("Retry-After", seconds);
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
  add_security_headers(response, exchange.route ? exchange.route->policy : ContentPolicy::api, !trial_);  // outside trial mode it is TLS that reaches the client, ours or a proxy's
  count(exchange, response, seconds);
  log(exchange, response, seconds);
  audit(exchange, response);
}

/// Every answer of the API has one entry. A use-case makes that of its requests; an answer that came too late (a 504) is still under way there.
void Edge::audit(const Exchange& exchange, const Response& response) const {
  if (!on_unaudited_ || *exchange.context.has_entry) return;
  const std::string pattern(pattern_of(exchange));
  if (response.status == 401) return on_unaudited_(exchange.context, audit::Action::login_denied, pattern);
  if (response.status == 403) return on_unaudited_(exchange.context, audit::Action::access_denied, pattern);
  if (response.status == 429) return on_unaudited_(exchange.context, audit::Action::rate_limited, pattern);
  if (!is_of_api(exchange) || response.error == ErrorCode::timeout) return;
  const std::string outcome = response.error ? (response.status < 500 ? "refused:" : "failed:") + std::string(name_of(*response.error)) : "answered";
  on_unaudited_(exchange.context, audit::Action::request, outcome + " " + pattern);
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
