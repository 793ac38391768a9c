#include "service/audit_trail.h"

#include <algorithm>

#include "audit/reader.h"
#include "base/limits.h"
#include "service/case_requests.h"
#include "service/interaction.h"
#include "service/patient_accesses.h"

namespace osler::service {

namespace {

Result<const audit::OpenedLog*> log_called(const std::vector<audit::OpenedLog>& logs, const std::string& name) {
  if (name.empty()) return &logs.front();
  const auto found = std::find_if(logs.begin(), logs.end(), [&](const audit::OpenedLog& log) { return log.name() == name; });
  if (found == logs.end()) return make_error(ErrorCode::not_found, "There is no such log here; an answer without `log` names those there are.");
  return &*found;
}

Json write_logs(const std::vector<audit::OpenedLog>& logs) {
  Json list = Json::array();
  for (const audit::OpenedLog& log : logs) list.push_back({{"name", log.name()}, {"public_key", log.identity().public_key}});
  return list;
}

}  // namespace

Result<Json> AuditTrail::page(const AuditPageOptions& options, const RequestContext& context) {
  const std::vector<audit::OpenedLog> logs = TRY(audit::open_logs(parts_.files, *parts_.keys.ring(), parts_.folder));
  const audit::OpenedLog& log = *TRY(log_called(logs, options.log));
  const auto none = [](std::uint64_t, std::string_view) { return ok(); };
  const std::uint64_t size = TRY(audit::read_entries(parts_.files, log.keys, log.folder, none, std::numeric_limits<std::uint64_t>::max()));
  const std::uint64_t end = std::min(options.before, size), begin = end - std::min<std::uint64_t>(end, options.limit);
  Json entries = Json::array();
  TRY(audit::read_entries(parts_.files, log.keys, log.folder, [&](std::uint64_t, std::string_view json) -> Result<void> {
    entries.push_back(TRY(parse_json(json)));
    return ok();
  }, begin, end));
  std::reverse(entries.begin(), entries.end());
  TRY_VOID(parts_.recorder.record(entry_for(context, audit::Action::log_read, "given:" + std::to_string(entries.size()) + " log:" + log.name() + " before:" + std::to_string(end))));
  return Json{{"request_id", context.request_id}, {"log", log.name()}, {"logs", write_logs(logs)}, {"size", size}, {"entries", std::move(entries)},
              {"next", begin > 0 ? Json(begin) : Json()}};
}

Result<Json> AuditTrail::accesses(std::string_view body, const RequestContext& context) {
  const PatientRequest request = TRY(parse_patient(body, false));
  const std::unique_lock<std::mutex> alone(reading_all_, std::try_to_lock);
  if (!alone) return make_error(ErrorCode::overloaded, "Another such question is being answered. Try again shortly.");
  const std::string token = parts_.names.token("patient", request.patient_id.reveal_phi());
  audit::Entry entry = entry_for(context, audit::Action::log_accesses, "begun");
  entry.subject = token;
  TRY_VOID(parts_.recorder.record(std::move(entry)));
  const std::vector<audit::OpenedLog> logs = TRY(audit::open_logs(parts_.files, *parts_.keys.ring(), parts_.folder));
  const std::vector<PatientAccess> all = TRY(find_accesses(parts_.files, logs, token));
  const std::size_t left_out = all.size() - std::min(all.size(), limits::kMaxAccessesListed);
  Json list = Json::array();
  for (std::size_t i = left_out; i < all.size(); ++i) list.push_back(write_access(all[i]));
  return Json{{"request_id", context.request_id}, {"accesses", std::move(list)}, {"left_out", left_out}};
}

}  // namespace osler::service
