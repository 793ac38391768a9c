// What the audit log speaks of: every action that an entry may name, with what it means to a reader of FHIR and DICOM audit records.
//
// A new use-case adds a line here and to the table in actions.cc; nothing else makes up a name.
#pragma once

#include <optional>
#include <string_view>

namespace osler::audit {

enum class Action {
  // Asking the models
  diagnose, findings, next, predict, batch_case,
  // Records
  read, list, search, share, outcome, delete_patient, hold, release_hold, retention, export_records, import_records, replay, reembed,
  // Batches
  batch_create, batch_read, batch_cancel,
  // Who may what
  login_denied, access_denied, rate_limited, emergency_access, keys_list, keys_rotate, keys_retire, api_keys_add, api_keys_list, api_keys_revoke,
  // The server and its log
  request, server_started, server_stopped, config_changed, log_recovered, log_skipped, log_read, log_accesses, log_export,
};
inline constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::log_export) + 1;

/// What happened to the data, as AuditEvent.action says it.
enum class Deed : char { create = 'C', read = 'R', update = 'U', remove = 'D', execute = 'E' };

/// A code of DICOM PS3.16, context groups 400 (event) and 401 (type of event), which FHIR R4 takes over for AuditEvent.type and subtype.
struct DicomCode {
  std::string_view code, display;
};

struct ActionFacts {
  std::string_view name;             // as entries hold it
  Deed deed;
  DicomCode event;
  std::optional<DicomCode> subtype;
  bool refusal = false;              // the action is itself that something was refused
};

const ActionFacts& facts_of(Action action);
inline std::string_view name_of(Action action) { return facts_of(action).name; }
/// None for a name that no action has: logs of other versions may hold such.
std::optional<Action> parse_action(std::string_view name);

/// How it went, by the first word of an entry's outcome: "refused:<error code>" was the caller's to mend; "unavailable" and "failed..." were not.
enum class Verdict { success, refused, failed };
Verdict verdict_of(std::string_view action_name, std::string_view outcome);

}  // namespace osler::audit
