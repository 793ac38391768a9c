#include "app/repeated_deletions.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>

#include "app/trust.h"
#include "audit/entry.h"
#include "audit/reader.h"
#include "base/clock.h"
#include "cases/key_table.h"
#include "service/patient_records.h"
#include "vault/key_file.h"

namespace osler::app {

namespace {

constexpr std::string_view kSecretTable = "secrets";
constexpr std::size_t kAnswersKept = 100;  // of all logs, the last read; what a damaged write-ahead log loses is the end

struct Word {
  WallTime time{};
  bool held = false;
};

/// What the logs say that the store may not know.
struct Said {
  std::map<std::string, WallTime> deletions;  // by patient; the last
  std::map<std::string, Word> holds;          // likewise
  std::deque<std::string> answers;            // entries of the last that were answered
};

struct LogEnd {
  std::string secret_name;
  std::uint64_t next_index = 0;
};

Result<std::uint64_t> read_mark(cases::Store& store, const vault::KeyRing& keys, const std::string& name) {
  const std::optional<vault::SealedText> sealed = TRY(store.keys().secret(name));
  if (!sealed) return std::uint64_t{0};
  const Result<Bytes> bytes = vault::open(keys, {kSecretTable, name}, *sealed);
  if (!bytes) return std::uint64_t{0};  // damaged: all is read again
  const std::string_view text = as_text(*bytes);
  std::uint64_t mark = 0;
  std::from_chars(text.data(), text.data() + text.size(), mark);
  return mark;
}

Result<void> hear(std::string_view json, Said& said) {
  const bool has_commitment = json.find("\"commitment\":\"") != std::string_view::npos && json.find("\"commitment\":\"\"") == std::string_view::npos;
  if (has_commitment && json.find("\"outcome\":\"answered\"") != std::string_view::npos) {
    said.answers.emplace_back(json);
    if (said.answers.size() > kAnswersKept) said.answers.pop_front();
  }
  // Most entries are of neither kind, and to parse them costs more than all else.
  if (json.find("\"action\":\"delete\"") == std::string_view::npos && json.find("\"action\":\"hold") == std::string_view::npos) return ok();
  const audit::LoggedEntry logged = TRY(audit::parse_entry(json));
  const audit::Entry& entry = logged.entry;
  const auto time = parse_rfc3339(logged.time);
  if (entry.subject.empty() || !time) return ok();
  const bool is_deletion = entry.action == audit::name_of(audit::Action::delete_patient) && (entry.outcome == "begun" || entry.outcome.starts_with("deleted:"));
  const bool is_hold = entry.outcome == "held" || entry.outcome == "released";
  if (is_deletion) {
    WallTime& last = said.deletions[entry.subject];
    last = std::max(last, *time);
  } else if (is_hold && *time >= said.holds[entry.subject].time) {
    said.holds[entry.subject] = {*time, entry.outcome == "held"};
  }
  return ok();
}

/// Reads one log from where the store stopped the last time.
Result<LogEnd> read_log(FileSystem& files, cases::Store& store, const vault::KeyRing& keys, const std::string& secret_file, Since since, Said& said) {
  const audit::Keys log_keys(TRY(vault::load_audit_secrets(files, secret_file, keys)));
  const std::string folder = secret_file.substr(0, secret_file.rfind('/'));
  LogEnd end{"read until:" + to_hex(log_keys.signer().public_key()), 0};
  const std::uint64_t mark = since == Since::last_time ? TRY(read_mark(store, keys, end.secret_name)) : 0;
  const auto visit = [&](std::uint64_t, std::string_view json) { return hear(json, said); };
  const Result<std::uint64_t> next = audit::read_entries(files, log_keys, folder, visit, mark);
  if (!next && next.error().code != ErrorCode::not_found) return next.error();  // keys are made before the first entry
  end.next_index = next ? *next : 0;
  // Shorter than it was: an older copy of the log, whose numbers mean other entries now.
  if (end.next_index < mark) end.next_index = TRY(audit::read_entries(files, log_keys, folder, visit));
  return end;
}

Result<std::vector<Repeated>> apply(service::PatientRecords& records, cases::Store& store, const Said& said) {
  std::vector<Repeated> repeated;
  for (const auto& [token, time] : said.deletions)
    if (const std::uint64_t removed = TRY(records.remove_again(token, time)))
      repeated.push_back({audit::Action::delete_patient, token, "repeated:" + std::to_string(removed), removed});
  for (const auto& [token, word] : said.holds) {
    if (TRY(store.is_held(token)) == word.held) continue;
    TRY_VOID(store.set_hold(token, word.held));
    repeated.push_back({word.held ? audit::Action::hold : audit::Action::release_hold, token, "repeated", 0});
  }
  return repeated;
}

/// Records that were stored before their answers were given, and are gone. Age may have taken those that are too old by now.
Result<std::uint64_t> count_missing(const Config& config, cases::Store& store, const Said& said) {
  const WallTime oldest = config.retention_days > 0 ? SystemClock().now() - std::chrono::days(config.retention_days) : WallTime::min();
  std::uint64_t missing = 0;
  for (const std::string& json : said.answers) {
    const audit::LoggedEntry logged = TRY(audit::parse_entry(json));
    if (logged.entry.subject.empty() || said.deletions.contains(logged.entry.subject) || parse_rfc3339(logged.time).value_or(WallTime::min()) < oldest) continue;
    const Result<cases::SealedRecord> record = store.get(logged.entry.request_id);
    if (!record && record.error().code == ErrorCode::not_found) ++missing;
  }
  return missing;
}

Result<void> write_marks(cases::Store& store, const vault::KeyRing& keys, const std::vector<LogEnd>& ends) {
  for (const LogEnd& end : ends) {
    const std::string text = std::to_string(end.next_index);
    if (TRY(read_mark(store, keys, end.secret_name)) == end.next_index) continue;
    const Result<void> marked = store.keys().replace_secret(end.secret_name, vault::seal(keys, {kSecretTable, end.secret_name}, as_bytes(text)));
    if (!marked && marked.error().code != ErrorCode::conflict) return marked.error();  // somebody else read the same
  }
  return ok();
}

Result<std::vector<LogEnd>> read_logs(const Config& config, FileSystem& files, cases::Store& store, const vault::KeyRing& keys, Since since, Said& said) {
  std::vector<LogEnd> ends;
  for (const std::string& path : TRY(audit_secret_files(config, files))) ends.push_back(TRY(read_log(files, store, keys, path, since, said)));
  return ends;
}

}  // namespace

Result<RestoredCopy> repeat_deletions(const Config& config, FileSystem& files, cases::Store& store, const vault::KeySource& keys, const vault::Names& names,
                                               Since since) {
  Said said;
  const std::vector<LogEnd> ends = TRY(read_logs(config, files, store, *keys.ring(), since, said));
  service::PatientRecords records(store, keys, names);
  RestoredCopy copy{TRY(apply(records, store, said)), TRY(count_missing(config, store, said))};
  TRY_VOID(write_marks(store, *keys.ring(), ends));
  return copy;
}

Result<void> note_deletions_known(const Config& config, FileSystem& files, cases::Store& store, const vault::KeySource& keys) {
  Said said;
  const std::vector<LogEnd> ends = TRY(read_logs(config, files, store, *keys.ring(), Since::last_time, said));
  return write_marks(store, *keys.ring(), ends);
}

}  // namespace osler::app
