// osler audit export | accesses: both are entries of the audit themselves, written before anything is shown.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "app/audit_logs.h"
#include "app/commands.h"
#include "audit/actions.h"
#include "audit/reader.h"
#include "base/json.h"

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

using Visit = std::function<Result<void>(const AuditLog& log, std::string_view json)>;

Result<void> visit_entries(const Trust& trust, const Config& config, const Visit& visit) {
  Progress progress;
  for (const AuditLog& log : TRY(open_audit_logs(*trust.files, *trust.keys->ring(), config.audit_folder)))
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
  return visit_entries(trust, config, [&](const AuditLog& log, std::string_view json) -> Result<void> {
    const audit::LoggedEntry logged = TRY(audit::parse_entry(json));
    const bool wanted = (from.empty() || logged.time >= from) && (until.empty() || logged.time < until) && (request.action.empty() || logged.entry.action == request.action);
    if (wanted) std::cout << audit::to_fhir(logged, log.identity()).dump() << "\n";
    return std::cout ? ok() : Result<void>(make_error(ErrorCode::unavailable, "Standard output takes no more."));
  });
}

/// How an entry is about a patient: it names them; the answer to somebody else's request showed something of them; or everything was copied.
enum class About { patient, among_others, everybody };

const char* name_of(About about) {
  switch (about) {
    case About::patient: return "patient";
    case About::among_others: return "among others";
    case About::everybody: return "everybody";
  }
  return "";
}

struct Access {
  std::string log;
  audit::LoggedEntry logged;
  About about;
};

std::optional<About> about(const audit::Entry& entry, const std::string& token) {
  if (entry.subject == token) return About::patient;
  if (std::find(entry.also_shown.begin(), entry.also_shown.end(), token) != entry.also_shown.end()) return About::among_others;
  if (entry.subject.empty() && entry.action == audit::name_of(audit::Action::export_records)) return About::everybody;
  return std::nullopt;
}

void print_access(const Access& access) {
  const audit::Entry& entry = access.logged.entry;
  std::printf("%s  %s (%s)  %s  %s  %s  %s%s%s\n", access.logged.time.c_str(), entry.actor.c_str(), entry.role.c_str(), entry.action.c_str(), entry.outcome.c_str(),
              entry.client_address.empty() ? "-" : entry.client_address.c_str(), entry.request_id.empty() ? "-" : entry.request_id.c_str(),
              access.about == About::patient ? "" : "  ", access.about == About::patient ? "" : name_of(access.about));
}

Json access_json(const Access& access) {
  const audit::Entry& entry = access.logged.entry;
  return {{"time", access.logged.time}, {"actor", entry.actor}, {"role", entry.role}, {"action", entry.action}, {"outcome", entry.outcome},
          {"client", entry.client_address}, {"request_id", entry.request_id}, {"about", name_of(access.about)}, {"log", access.log}, {"index", access.logged.index}};
}

Result<void> list_accesses(const Config& config, const std::string& patient, Output output) {
  const Trust trust = TRY(open_trust(config));
  const std::string token = trust.names->token("patient", TRY(patient_id_of(patient)).reveal_phi());
  TRY_VOID(audit_command(trust, config, audit::Action::log_accesses, "begun", token));
  const std::string of_export = "\"action\":\"" + std::string(audit::name_of(audit::Action::export_records)) + "\"";
  std::vector<Access> accesses;
  TRY_VOID(visit_entries(trust, config, [&](const AuditLog& log, std::string_view json) -> Result<void> {
    if (json.find(token) == std::string_view::npos && json.find(of_export) == std::string_view::npos) return ok();
    audit::LoggedEntry logged = TRY(audit::parse_entry(json));
    if (const std::optional<About> how = about(logged.entry, token)) accesses.push_back({log.name(), std::move(logged), *how});
    return ok();
  }));
  std::stable_sort(accesses.begin(), accesses.end(), [](const Access& one, const Access& other) { return one.logged.time < other.logged.time; });
  Json json = Json::array();
  for (const Access& access : accesses) {
    if (output == Output::json) json.push_back(access_json(access));
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
