#include "service/case_access.h"

#include <algorithm>

namespace osler::service {

bool sees_cases(std::string_view role) { return role == "clinician" || role == "integrator"; }

bool sees_shared_cases(std::string_view role) { return role == "clinician"; }

CaseAccess access_to_case(std::string_view role, std::string_view actor, std::string_view owner, std::span<const std::string> readers, bool breaks_glass) {
  if (!sees_cases(role) || actor.empty()) return CaseAccess::none;
  if (actor == owner) return CaseAccess::owner;
  if (!sees_shared_cases(role)) return CaseAccess::none;
  if (std::any_of(readers.begin(), readers.end(), [&](const std::string& reader) { return reader == actor || reader == kEveryClinician; })) return CaseAccess::reader;
  return breaks_glass ? CaseAccess::emergency : CaseAccess::none;
}

}  // namespace osler::service
