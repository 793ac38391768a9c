// Everything stored of one patient: shown, written out, held or destroyed as a whole.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cases/store.h"
#include "vault/key_source.h"
#include "vault/names.h"

namespace osler::service {

/// Thread-safe; the referents outlive it. Whoever calls audits what was done (audit/actions.h).
class PatientRecords {
 public:
  PatientRecords(cases::Store& store, const vault::KeySource& keys, const vault::Names& names) : store_(store), keys_(keys), names_(names) {}

  /// The keyed token of a patient id: the subject of audit entries.
  std::string token_of(const vault::Phi<std::string>& patient_id) const { return names_.token("patient", patient_id.reveal_phi()); }

  /// Removes all records with their data keys, summaries and vectors; how many there were. What batches that are not done hold of the patient is not stored
  /// when its turn comes. What else comes in meanwhile may stay. ErrorCode::conflict under legal hold.
  Result<std::uint64_t> remove(std::string_view patient_token);
  /// The same for records up to this time, held or not: a deletion that a restored copy does not know of yet.
  Result<std::uint64_t> remove_again(std::string_view patient_token, WallTime until);

  Result<void> set_hold(std::string_view patient_token, bool held) { return store_.set_hold(patient_token, held); }

  /// `visit` gets each record opened, in order of storing; its error ends the walk. Films that were kept come as the bytes of the file.
  using Visit = std::function<Result<void>(const cases::RecordSummary& summary, const vault::Phi<std::string>& payload)>;
  Result<std::uint64_t> visit(std::string_view patient_token, const Visit& visit);

  /// Called with how many records are to be removed now, before they are; its error ends the removal.
  using AboutToRemove = std::function<Result<void>(std::size_t count)>;
  /// Removes what is older than `before` and under no hold, some thousand at a time; how many.
  Result<std::uint64_t> remove_expired(WallTime before, const AboutToRemove& about_to_remove);

 private:
  Result<std::uint64_t> remove_all(std::string_view patient_token, std::optional<WallTime> until);

  cases::Store& store_;
  const vault::KeySource& keys_;
  const vault::Names& names_;
};

}  // namespace osler::service
