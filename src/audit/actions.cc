#include "audit/actions.h"

#include <algorithm>

namespace osler::audit {

namespace {

constexpr DicomCode kApplicationActivity{"110100", "Application Activity"};
constexpr DicomCode kAuditLogUsed{"110101", "Audit Log Used"};
constexpr DicomCode kExport{"110106", "Export"};
constexpr DicomCode kImport{"110107", "Import"};
constexpr DicomCode kPatientRecord{"110110", "Patient Record"};
constexpr DicomCode kQuery{"110112", "Query"};
constexpr DicomCode kSecurityAlert{"110113", "Security Alert"};
constexpr DicomCode kUserAuthentication{"110114", "User Authentication"};

constexpr DicomCode kApplicationStart{"110120", "Application Start"};
constexpr DicomCode kApplicationStop{"110121", "Application Stop"};
constexpr DicomCode kLogin{"110122", "Login"};
constexpr DicomCode kEmergencyOverride{"110127", "Emergency Override Started"};
constexpr DicomCode kSecurityConfiguration{"110129", "Security Configuration"};
constexpr DicomCode kSoftwareConfiguration{"110131", "Software Configuration"};
constexpr DicomCode kRestrictedFunction{"110132", "Use of Restricted Function"};
constexpr DicomCode kUserSecurityAttributes{"110137", "User Security Attributes Changed"};

struct Line {
  Action action;
  ActionFacts facts;
};

constexpr std::optional<DicomCode> kNoSubtype;

constexpr Line kLines[] = {
    {Action::diagnose, {"diagnose", Deed::execute, kPatientRecord, kNoSubtype}},
    {Action::findings, {"findings", Deed::execute, kPatientRecord, kNoSubtype}},
    {Action::next, {"next", Deed::execute, kPatientRecord, kNoSubtype}},
    {Action::predict, {"predict", Deed::execute, kPatientRecord, kNoSubtype}},
    {Action::batch_case, {"batch.case", Deed::execute, kPatientRecord, kNoSubtype}},
    {Action::read, {"read", Deed::read, kPatientRecord, kNoSubtype}},
    {Action::list, {"list", Deed::read, kPatientRecord, kNoSubtype}},
    {Action::search, {"search", Deed::execute, kQuery, kNoSubtype}},
    {Action::share, {"share", Deed::update, kPatientRecord, kNoSubtype}},
    {Action::outcome, {"outcome", Deed::update, kPatientRecord, kNoSubtype}},
    {Action::delete_patient, {"delete", Deed::remove, kPatientRecord, kNoSubtype}},
    {Action::hold, {"hold", Deed::update, kPatientRecord, kNoSubtype}},
    {Action::release_hold, {"hold.release", Deed::update, kPatientRecord, kNoSubtype}},
    {Action::retention, {"retention", Deed::remove, kPatientRecord, kNoSubtype}},
    {Action::export_records, {"export", Deed::read, kExport, kNoSubtype}},
    {Action::import_records, {"import", Deed::create, kImport, kNoSubtype}},
    {Action::replay, {"replay", Deed::execute, kPatientRecord, kNoSubtype}},
    {Action::reembed, {"reembed", Deed::update, kPatientRecord, kNoSubtype}},
    {Action::batch_create, {"batch.create", Deed::create, kPatientRecord, kNoSubtype}},
    {Action::batch_read, {"batch.read", Deed::read, kPatientRecord, kNoSubtype}},
    {Action::batch_cancel, {"batch.cancel", Deed::update, kPatientRecord, kNoSubtype}},
    {Action::login_denied, {"login.denied", Deed::execute, kUserAuthentication, kLogin, true}},
    {Action::access_denied, {"access.denied", Deed::execute, kSecurityAlert, kRestrictedFunction, true}},
    {Action::rate_limited, {"rate.limited", Deed::execute, kSecurityAlert, kNoSubtype, true}},
    {Action::emergency_access, {"access.emergency", Deed::execute, kSecurityAlert, kEmergencyOverride}},
    {Action::keys_list, {"keys.list", Deed::read, kSecurityAlert, kSecurityConfiguration}},
    {Action::keys_rotate, {"keys.rotate", Deed::update, kSecurityAlert, kSecurityConfiguration}},
    {Action::keys_retire, {"keys.retire", Deed::remove, kSecurityAlert, kSecurityConfiguration}},
    {Action::api_keys_add, {"api_keys.add", Deed::create, kSecurityAlert, kUserSecurityAttributes}},
    {Action::api_keys_list, {"api_keys.list", Deed::read, kSecurityAlert, kUserSecurityAttributes}},
    {Action::api_keys_revoke, {"api_keys.revoke", Deed::update, kSecurityAlert, kUserSecurityAttributes}},
    {Action::request, {"request", Deed::execute, kApplicationActivity, kNoSubtype}},
    {Action::server_started, {"server.started", Deed::execute, kApplicationActivity, kApplicationStart}},
    {Action::server_stopped, {"server.stopped", Deed::execute, kApplicationActivity, kApplicationStop}},
    {Action::config_changed, {"config.changed", Deed::update, kSecurityAlert, kSoftwareConfiguration}},
    {Action::log_recovered, {"log.recovered", Deed::update, kAuditLogUsed, kNoSubtype}},
    {Action::log_skipped, {"log.skipped", Deed::execute, kSecurityAlert, kNoSubtype}},
    {Action::log_read, {"log.read", Deed::read, kAuditLogUsed, kNoSubtype}},
    {Action::log_accesses, {"log.accesses", Deed::read, kAuditLogUsed, kNoSubtype}},
    {Action::log_export, {"log.export", Deed::read, kAuditLogUsed, kNoSubtype}},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(kLines); ++i)
    if (kLines[i].action != static_cast<Action>(i)) return false;
  return std::size(kLines) == kActionCount;
}
static_assert(is_in_order(), "one line for each action, in the order of the header");

}  // namespace

const ActionFacts& facts_of(Action action) { return kLines[static_cast<std::size_t>(action)].facts; }

std::optional<Action> parse_action(std::string_view name) {
  const auto line = std::find_if(std::begin(kLines), std::end(kLines), [&](const Line& one) { return one.facts.name == name; });
  return line == std::end(kLines) ? std::nullopt : std::optional(line->action);
}

Verdict verdict_of(std::string_view action_name, std::string_view outcome) {
  const std::optional<Action> action = parse_action(action_name);
  if (outcome.starts_with("refused") || (action && facts_of(*action).refusal)) return Verdict::refused;
  return outcome.starts_with("unavailable") || outcome.starts_with("failed") ? Verdict::failed : Verdict::success;
}

}  // namespace osler::audit
