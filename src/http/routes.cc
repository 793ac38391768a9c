#include "http/routes.h"

#include <optional>

#include "base/ids.h"
#include "base/limits.h"
#include "http/handlers/handlers.h"

namespace osler::http {

namespace {

constexpr RoleSet kMayDiagnose = {Role::clinician, Role::integrator, Role::admin};
constexpr RoleSet kMayBatch = {Role::clinician, Role::integrator, Role::data_scientist, Role::admin};
constexpr RoleSet kMaySeeCases = {Role::clinician, Role::integrator};  // of these, each some: service/case_access.h
constexpr RoleSet kMayRemove = {Role::admin};
constexpr RoleSet kMayAudit = {Role::auditor};
constexpr RoleSet kAnyKey = RoleSet::any_key();
constexpr RoleSet kAnyone = RoleSet::anyone();

constexpr Route kRoutes[] = {
    // method, path, handler, roles, rate-limited, runs, takes, at most so many bytes, policy, scope (diagnose), breaking the glass (no)
    {"POST", "/api/v1/diagnose", diagnose, kMayDiagnose, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/api/v1/findings", findings, kMayDiagnose, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/api/v1/next", next, kMayDiagnose, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/predict", predict, kMayDiagnose, true, Runs::on_film_worker, "multipart/form-data", limits::kMaxUploadBytes, ContentPolicy::api},
    {"POST", "/api/v1/images/predict", predict, kMayDiagnose, true, Runs::on_film_worker, "multipart/form-data", limits::kMaxUploadBytes, ContentPolicy::api},
    {"POST", "/api/v1/batches", nullptr, kMayBatch, true, Runs::on_store_worker, "application/x-ndjson, text/csv", limits::kMaxBatchBytes, ContentPolicy::api, Scope::diagnose, false, batch_upload},
    {"GET", "/api/v1/batches", batch_list, kMayBatch, false, Runs::on_store_worker, "", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read},
    {"GET", "/api/v1/batches/{id}", batch_info, kMayBatch, false, Runs::on_store_worker, "", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read},
    {"GET", "/api/v1/batches/{id}/results", batch_results, kMayBatch, false, Runs::on_store_worker, "", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read},
    {"POST", "/api/v1/batches/{id}/cancel", batch_cancel, kMayBatch, true, Runs::on_store_worker, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/api/v1/cases/search", search_cases, kMaySeeCases, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read},
    {"GET", "/api/v1/cases", list_cases, kMaySeeCases, true, Runs::on_worker, "", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read},
    {"GET", "/api/v1/cases/{id}", read_case, kMaySeeCases, true, Runs::on_worker, "", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read, true},
    {"POST", "/api/v1/cases/{id}/outcome", record_outcome, kMaySeeCases, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/api/v1/cases/{id}/share", share_case, kMaySeeCases, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api},
    {"POST", "/api/v1/patients/delete", delete_patient, kMayRemove, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api, Scope::operate},
    {"POST", "/api/v1/patients/hold", hold_patient, kMayRemove, true, Runs::on_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api, Scope::operate},
    {"GET", "/api/v1/audit", audit_page, kMayAudit, true, Runs::on_store_worker, "", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read},
    {"POST", "/api/v1/audit/accesses", audit_accesses, kMayAudit, true, Runs::on_store_worker, "application/json", limits::kMaxBodyBytes, ContentPolicy::api, Scope::read},
    {"GET", "/api/v1/complete", complete, kAnyKey, false, Runs::on_worker, "", limits::kMaxBodyBytes, ContentPolicy::api},
    {"GET", "/api/v1/metrics", metrics, kAnyKey, false, Runs::on_io_thread, "", limits::kMaxBodyBytes, ContentPolicy::api, Scope::operate},
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

constexpr std::string_view kId = "{id}";
constexpr std::size_t kUuidCharacters = 36;

/// The UUID that stands for {id}; none when the path does not fit. Ours are in lower case, so nothing else is at any address.
std::optional<std::string_view> id_in(std::string_view pattern, std::size_t place, std::string_view path) {
  const std::string_view before = pattern.substr(0, place), behind = pattern.substr(place + kId.size());
  if (path.size() != before.size() + kUuidCharacters + behind.size() || !path.starts_with(before) || !path.ends_with(behind)) return std::nullopt;
  const std::string_view id = path.substr(place, kUuidCharacters);
  return is_uuid(id) && to_lower(id) == id ? std::optional(id) : std::nullopt;
}

bool fits(std::string_view pattern, std::string_view path, std::string_view& id) {
  if (pattern.ends_with('*')) return path.starts_with(pattern.substr(0, pattern.size() - 1));
  const std::size_t place = pattern.find(kId);
  if (place == std::string_view::npos) return pattern == path;
  const auto found = id_in(pattern, place, path);
  if (found) id = *found;
  return found.has_value();
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
    if (!fits(route.path, path, match.id)) continue;
    allow(match.allow, route.method);
    if (route.method == "GET") allow(match.allow, "HEAD");
    if (method == route.method || (method == "HEAD" && route.method == "GET")) match.route = &route;
  }
  if (!match.allow.empty()) allow(match.allow, "OPTIONS");
  return match;
}

}  // namespace osler::http
