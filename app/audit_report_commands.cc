// osler audit export | accesses: both are entries of the audit themselves, written before anything is shown.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/trust.h"
#include "audit/actions.h"
#include "audit/logs.h"
#include "audit/reader.h"
#include "base/json.h"
#include "service/patient_accesses.h"

namespace osler::app {

namespace {

constexpr std::uint64_t kEntriesBetweenProgress = 5000;

/// A time of the command line in the form of entries: so their texts compare like times. A date alone is its midnight, UTC.
Result<std::string> time_bound(const std::string& text, const char* option) {
  if (text.empty()) return text;
  const std::string whole = text.size() == 10 ? text + "T00:00:00.000Z" : text.size() == 20 && text.back() == 'Z' ? text.substr(0, 19) + ".000Z" : text;
  if (parse_rfc3339(whole)) return whole;
  return make_error(ErrorCode::invalid, std::string(option) + " must be a date or a time in UTC: 2026-11-21, 2026-11-21T22:03:25Z or 2026-11-21T22:03:25.120Z.");
}

/// How many entries went by, on a terminal.
class Progress {
 public:
  ~Progress() {
    if (shown_) std::fprintf(stderr, "\n");
  }
  void count() {
    if (++entries_ % kEntriesBetweenProgress != 0 || !on_terminal_) return;
    std::fprintf(stderr, "\r%llu entries read", static_cast<unsigned long long>(entries_));
    shown_ = true;
  }

 private:
  const bool on_terminal_ = isatty(STDERR_FILENO) != 0;
  std::uint64_t entries_ = 0;
  bool shown_ = false;
};

using Visit = std::function<Result<void>(const audit::OpenedLog& log, std::string_view json)>;

Result<void> visit_entries(const Trust& trust, const Config& config, const Visit& visit) {
  Progress progress;
  for (const audit::OpenedLog& log : TRY(audit::open_logs(*trust.files, *trust.keys->ring(), config.audit_folder)))
    TRY(audit::read_entries(*trust.files, log.keys, log.folder, [&](std::uint64_t, std::string_view json) -> Result<void> {
      progress.count();
      return visit(log, json);
    }));
  return ok();
}

Result<void> export_fhir(const Config& config, const AuditExportRequest& request) {
  const std::string from = TRY(time_bound(request.from, "--from")), until = TRY(time_bound(request.until, "--until"));
  if (!request.action.empty() && !audit::parse_action(request.action))
    return make_error(ErrorCode::invalid, "--action names no action of the audit; docs/formats/audit_log.md lists them.");
  const Trust trust = TRY(open_trust(config));
  TRY_VOID(audit_command(trust, config, audit::Action::log_export, "begun from:" + from + " until:" + until + " action:" + request.action));
  return visit_entries(trust, config, [&](const audit::OpenedLog& log, std::string_view json) -> Result<void> {
    const audit::LoggedEntry logged = TRY(audit::parse_entry(json));
    const bool wanted = (from.empty() || logged.time >= from) && (until.empty() || logged.time < until) && (request.action.empty() || logged.entry.action == request.action);
    if (wanted) std::cout << audit::to_fhir(logged, log.identity()).dump() << "\n";
    return std::cout ? ok() : Result<void>(make_error(ErrorCode::unavailable, "Standard output takes no more."));
  });
}

void print_access(const service::PatientAccess& access) {
  const audit::Entry& entry = access.logged.entry;
  const std::string about = access.about == service::About::patient ? "" : "  " + std::string(name_of(access.about));
  std::printf("%s  %s (%s)  %s  %s  %s  %s%s\n", access.logged.time.c_str(), entry.actor.c_str(), entry.role.c_str(), entry.action.c_str(), entry.outcome.c_str(),
              entry.client_address.empty() ? "-" : entry.client_address.c_str(), entry.request_id.empty() ? "-" : entry.request_id.c_str(), about.c_str());
}

Result<void> list_accesses(const Config& config, const std::string& patient, Output output) {
  const Trust trust = TRY(open_trust(config));
  const std::string token = trust.names->token("patient", TRY(patient_id_of(patient)).reveal_phi());
  TRY_VOID(audit_command(trust, config, audit::Action::log_accesses, "begun", token));
  Progress progress;
  const std::vector<audit::OpenedLog> logs = TRY(audit::open_logs(*trust.files, *trust.keys->ring(), config.audit_folder));
  Json json = Json::array();
  for (const service::PatientAccess& access : TRY(service::find_accesses(*trust.files, logs, token, [&] { progress.count(); }))) {
    if (output == Output::json) json.push_back(write_access(access));
    else print_access(access);
  }
  if (output == Output::json) std::cout << json.dump(2) << "\n";
  return ok();
}

int finish(const Result<void>& result) { return result ? 0 : refuse(result.error()); }

}  // namespace

int audit_export(const Config& config, const AuditExportRequest& request) { return finish(export_fhir(config, request)); }
int audit_accesses(const Config& config, const std::string& patient, Output output) { return finish(list_accesses(config, patient, output)); }

}  // namespace osler::app
