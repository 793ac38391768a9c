#include "service/reembedding.h"

#include "service/record_payload.h"

namespace osler::service {

namespace {

constexpr std::size_t kAtOnce = 200;

/// False when it was overtaken. ErrorCode::unavailable is the store's; anything else is this case's.
Result<bool> reembed_one(const ReembeddingParts& parts, const std::string& id) {
  const cases::CaseSummary before = TRY(parts.store.similar_cases().summary(id));
  SummaryContent content = TRY(open_summary(*parts.keys.ring_for(before.content.wrapped_key), id, before.content));
  const cases::SealedRecord record = TRY(parts.store.get(id));
  const vault::Phi<std::string> payload = TRY(cases::open_record(*parts.keys.ring_for(record.content.wrapped_key), record));
  const RecordedInteraction recorded = TRY(parse_payload(payload.reveal_phi()));
  const auto* diagnosis = std::get_if<RecordedDiagnosis>(&recorded);
  if (diagnosis == nullptr) return make_error(ErrorCode::corrupted, "The record of a case is no case.");
  const CaseAnswer again = TRY(parts.answerer.answer(diagnosis->request.dump(), id, {}));
  content.present = again.summary.present;
  content.absent = again.summary.absent;
  const CaseInQuestion now = parts.finder.in_question(again.vector, content, again.patient_id);
  return parts.store.similar_cases().replace_summary(id, before, parts.finder.seal(id, now, content));
}

}  // namespace

Result<ReembeddingCounts> reembed(ReembeddingParts parts, const ReembeddingProgress& progress) {
  ReembeddingCounts counts;
  const std::string set = parts.answerer.vector_set();
  std::string last;
  while (true) {
    const std::vector<std::string> page = TRY(parts.store.similar_cases().of_other_sets(set, last, kAtOnce));
    if (page.empty()) return counts;
    last = page.back();
    for (const std::string& id : page) {
      const Result<bool> stored = reembed_one(parts, id);
      if (!stored && stored.error().code == ErrorCode::unavailable) return stored.error();
      const bool is_gone = !stored && stored.error().code == ErrorCode::not_found;
      ++(stored && *stored ? counts.done : stored || is_gone ? counts.overtaken : counts.failed);
      if (progress) progress(counts);
    }
  }
}

}  // namespace osler::service
