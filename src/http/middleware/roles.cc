#include "http/middleware/roles.h"

#include <iterator>

namespace osler::http {

namespace {

constexpr std::string_view kRoleNames[] = {"clinician", "integrator", "data_scientist", "auditor", "admin"};
constexpr std::string_view kScopeNames[] = {"osler.diagnose", "osler.read", "osler.operate"};

}  // namespace

std::string_view name_of(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kRoleNames); ++i)
    if (kRoleNames[i] == text) return static_cast<Role>(i);
  return std::nullopt;
}

std::string_view name_of(Scope scope) { return kScopeNames[static_cast<std::size_t>(scope)]; }

std::optional<Scope> parse_scope(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kScopeNames); ++i)
    if (kScopeNames[i] == text) return static_cast<Scope>(i);
  return std::nullopt;
}

}  // namespace osler::http
