// Requests that people wrote, with their diagnosis: what generated cases are not.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "clinical/knowledge.h"
#include "clinical/patient_case.h"

namespace osler::train {

struct WrittenCase {
  clinical::PatientCase patient;
  clinical::ConditionIndex condition = clinical::kNone;
};

/// Reads every *.jsonl of a folder, by name: requests of the API with "condition" (an id of the knowledge base), or vignettes
/// (evaluate/vignettes.h) whose diagnosis is one of its conditions. A line with neither is left out and counted in `unknown`.
/// ErrorCode::not_found, or corrupted with file and line.
Result<std::vector<WrittenCase>> read_written_cases(const clinical::KnowledgeBase& knowledge, const std::string& folder, std::size_t& unknown);

}  // namespace osler::train
