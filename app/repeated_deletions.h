// A restored copy of the store does not know what was deleted or held since it was made. The audit logs do, so it is done again.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"
#include "audit/actions.h"
#include "base/files.h"
#include "cases/store.h"
#include "vault/key_source.h"
#include "vault/names.h"

namespace osler::app {

/// What was done again, as an entry of the audit log is to say it.
struct Repeated {
  audit::Action action;
  std::string patient_token;
  std::string outcome;
  std::uint64_t records = 0;  // that were removed
};

struct RestoredCopy {
  std::vector<Repeated> repeated;  // what the store did not know
  std::uint64_t missing = 0;       // of the last hundred answers that were read of, those whose record the store lacks though nobody deleted it
};

/// From where the logs are read. The store remembers for each log how far it was read the last time, so that a copy remembers what its original did then.
enum class Since { last_time, the_beginning };

/// Reads the logs in AUDIT_DIR and one level below it. Removes again the records of each patient that were there when the patient was deleted, held or not;
/// then sets each hold to the last word that was read of it. Nothing, and no error, where there is no log. Idempotent, and safe beside servers. Errors of the
/// logs (corrupted) and of the store.
Result<RestoredCopy> repeat_deletions(const Config& config, FileSystem& files, cases::Store& store, const vault::KeySource& keys, const vault::Names& names,
                                               Since since);

/// Lets the store remember that it knows all that the logs say by now: true of one that servers work with.
Result<void> note_deletions_known(const Config& config, FileSystem& files, cases::Store& store, const vault::KeySource& keys);

}  // namespace osler::app
