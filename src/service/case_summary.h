// What is stored beside a record so that similar cases can be found and shown: who the patient was in broad terms, what was found, what was suspected, and
// what it turned out to be. All of it describes a patient. Grammar: docs/formats/case_summary.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "cases/record.h"
#include "clinical/differential.h"
#include "clinical/knowledge.h"
#include "vault/key_ring.h"
#include "vault/names.h"

namespace osler::service {

/// A diagnosis that was confirmed. `condition_id` is empty where the knowledge base has none of this code; `code` is never empty.
struct CaseOutcome {
  std::string condition_id;
  std::string code;          // ICD-10
  std::string confirmed_on;  // ISO 8601 date; empty: not given
  std::string note;          // as typed; at most limits::kMaxOutcomeNoteCharacters
  std::string recorded_by;   // actor
  std::string recorded_at;   // RFC 3339
};

struct SummaryCandidate {
  std::string condition_id;
  double confidence = 0;  // as answered
};

/// Findings and conditions by their ids: names are the knowledge base's of the day they are shown. Sorted by id.
struct SummaryContent {
  double age_years = 0;
  clinical::Sex sex = clinical::Sex::unknown;
  std::vector<std::string> present;  // stated, or measured out of range
  std::vector<std::string> absent;   // denied
  std::vector<SummaryCandidate> candidates;  // the first three, most likely first
  std::optional<CaseOutcome> outcome;
};

std::string_view name_of(clinical::Sex sex);

/// "under 1", "1-4", "5-14", "15-24" and so on by tens, "85+". Finer at the ends, where a year changes more.
std::string_view age_band(double age_years);
/// Every band that holds some age of [from, to].
std::vector<std::string_view> age_bands(double from, double to);
/// Whether it is the name of a band.
bool is_age_band(std::string_view text);

SummaryContent summarise(const clinical::KnowledgeBase& knowledge, const clinical::CaseFindings& findings, const clinical::Differential& differential);

/// Canonical JSON, and back: ErrorCode::corrupted for anything else.
std::string write_summary(const SummaryContent& content);
Result<SummaryContent> parse_summary(std::string_view json);

/// Tokens and sealed content, with `vector` as it is (rotated by whoever made it).
cases::CaseSummary seal_summary(const vault::KeyRing& keys, const vault::Names& names, std::string_view request_id, std::string vector_set,
                                std::vector<float> vector, const SummaryContent& content);
/// Errors as for vault::open() and parse_summary().
Result<SummaryContent> open_summary(const vault::KeyRing& keys, std::string_view request_id, const vault::SealedText& sealed);

/// What a caller calls a condition. `id` and `name` are empty where the knowledge base has none, or several, of this code.
struct NamedCondition {
  std::string id, name, code;
};
/// By an id of the knowledge base or an ICD-10 code, which may also be one of the other codes of a condition. None for anything else.
std::optional<NamedCondition> find_condition(const clinical::KnowledgeBase& knowledge, std::string_view id_or_code);
/// What the token of a confirmed condition is made of: cases are filtered by code.
std::string condition_token(const vault::Names& names, const std::string& code);

}  // namespace osler::service
