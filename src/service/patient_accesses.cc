#include "service/patient_accesses.h"

#include <algorithm>

#include "audit/actions.h"
#include "audit/reader.h"

namespace osler::service {

namespace {

std::optional<About> about(const audit::Entry& entry, const std::string& token) {
  if (entry.subject == token) return About::patient;
  if (std::find(entry.also_shown.begin(), entry.also_shown.end(), token) != entry.also_shown.end()) return About::among_others;
  if (entry.subject.empty() && entry.action == audit::name_of(audit::Action::export_records)) return About::everybody;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(About about) {
  switch (about) {
    case About::patient: return "patient";
    case About::among_others: return "among others";
    case About::everybody: return "everybody";
  }
  return "";
}

Json write_access(const PatientAccess& access) {
  const audit::Entry& entry = access.logged.entry;
  return {{"time", access.logged.time}, {"actor", entry.actor}, {"role", entry.role}, {"action", entry.action}, {"outcome", entry.outcome},
          {"client", entry.client_address}, {"request_id", entry.request_id}, {"about", name_of(access.about)}, {"log", access.log}, {"index", access.logged.index}};
}

Result<std::vector<PatientAccess>> find_accesses(FileSystem& files, std::span<const audit::OpenedLog> logs, const std::string& patient_token,
                                                 const std::function<void()>& passed) {
  const std::string of_export = "\"action\":\"" + std::string(audit::name_of(audit::Action::export_records)) + "\"";
  std::vector<PatientAccess> accesses;
  for (const audit::OpenedLog& log : logs)
    TRY(audit::read_entries(files, log.keys, log.folder, [&](std::uint64_t, std::string_view json) -> Result<void> {
      if (passed) passed();
      if (json.find(patient_token) == std::string_view::npos && json.find(of_export) == std::string_view::npos) return ok();
      audit::LoggedEntry logged = TRY(audit::parse_entry(json));
      if (const std::optional<About> how = about(logged.entry, patient_token)) accesses.push_back({log.name(), std::move(logged), *how});
      return ok();
    }));
  std::stable_sort(accesses.begin(), accesses.end(), [](const PatientAccess& one, const PatientAccess& other) { return one.logged.time < other.logged.time; });
  return accesses;
}

}  // namespace osler::service
