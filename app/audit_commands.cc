// osler audit verify.
#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "app/trust.h"
#include "audit/verify.h"
#include "base/json.h"

namespace osler::app {

namespace {

Json report_json(const audit::VerifyReport& report) {
  Json json;
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

void print_report(const audit::VerifyReport& report) {
  std::printf("%s: %llu entries in %zu segment(s), %zu checkpoint(s)\nroot %s\n", report.sound() ? "sound" : "NOT SOUND",
              static_cast<unsigned long long>(report.entries), report.segments, report.checkpoints, to_hex(report.root).c_str());
  for (const audit::Problem& problem : report.problems)
    std::printf("problem at entry %llu in %s: %s\n", static_cast<unsigned long long>(problem.index), problem.file.c_str(), problem.text.c_str());
  for (const std::string& note : report.notes) std::printf("note: %s\n", note.c_str());
  for (const std::string& unseen : report.unseen) std::printf("cannot be seen from here: %s\n", unseen.c_str());
}

}  // namespace

int audit_verify(const Config& config, Output output) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  const auto keys = open_keys(config, *files, MissingKey::is_refused, Logger(config.log_level));
  if (!keys) return refuse(keys.error());
  const auto audit_keys = open_audit_keys(config, *files, *keys, false);
  if (!audit_keys) return refuse(audit_keys.error());
  const auto report = audit::verify(*files, *audit_keys, {.folder = config.audit_folder, .witness = config.audit_witness});
  if (!report) return refuse(report.error());
  if (output == Output::json) std::cout << report_json(*report).dump(2) << "\n";
  else print_report(*report);
  return report->sound() ? 0 : 1;
}

}  // namespace osler::app
