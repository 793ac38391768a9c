// Case files for evaluation: JSON Lines with a case, its diagnosis and acceptable alternatives.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "clinical/knowledge.h"

namespace osler::evaluate {

struct NamedDiagnosis {
  std::string name;
  std::string code;  // ICD-10
};

struct Vignette {
  std::string id;
  std::string specialty;
  Json request;                           // in the shape of the API
  NamedDiagnosis diagnosis;
  std::vector<std::string> acceptable;    // ICD-10 codes
  std::vector<NamedDiagnosis> differential;
  std::string urgency;                    // may be empty
  double age_years = 0;
};

/// One vignette a line. Members: id, age_years, sex, severity, symptoms, narrative, absent, history, family_history,
/// vitals, labs, diagnosis{name, icd10}, acceptable[], differential[{name, icd10}],
/// urgency, specialty; `pregnant`, `setting`, `duration_days` and
/// `onset` pass through. ErrorCode::malformed with the line number.
Result<std::vector<Vignette>> parse_vignettes(const std::string& content);

/// Equal codes: compared at four characters when both have them, at three when one has only three.
bool codes_match(const std::string& left, const std::string& right);

/// Conditions that count as a hit for the diagnosis: equal codes, or an equal name or synonym.
std::set<clinical::ConditionIndex> matching_conditions(const clinical::KnowledgeBase& knowledge, const NamedDiagnosis& diagnosis);

/// Conditions that are acceptable by code.
std::set<clinical::ConditionIndex> acceptable_conditions(const clinical::KnowledgeBase& knowledge, const Vignette& vignette);

/// Codes that a caller's file accepts beside those of the vignettes: {"cases": {"id": ["I25"]}, "codes": {"I20.9": ["I25.1"]}}.
/// ErrorCode::malformed.
Result<void> add_acceptable(const std::string& mapping_json, std::vector<Vignette>& vignettes);

}  // namespace osler::evaluate
