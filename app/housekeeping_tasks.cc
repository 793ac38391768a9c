#include "app/housekeeping_tasks.h"

#include "app/repeated_deletions.h"
#include "app/server_entries.h"
#include "vault/key_file.h"

namespace osler::app {

namespace {

constexpr std::chrono::seconds kKeyInterval{2};     // so long a server may go on under a key that is current no more
constexpr std::chrono::hours kRetentionInterval{1}, kDeletionsInterval{1};
constexpr std::chrono::minutes kUploadInterval{10};

/// A new key that somebody made is taken up; the log's own keys follow it.
Housekeeping::Task key_task(const HousekeepingParts& parts, const Logger& logger) {
  return {"keys", kKeyInterval, [parts, logger]() -> Result<void> {
            TRY(parts.keys.reload());
            // A request that met the new key may have loaded it before.
            if (TRY(vault::reseal_audit_secrets(parts.files, parts.config.audit_folder + "/secrets", *parts.keys.ring())))
              logger.info("encryption_keys_reloaded", {{"current_version", static_cast<std::int64_t>(parts.keys.ring()->current_version())}});
            return ok();
          }};
}

/// Uploads of batches whose server died are given up.
Housekeeping::Task upload_task(const HousekeepingParts& parts) {
  return {"uploads", kUploadInterval, [parts]() -> Result<void> {
            TRY(parts.batches.cancel_abandoned());
            return ok();
          }};
}

/// Destroys what is older than RETENTION_DAYS, and says so in the audit log, before and after.
Housekeeping::Task retention_task(const HousekeepingParts& parts, const ClockWatch& watch) {
  return {"retention", kRetentionInterval, [parts, watch]() -> Result<void> {
            TRY_VOID(watch.require_plausible());
            const std::uint64_t removed = TRY(parts.patients.remove_expired(parts.clock.now() - std::chrono::days(parts.config.retention_days), [&](std::size_t count) {
              return parts.recorder.record(system_entry(audit::Action::retention, "begun:" + std::to_string(count)));
            }));
            if (removed == 0) return ok();
            return parts.recorder.record(system_entry(audit::Action::retention, "deleted:" + std::to_string(removed)));
          }, true};
}

/// So that a start need not read more than an hour of the logs.
Housekeeping::Task deletions_task(const HousekeepingParts& parts) {
  return {"deletions", kDeletionsInterval, [parts]() -> Result<void> { return note_deletions_known(parts.config, parts.files, parts.store, parts.keys); }};
}

}  // namespace

Result<std::vector<Housekeeping::Task>> housekeeping_tasks(const HousekeepingParts& parts, const Logger& logger) {
  std::vector<Housekeeping::Task> tasks{key_task(parts, logger), upload_task(parts), deletions_task(parts)};
  if (parts.config.retention_days > 0) {
    const std::vector<cases::RecordSummary> newest = TRY(parts.store.newest(1));
    tasks.push_back(retention_task(parts, ClockWatch(parts.clock, newest.empty() ? std::nullopt : std::optional(newest.front().time))));
  }
  return tasks;
}

}  // namespace osler::app
