#include "reasoning/prior.h"

#include <cmath>
#include <numeric>

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

double log_frequency(const PriorLogs& logs, const CaseFindings& findings) {
  if (!findings.setting_known) return logs.any_setting;
  return findings.setting == Setting::primary_care ? logs.primary_care : logs.emergency;
}

/// Relative to the average visit; an unknown or other sex mixes both halves, which is the average itself.
double log_sex_weight(const PriorLogs& logs, Sex sex) {
  if (!is_binary(sex)) return 0;
  return sex == Sex::female ? logs.female : logs.male;
}

/// Taken all together, so that they are vectorised, and added one by one.
OSLER_VECTOR_CLONES double sum_of_exponentials(std::vector<double> logs) {
  for (double& log : logs) log = quick_exp(log);
  return std::accumulate(logs.begin(), logs.end(), 0.0);
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
  for (const ConditionIndex c : candidates.conditions) {
    const PriorLogs& own = tables.prior_logs[c];
    double log = parameters.alpha * log_frequency(own, findings);
    if (uses.age) log += tables.log_age_weight(c, findings.age_years);
    if (uses.sex) log += log_sex_weight(own, findings.sex);
    if (uses.pregnancy && findings.pregnant.value_or(false)) log += own.pregnant;
    logs.push_back(log);
  }
  const double log_sum = std::log(sum_of_exponentials(logs));
  for (double& log : logs) log -= log_sum;
  return logs;
}

}  // namespace osler::reasoning
