// osler audit verify | public-key.
#include <algorithm>
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/trust.h"
#include "audit/logs.h"
#include "audit/reader.h"
#include "audit/verify.h"
#include "audit/witness.h"
#include "base/json.h"

namespace osler::app {

namespace {

struct Verified {
  std::string folder, public_key;
  audit::VerifyReport report;
};

bool sound(const std::vector<Verified>& logs) {
  return std::all_of(logs.begin(), logs.end(), [](const Verified& log) { return log.report.sound(); });
}

Json report_json(const Verified& log) {
  const audit::VerifyReport& report = log.report;
  Json json;
  json["folder"] = log.folder;
  json["sound"] = report.sound();
  json["entries"] = report.entries;
  json["root"] = to_hex(report.root);
  json["segments"] = report.segments;
  json["checkpoints"] = report.checkpoints;
  json["checkpointed_entries"] = report.checkpointed_entries;
  json["witnessed_entries"] = report.witnessed_entries;
  json["problems"] = Json::array();
  for (const audit::Problem& problem : report.problems)
    json["problems"].push_back({{"index", problem.index}, {"file", problem.file}, {"text", problem.text}});
  json["notes"] = report.notes;
  json["unseen"] = report.unseen;
  return json;
}

void print_report(const Verified& log) {
  const audit::VerifyReport& report = log.report;
  std::printf("%s: %s: %llu entries in %zu segment(s), %zu checkpoint(s)\nroot %s\n", report.sound() ? "sound" : "NOT SOUND", log.folder.c_str(),
              static_cast<unsigned long long>(report.entries), report.segments, report.checkpoints, to_hex(report.root).c_str());
  for (const audit::Problem& problem : report.problems)
    std::printf("problem at entry %llu of %s in %s: %s\n", static_cast<unsigned long long>(problem.index), log.folder.c_str(), problem.file.c_str(), problem.text.c_str());
  for (const std::string& note : report.notes) std::printf("note: %s\n", note.c_str());
  for (const std::string& unseen : report.unseen) std::printf("cannot be seen from here: %s\n", unseen.c_str());
}

/// Lines of the witness that no log here signed: a log that was deleted with its keys leaves nothing else behind.
std::size_t unclaimed_lines(const std::vector<Verified>& logs) {
  std::size_t lines = logs.front().report.witness_lines + logs.front().report.foreign_witness_lines;
  for (const Verified& log : logs) lines -= std::min(lines, log.report.witness_lines);
  return lines;
}

std::string unclaimed_note(std::size_t lines) {
  return "the witness holds " + std::to_string(lines) + " line(s) that no log here signed: of another machine's log, or of one that was deleted with its keys";
}

void print_all(const std::vector<Verified>& logs, Output output) {
  const std::size_t unclaimed = unclaimed_lines(logs);
  if (output == Output::human) {
    for (const Verified& log : logs) print_report(log);
    if (unclaimed > 0) std::printf("note: %s\n", unclaimed_note(unclaimed).c_str());
    return;
  }
  Json json{{"sound", sound(logs)}, {"entries", 0}, {"logs", Json::array()}, {"notes", Json::array()}};
  std::uint64_t entries = 0;
  for (const Verified& log : logs) {
    entries += log.report.entries;
    json["logs"].push_back(report_json(log));
  }
  json["entries"] = entries;
  if (unclaimed > 0) json["notes"].push_back(unclaimed_note(unclaimed));
  std::cout << json.dump(2) << "\n";
}

/// Keys are bound to no folder: a log that was put in another one's place is sound by itself, and stands here twice.
void report_copies(std::vector<Verified>& logs) {
  for (auto log = logs.begin(); log != logs.end(); ++log) {
    const auto same = std::find_if(logs.begin(), log, [&](const Verified& earlier) { return earlier.public_key == log->public_key; });
    if (same != log) log->report.problems.push_back({0, std::string(audit::kSecretsFile), "this is a copy of the log in " + same->folder + ": the one that stood here is gone"});
  }
}

Result<std::vector<Verified>> verify_all(const Config& config, const std::string& folder, const std::string& witness) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  const auto keys = TRY(open_keys(config, *files, MissingKey::is_refused, Logger(config.log_level)));
  const std::string& told = witness.empty() ? config.audit_witness : witness;
  if (!witness.empty() && !audit::is_syslog(witness) && !files->exists(witness))
    return make_error(ErrorCode::not_found, "There is no witness file at " + witness + ".");
  std::vector<Verified> verified;
  for (const audit::OpenedLog& log : TRY(audit::open_logs(*files, *keys->ring(), folder.empty() ? config.audit_folder : folder)))
    verified.push_back({log.folder, log.identity().public_key, TRY(audit::verify(*files, log.keys, {.folder = log.folder, .witness = told}))});
  report_copies(verified);
  return verified;
}

Result<void> print_public_keys(const Config& config, Output output) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  const auto keys = TRY(open_keys(config, *files, MissingKey::is_refused, Logger(config.log_level)));
  Json json = Json::array();
  for (const audit::OpenedLog& log : TRY(audit::open_logs(*files, *keys->ring(), config.audit_folder))) {
    json.push_back({{"public_key", log.identity().public_key}, {"folder", log.folder}});
    if (output == Output::human) std::printf("%s  %s\n", log.identity().public_key.c_str(), log.folder.c_str());
  }
  if (output == Output::json) std::cout << json.dump(2) << "\n";
  return ok();
}

}  // namespace

int audit_verify(const Config& config, const std::string& folder, const std::string& witness, Output output) {
  const Result<std::vector<Verified>> logs = verify_all(config, folder, witness);
  if (!logs) return refuse(logs.error());
  print_all(*logs, output);
  return sound(*logs) ? 0 : 1;
}

int audit_public_key(const Config& config, Output output) {
  const Result<void> printed = print_public_keys(config, output);
  return printed ? 0 : refuse(printed.error());
}

}  // namespace osler::app
