// The answer as values: what reasoning and service produce and http writes as JSON.
#pragma once

#include <string>
#include <vector>

#include "clinical/findings.h"

namespace osler::clinical {

/// One piece of evidence for (weight > 0) or against (weight < 0) a condition.
struct Evidence {
  std::string text;            // as a clinician would say it: "sudden onset", "no cough", "troponin 2.1 ng/mL (high)"
  double weight = 0;           // change of the condition's log-odds (natural log) when this is left out, sign turned
  std::string source;          // "finding", "measurement", "history", "age", "sex", "severity", "onset", "duration", ...
  std::string id;              // finding, quantity or condition id; empty for age and the like
  std::vector<TextSpan> spans;
};

struct RankedCondition {
  ConditionIndex condition = kNone;
  double confidence = 0;          // calibrated, 0..1
  double log_odds = 0;            // before calibration
  std::vector<Evidence> evidence; // both signs, largest magnitude first
};

struct UrgencyAssessment {
  Urgency urgency = Urgency::routine;
  std::vector<std::string> reasons;
};

struct Unexplained {
  double probability = 0;                 // that nothing modelled explains the case
  std::vector<FindingIndex> findings;     // that the first candidate leaves to leak
};

struct Differential {
  std::vector<RankedCondition> suspected;  // every condition, most likely first; evidence on the first ten and
                                           // on those at or above the threshold
  std::vector<ConditionIndex> must_not_miss;  // dangerous and not excluded, most likely first
  UrgencyAssessment urgency;
  Unexplained unexplained;
};

}  // namespace osler::clinical
