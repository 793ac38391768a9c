// Who saw a patient, as the audit logs say it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/entry.h"
#include "audit/logs.h"
#include "base/json.h"

namespace osler::service {

/// How an entry is about a patient: it names them; the answer to somebody else's request showed something of them; or everything was copied.
enum class About { patient, among_others, everybody };
std::string_view name_of(About about);  // "patient", "among others", "everybody"

struct PatientAccess {
  std::string log;
  audit::LoggedEntry logged;
  About about;
};

/// {time, actor, role, action, outcome, client, request_id, about, log, index}
Json write_access(const PatientAccess& access);

/// Every entry of these logs that is about the patient with this token, in the order of time; reads all of them. `passed` (may be empty) is called for each
/// entry that is read. Errors as for audit::read_entries(). Thread-safe.
Result<std::vector<PatientAccess>> find_accesses(FileSystem& files, std::span<const audit::OpenedLog> logs, const std::string& patient_token,
                                                 const std::function<void()>& passed = {});

}  // namespace osler::service
