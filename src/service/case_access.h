// Who may see which case. docs/similar_cases.md has it as a table.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace osler::service {

/// As whom somebody sees a case.
enum class CaseAccess { none, owner, reader, emergency };

/// With whom every clinician may see a case (cases::Store::share).
inline constexpr std::string_view kEveryClinician = "*";

/// Clinicians and integrators; nobody else sees a patient's data, whoever owns it.
bool sees_cases(std::string_view role);
/// Whether what was shared counts: an integrator reads back only its own.
bool sees_shared_cases(std::string_view role);

/// `readers`: with whom the case is shared. `breaks_glass`: the caller gave a reason why they must see it all the same.
CaseAccess access_to_case(std::string_view role, std::string_view actor, std::string_view owner, std::span<const std::string> readers, bool breaks_glass);

}  // namespace osler::service
