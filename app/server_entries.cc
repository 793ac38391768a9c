#include "app/server_entries.h"

#include "audit/actions.h"
#include "audit/reader.h"
#include "base/version.h"

namespace osler::app {

namespace {

constexpr std::size_t kSegmentsToLookBack = 8;  // of 16 MiB: some 400,000 entries, in half a second; a longer run is compared with nothing, and says so

std::string settings_text(const Config& config) {
  std::string text;
  for (const auto& [name, value] : config.given) text += name + "=" + value + "\n";
  return text;
}

/// What "config.changed" says, or nothing: same settings, or the first start of all.
std::string difference(const std::optional<std::string>& last_start, const vault::Names& names, const std::string& settings, bool first_start) {
  if (!last_start) return first_start ? "" : "the last start is too far back to compare with";
  const Result<audit::LoggedEntry> logged = audit::parse_entry(*last_start);
  if (!logged || names.commits_to(logged->entry.commitment, as_bytes(settings))) return "";
  return "since " + logged->time;
}

}  // namespace

audit::Entry system_entry(audit::Action action, std::string outcome, std::string patient_token) {
  audit::Entry entry;
  entry.actor = entry.role = "system";
  entry.action = audit::name_of(action);
  entry.outcome = std::move(outcome);
  entry.subject = std::move(patient_token);
  return entry;
}

Result<void> audit_start(audit::Log& log, FileSystem& files, const audit::Keys& keys, const vault::Names& names, const Config& config, const std::string& model_version) {
  const std::string settings = settings_text(config);
  const std::string mark = "\"action\":\"" + std::string(audit::name_of(audit::Action::server_started)) + "\"";
  const auto last = TRY(audit::last_entry(files, keys, config.audit_folder, kSegmentsToLookBack, [&](std::string_view json) { return json.find(mark) != std::string_view::npos; }));
  const bool whole_log = TRY(audit::list_segments(files, config.audit_folder)).size() <= kSegmentsToLookBack;
  std::vector<audit::Entry> entries{system_entry(audit::Action::server_started, std::string("version ") + kVersion)};
  if (std::string change = difference(last, names, settings, whole_log); !change.empty()) entries.push_back(system_entry(audit::Action::config_changed, std::move(change)));
  for (audit::Entry& entry : entries) {
    entry.model_version = model_version;
    entry.commitment = names.commitment(as_bytes(settings));
  }
  TRY(log.append(entries));
  return ok();
}

Result<void> audit_stop(audit::Log& log) {
  const audit::Entry entry = system_entry(audit::Action::server_stopped, "done");
  TRY(log.append({&entry, 1}));
  return ok();
}

}  // namespace osler::app
