// The bodies of the use-cases around stored cases, from JSON to values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "clinical/knowledge.h"
#include "service/case_summary.h"
#include "service/similar_case_finder.h"
#include "vault/phi.h"

namespace osler::service {

/// Exactly one of `patient_case` (the body of diagnose) and `request_id`.
struct SearchRequest {
  std::optional<Json> patient_case;
  std::string request_id;
  std::size_t count = 10;
  CaseQuestion question;
};

/// Errors of all: ErrorCode::malformed or invalid, with one FieldError for each member that breaks its rule or that nobody knows; none repeats a value.
Result<SearchRequest> parse_search(std::string_view body, const clinical::KnowledgeBase& knowledge);

/// `recorded_by` and `recorded_at` stay empty. `now`: nothing was confirmed after tomorrow.
Result<CaseOutcome> parse_outcome(std::string_view body, const clinical::KnowledgeBase& knowledge, WallTime now);

/// A name of a key or a person, or "*".
Result<std::string> parse_share(std::string_view body);

struct PatientRequest {
  vault::Phi<std::string> patient_id;
  bool held = false;
};
Result<PatientRequest> parse_patient(std::string_view body, bool with_held);

}  // namespace osler::service
