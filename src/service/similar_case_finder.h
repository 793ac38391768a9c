// Similar cases as answers show them: which ones, how similar, what they share, and what they turned out to be. docs/similar_cases.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "cases/similar_cases.h"
#include "cases/store.h"
#include "clinical/knowledge.h"
#include "service/case_summary.h"
#include "service/rotations.h"
#include "vault/key_source.h"

namespace osler::service {

/// Cases beside an answer: so many, and none less similar than that.
inline constexpr std::size_t kSimilarCasesShown = 5;
inline constexpr double kLeastSimilarity = 0.75;

/// Which cases are looked for. Empty and none: any.
struct CaseQuestion {
  std::string age_band;
  std::optional<double> age_from, age_to;  // years, inclusive
  std::string sex;
  std::string condition_code;  // NamedCondition::code of the confirmed outcome
  std::optional<WallTime> from, until;
};

/// A vector as it is stored, and the findings it is compared by.
struct CaseInQuestion {
  std::string vector_set;
  std::vector<float> vector;          // rotated; all zeros: nothing is like it
  std::vector<std::string> present;   // ids of findings
  std::string patient_token;          // whose cases are left out; empty: nobody's
};

/// Cases as answers show them, most similar first: [{request_id, similarity, shared_findings, age_band, sex, outcome, suspected}], and tokens of whose they are.
struct SimilarCaseList {
  Json list = Json::array();
  std::vector<std::string> patients{};
};

/// Thread-safe; the referents outlive it.
class SimilarCaseFinder {
 public:
  SimilarCaseFinder(const clinical::KnowledgeBase& knowledge, cases::Store& store, const vault::KeySource& keys, const vault::Names& names)
      : knowledge_(knowledge), store_(store), keys_(keys), names_(names), rotations_(names) {}

  CaseInQuestion in_question(const CaseVector& vector, const SummaryContent& content, const std::string& patient_id);
  /// To be stored with the record of this case.
  cases::CaseSummary seal(std::string_view request_id, const CaseInQuestion& one, const SummaryContent& content) const;

  /// At most `count`, the most similar one of each patient, none below `least` (cosine). Waits for the store: its errors, and those of open_summary().
  Result<SimilarCaseList> find(const CaseInQuestion& one, std::size_t count, double least, const CaseQuestion& question = {}) const;

  /// Names of findings that both have, or that what they have is a kind of; the most telling (rarest without a reason) first, at most 8.
  std::vector<std::string> shared_findings(const std::vector<std::string>& one, const std::vector<std::string>& other) const;

 private:
  /// Those of the `asked` nearest that are wanted; `all` when the store has no more.
  struct Found {
    SimilarCaseList cases{};
    bool all = false;
  };
  Result<Found> find_among(const CaseInQuestion& one, std::size_t asked, std::size_t count, double least, const CaseQuestion& question) const;
  cases::CaseFilter filter_of(const CaseQuestion& question) const;
  Json write(const cases::Neighbour& neighbour, const SummaryContent& content, const CaseInQuestion& one) const;

  const clinical::KnowledgeBase& knowledge_;
  cases::Store& store_;
  const vault::KeySource& keys_;
  const vault::Names& names_;
  Rotations rotations_;
};

/// {condition, condition_id, condition_code, confirmed_on}, or null. Without the note.
Json write_confirmed(const clinical::KnowledgeBase& knowledge, const std::optional<CaseOutcome>& outcome);
/// The first candidate as {condition, condition_id, condition_code, confidence}, or null.
Json write_first_candidate(const clinical::KnowledgeBase& knowledge, const std::vector<SummaryCandidate>& candidates);

}  // namespace osler::service
