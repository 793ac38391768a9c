// osler migrate, osler export FOLDER, osler import FOLDER.
#include <cstdio>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/repeated_deletions.h"
#include "app/trust.h"
#include "audit/actions.h"
#include "cases/transfer.h"

namespace osler::app {

namespace {

void show_records(std::uint64_t done, std::uint64_t total) {
  show_progress("records", static_cast<std::size_t>(done), static_cast<std::size_t>(total));
}

Result<void> export_all(const Config& config, const std::string& folder) {
  const Trust trust = TRY(open_records(config));
  TRY_VOID(audit_command(trust, config, audit::Action::export_records, "begun:all"));
  const cases::TransferCounts counts = TRY(cases::export_store(*trust.files, *trust.store, SystemClock(), folder, show_records));
  TRY_VOID(audit_command(trust, config, audit::Action::export_records, "done:" + std::to_string(counts.records)));
  std::printf("%llu records, %llu case summaries, %llu API keys and %llu holds were written to %s, sealed as they are.\n"
              "Keep keys.ndjson apart from the rest.\n", static_cast<unsigned long long>(counts.records), static_cast<unsigned long long>(counts.summaries),
              static_cast<unsigned long long>(counts.api_keys), static_cast<unsigned long long>(counts.holds), folder.c_str());
  return ok();
}

/// Removes again what was deleted after the copy was made; how many records.
Result<std::uint64_t> delete_again(const Config& config, const Trust& trust) {
  std::uint64_t removed = 0;
  const RestoredCopy copy = TRY(repeat_deletions(config, *trust.files, *trust.store, *trust.keys, *trust.names, Since::the_beginning));
  for (const Repeated& one : copy.repeated) {
    TRY_VOID(audit_command(trust, config, one.action, one.outcome, one.patient_token));
    removed += one.records;
  }
  return removed;
}

Result<void> import_all(const Config& config, const std::string& folder) {
  cases::TransferCounts counts;
  {
    const Trust raw = TRY(open_store_alone(config));  // the names come with the export
    counts = TRY(cases::import_store(*raw.files, *raw.store, folder, show_records));
  }
  const Trust trust = TRY(open_trust(config));
  const std::uint64_t removed = TRY(delete_again(config, trust));
  TRY_VOID(audit_command(trust, config, audit::Action::import_records, "done:" + std::to_string(counts.records) + ", deleted again:" + std::to_string(removed)));
  std::printf("%llu records were stored.", static_cast<unsigned long long>(counts.records));
  if (removed > 0) std::printf(" %llu of them belonged to patients whose deletion the audit log names, and were removed again.", static_cast<unsigned long long>(removed));
  std::printf("\n");
  return ok();
}

int finish(const Result<void>& result) { return result ? 0 : refuse(result.error()); }

}  // namespace

int export_records(const Config& config, const std::string& folder) { return finish(export_all(config, folder)); }
int import_records(const Config& config, const std::string& folder) { return finish(import_all(config, folder)); }

}  // namespace osler::app
