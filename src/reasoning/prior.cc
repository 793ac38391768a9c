#include "reasoning/prior.h"

#include <cmath>

#include "reasoning/quick_math.h"

namespace osler::reasoning {

using namespace clinical;

namespace {


bool is_binary(Sex sex) { return sex == Sex::female || sex == Sex::male; }

bool excluded(const Condition& condition, const CaseFindings& findings) {
  const Limits& limits = condition.limits;
  if (findings.age_years < limits.age_min || findings.age_years > limits.age_max) return true;
  if (limits.sex && is_binary(findings.sex) && *limits.sex != findings.sex) return true;
  if (!limits.pregnant) return false;
  if (*limits.pregnant && findings.sex == Sex::male) return true;
  return findings.pregnant && *findings.pregnant != *limits.pregnant;
}

double log_frequency(const Condition& condition, const CaseFindings& findings) {
  const double primary = std::max(condition.frequency_primary_care, kLeastFrequency);
  const double emergency = std::max(condition.frequency_emergency, kLeastFrequency);
  if (!findings.setting_known) return quick_log(primary * emergency) / 2;
  return quick_log(findings.setting == Setting::primary_care ? primary : emergency);
}

/// Relative to the average visit; an unknown or other sex mixes both halves, which is the average itself.
double log_sex_weight(const Condition& condition, double mean, Sex sex) {
  if (!is_binary(sex)) return 0;
  return quick_log(std::max((sex == Sex::female ? condition.female : condition.male) / mean, kLeastWeight));
}

}  // namespace

Candidates candidates_of(const Tables& tables, const CaseFindings& findings) {
  const auto& conditions = tables.knowledge.conditions;
  Candidates candidates;
  candidates.position.assign(conditions.size(), kNone);
  for (ConditionIndex c = 0; c < conditions.size(); ++c) {
    if (excluded(conditions[c], findings)) continue;
    candidates.position[c] = static_cast<std::uint32_t>(candidates.conditions.size());
    candidates.conditions.push_back(c);
  }
  return candidates;
}

std::vector<double> log_priors(const Tables& tables, const CaseFindings& findings, const Candidates& candidates,
                               const NetworkParameters& parameters, const PriorUses& uses) {
  std::vector<double> logs;
  logs.reserve(candidates.size());
  double sum = 0;
  for (const ConditionIndex c : candidates.conditions) {
    const Condition& condition = tables.knowledge.conditions[c];
    double log = parameters.alpha * log_frequency(condition, findings);
    if (uses.age) log += tables.log_age_weight(c, findings.age_years);
    if (uses.sex) log += log_sex_weight(condition, tables.mean_sex_weight[c], findings.sex);
    if (uses.pregnancy && findings.pregnant.value_or(false)) log += quick_log(std::max(condition.pregnancy, kLeastWeight));
    logs.push_back(log);
    sum += quick_exp(log);
  }
  const double log_sum = std::log(sum);
  for (double& log : logs) log -= log_sum;
  return logs;
}

}  // namespace osler::reasoning
