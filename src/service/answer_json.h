// The answer of the API as JSON.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "clinical/differential.h"
#include "language/case_reader.h"
#include "reasoning/parameters.h"
#include "service/diagnose.h"

namespace osler::service {

/// Everything an answer is written from; all references outlive the call only.
struct AnswerParts {
  const clinical::KnowledgeBase& knowledge;
  const clinical::PatientCase& patient;
  const language::CaseReading& reading;
  const clinical::Differential& differential;
  const std::vector<clinical::CaseWarning>& warnings;
  const reasoning::CalibrationRecord& calibration;
  const std::string& model_version;
  const std::string& request_id;
  double threshold = 0.65;
};

/// The whole response but `processing_time_ms`, which the caller sets last (it is 0 here). The same parts give the same
/// bytes.
Json write_answer(const AnswerParts& parts);

/// The warning of an answer whose similar cases could not be looked up: the last of its warnings, and no model's doing.
inline constexpr std::string_view kSimilarCasesLeftOut = "similar_cases_left_out";
Json similar_cases_left_out();

/// Numbers for drift monitoring.
AnswerStatistics statistics_of(const AnswerParts& parts, const Json& answer);

/// Rounded to 4 places, within [0, 1].
double rounded_confidence(double confidence);

}  // namespace osler::service
