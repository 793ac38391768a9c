// A patient drawn from the knowledge base's network: who, with what, and which of it would come up. No words yet.
#pragma once

#include <optional>
#include <vector>

#include "clinical/findings.h"
#include "train/cases/random.h"

namespace osler::train {

struct SampledFinding {
  clinical::FindingIndex finding = clinical::kNone;
  clinical::Polarity polarity = clinical::Polarity::present;
  double weight = 0;  // how typical: P(finding | condition), or the leak; what comes first in the story
};

struct SampledQuantity {
  clinical::QuantityIndex quantity = clinical::kNone;
  clinical::Grade grade = clinical::Grade::normal;
  double value = 0;  // in the quantity's unit, graded so for this patient
};

struct SampledCase {
  clinical::ConditionIndex condition = clinical::kNone;
  double age_years = 0;
  clinical::Sex sex = clinical::Sex::female;
  bool pregnant = false;
  clinical::Severity severity = clinical::Severity::moderate;
  double duration_days = 1;
  bool sudden = false;
  std::vector<SampledFinding> findings;                // only those that would come up; the most typical first, the denied ones too
  std::vector<SampledQuantity> quantities;             // measured ones
  std::vector<clinical::ConditionIndex> known;         // diseases in the history
};

/// Draws cases. Immutable after construction, so every thread may draw; keeps a reference to the knowledge base.
class CaseSampler {
 public:
  /// `flattening`: a condition comes up in proportion to its visit frequency to this power (0: all alike).
  CaseSampler(const clinical::KnowledgeBase& knowledge, double flattening);

  clinical::ConditionIndex sample_condition(Random& random) const;
  SampledCase sample(clinical::ConditionIndex condition, Random& random) const;

 private:
  const clinical::KnowledgeBase& knowledge_;
  std::vector<double> conditions_;                      // cumulative weights
  std::vector<clinical::FindingIndex> unrelated_;       // symptoms that turn up in any visit
  std::vector<double> unrelated_weights_;               // cumulative leaks
  std::vector<clinical::ConditionIndex> background_;    // chronic conditions
  std::vector<double> background_weights_;              // cumulative frequencies
  std::vector<clinical::QuantityIndex> vitals_;         // with a field of the API
};

}  // namespace osler::train
