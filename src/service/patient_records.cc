#include "service/patient_records.h"

#include <algorithm>

#include "cases/batches.h"

namespace osler::service {

namespace {

constexpr std::size_t kAtOnce = 1000;

std::vector<std::string> ids_of(const std::vector<cases::RecordSummary>& summaries) {
  std::vector<std::string> ids;
  for (const cases::RecordSummary& summary : summaries) ids.push_back(summary.request_id);
  return ids;
}

}  // namespace

Result<std::uint64_t> PatientRecords::remove(std::string_view patient_token) {
  if (TRY(store_.is_held(patient_token)))
    return make_error(ErrorCode::conflict, "The records of this patient are under legal hold: release it first.");
  return remove_all(patient_token, std::nullopt);
}

Result<std::uint64_t> PatientRecords::remove_again(std::string_view patient_token, WallTime until) { return remove_all(patient_token, until); }

Result<std::uint64_t> PatientRecords::remove_all(std::string_view patient_token, std::optional<WallTime> until) {
  TRY_VOID(store_.batches().exclude_patient(patient_token, until.value_or(WallTime::max())));  // first: what is answered from now on is known to be unwanted
  // Where some stay, a page could hold nothing but those: then all are looked at.
  const std::size_t at_once = until ? std::max(kAtOnce, static_cast<std::size_t>(TRY(store_.count()))) : kAtOnce;
  std::uint64_t removed = 0;
  while (true) {
    std::vector<cases::RecordSummary> found = TRY(store_.of_patient(patient_token, at_once));
    const bool last = found.size() < at_once;
    if (until) std::erase_if(found, [&](const cases::RecordSummary& one) { return one.time > *until; });
    if (found.empty()) return removed;
    TRY_VOID(store_.remove(ids_of(found)));
    removed += found.size();
    if (last) return removed;
  }
}

Result<std::uint64_t> PatientRecords::visit(std::string_view patient_token, const Visit& visit) {
  const std::uint64_t total = TRY(store_.count());
  const std::vector<cases::RecordSummary> found = TRY(store_.of_patient(patient_token, static_cast<std::size_t>(total)));
  for (const cases::RecordSummary& summary : found) {
    const Result<cases::SealedRecord> sealed = store_.get(summary.request_id);
    if (!sealed && sealed.error().code == ErrorCode::not_found) continue;  // removed meanwhile
    if (!sealed) return sealed.error();
    TRY_VOID(visit(summary, TRY(cases::open_record(*keys_.ring_for(sealed->content.wrapped_key), *sealed))));
  }
  return std::uint64_t{found.size()};
}

Result<std::uint64_t> PatientRecords::remove_expired(WallTime before, const AboutToRemove& about_to_remove) {
  std::uint64_t removed = 0;
  while (true) {
    const std::vector<cases::RecordSummary> found = TRY(store_.expired(before, kAtOnce));
    if (found.empty()) return removed;
    TRY_VOID(about_to_remove(found.size()));
    TRY_VOID(store_.remove(ids_of(found)));
    removed += found.size();
  }
}

}  // namespace osler::service
