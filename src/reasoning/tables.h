// What the network derives from the knowledge base once, independent of any patient.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "clinical/knowledge.h"

namespace osler::reasoning {

/// What one condition says of one finding, seen from the finding.
struct ConditionLink {
  clinical::ConditionIndex condition = clinical::kNone;
  double probability = 0;
  double baseline = -1;  // below 0: none
  double marked = 0.25;
};

/// A hallmark of a condition: its silence counts (docs/reasoning.md, silence).
struct Hallmark {
  clinical::FindingIndex finding = clinical::kNone;
  double probability = 0;
  std::uint32_t above_begin = 0, above_end = 0;  // in Tables::hallmarks_above: the hallmarks of the same condition that it is a kind of
};

/// Logarithms of what makes a condition's prior, by setting and by person; sex weights over their mean.
struct PriorLogs {
  double primary_care = 0, emergency = 0, any_setting = 0;
  double female = 0, male = 0, pregnant = 0;
};

struct Tables {
  explicit Tables(const clinical::KnowledgeBase& base);

  const clinical::KnowledgeBase& knowledge;
  /// By finding. A finding that a condition lists as a risk factor acts there only and has no link here.
  std::vector<std::vector<ConditionLink>> links;
  std::vector<std::vector<Hallmark>> hallmarks;                                          // by condition
  std::vector<clinical::FindingIndex> hallmarks_above;
  std::vector<clinical::FindingIndex> all_hallmarks;                                     // of any condition, ascending
  std::vector<clinical::FindingIndex> parents;                                           // by finding: walked for each case, so kept close together
  std::vector<std::vector<std::pair<clinical::ConditionIndex, double>>> pair_factors;    // by condition: k other than 1
  /// Conditions that have a finding, or another condition, among their risk factors. Every condition counts as using itself.
  std::vector<std::vector<clinical::ConditionIndex>> risk_users_of_finding, risk_users_of_condition;
  /// Averages over visits, by which age and sex weights are divided so that only their shape matters.
  std::vector<double> mean_age_weight, mean_sex_weight;
  std::vector<PriorLogs> prior_logs;  // by condition
  /// Logarithm of the age weight over its mean, at least kLeastWeight; whole years are looked up.
  double log_age_weight(clinical::ConditionIndex condition, double age_years) const;
  /// Quantities that share a finding (troponin I and T) are one observation and one cluster.
  std::vector<std::uint32_t> cluster_of_quantity;

 private:
  static constexpr std::size_t kYears = 121;
  double worked_out_log_age_weight(clinical::ConditionIndex condition, double age_years) const;
  std::vector<double> log_age_weights_;  // [year][condition]: a case reads one row
};

/// An authored weight of 0 is a near impossibility; limits say what cannot be.
inline constexpr double kLeastWeight = 1e-6;

/// Weight of a condition at an age, 0 outside its hard limits.
double limited_age_weight(const clinical::Condition& condition, double age_years);

/// True for findings of kind history, exposure and family.
bool is_exposure(const clinical::Finding& finding);

}  // namespace osler::reasoning
