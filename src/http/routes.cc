#include "http/routes.h"

#include "base/limits.h"
#include "http/handlers/handlers.h"

namespace osler::http {

namespace {

constexpr RoleSet kMayDiagnose = {Role::clinician, Role::integrator, Role::admin};
constexpr RoleSet kAnyKey = RoleSet::any_key();
constexpr RoleSet kAnyone = RoleSet::anyone();

constexpr Route kRoutes[] = {
    // method, path, handler, roles, rate-limited, runs, takes, at most so many bytes, policy
    {"POST", "/api/v1/diagnose", diagnose, kMayDiagnose, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/api/v1/findings", findings, kMayDiagnose, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/api/v1/next", next, kMayDiagnose, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/predict", predict, kMayDiagnose, true, Runs::on_film_worker, "multipart/form-data", limits::kMaxUploadBytes, ContentPolicy::api},
    {"POST", "/api/v1/images/predict", predict, kMayDiagnose, true, Runs::on_film_worker, "multipart/form-data", limits::kMaxUploadBytes, ContentPolicy::api},
    {"GET", "/api/v1/complete", complete, kAnyKey, false, Runs::on_worker, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"GET", "/api/v1/metrics", metrics, kAnyKey, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"GET", "/api/v1/about", about, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"GET", "/api/openapi.json", file, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"GET", "/api/docs", file, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::docs},
    {"GET", "/api/redoc", file, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::docs},
    {"GET", "/health/live", live, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"GET", "/health/ready", ready, kAnyone, false, Runs::on_worker, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"GET", "/films", file, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::page},
    {"GET", "/", file, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::page},
    {"GET", "/favicon.ico", file, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::page},
    {"GET", "/static/*", file, kAnyone, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::page},
};

bool fits(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with('*')) return pattern == path;
  return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

void allow(std::string& list, std::string_view method) {
  if (!list.empty()) list += ", ";
  list += method;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

RouteMatch match_route(std::string_view method, std::string_view path) {
  RouteMatch match;
  for (const Route& route : kRoutes) {
    if (!fits(route.path, path)) continue;
    allow(match.allow, route.method);
    if (route.method == "GET") allow(match.allow, "HEAD");
    if (method == route.method || (method == "HEAD" && route.method == "GET")) match.route = &route;
  }
  if (!match.allow.empty()) allow(match.allow, "OPTIONS");
  return match;
}

}  // namespace osler::http
