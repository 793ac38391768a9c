#include "reasoning/context.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string_view>

#include "reasoning/quick_math.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

bool applies(const RiskFactor& risk, const CaseState& state, ConditionIndex condition) {
  if (risk.finding != kNone) return state.standing[risk.finding] == Standing::present;
  const ConditionIndex cause = risk.self ? condition : risk.condition;
  return std::binary_search(state.stated.begin(), state.stated.end(), cause);
}

double limited(double log, double most) { return std::clamp(log, -std::log(most), std::log(most)); }

/// The one further from 1; of two equally far the one that raises.
double stronger(double a, double b) {
  if (std::abs(a) != std::abs(b)) return std::abs(a) > std::abs(b) ? a : b;
  return std::max(a, b);
}

double limited_context(double log) {
  static const double kLeast = std::log(kContextLeast), kMost = std::log(kContextMost);
  return std::clamp(log, kLeast, kMost);
}

}  // namespace

double log_risk(const Tables& tables, const CaseState& state, ConditionIndex index) {
  const Condition& condition = tables.knowledge.conditions[index];
  double sum = 0;
  bool self_authored = false;
  std::map<std::string_view, double> groups;
  const auto add = [&](std::string_view group, double log) {
    if (group.empty()) sum += log;
    else if (const auto [place, fresh] = groups.emplace(group, log); !fresh) place->second = stronger(place->second, log);
  };
  for (const RiskFactor& risk : condition.risk_factors) {
    self_authored |= risk.self;
    if (applies(risk, state, index)) add(risk.group, limited(quick_log(risk.ratio), kRiskEach));
  }
  const bool had_before = std::binary_search(state.stated.begin(), state.stated.end(), index);
  if (had_before && !self_authored && condition.course != Course::chronic) add("", std::log(kSelfRatio));
  for (const auto& [group, log] : groups) sum += log;
  return limited(sum, kRiskTogether);
}

std::vector<double> log_risks(const Tables& tables, const Candidates& candidates, const CaseState& state,
                              const CaseState& before, std::vector<double> risks) {
  const auto renew = [&](const std::vector<ConditionIndex>& users) {
    for (const ConditionIndex c : users)
      if (candidates.position[c] != kNone) risks[candidates.position[c]] = log_risk(tables, state, c);
  };
  for (FindingIndex f = 0; f < state.standing.size(); ++f)
    if ((state.standing[f] == Standing::present) != (before.standing[f] == Standing::present))
      renew(tables.risk_users_of_finding[f]);
  std::vector<ConditionIndex> changed;
  std::set_symmetric_difference(state.stated.begin(), state.stated.end(), before.stated.begin(), before.stated.end(),
                                std::back_inserter(changed));
  for (const ConditionIndex c : changed) renew(tables.risk_users_of_condition[c]);
  return risks;
}

std::vector<double> unsaid_at_large(const Tables& tables, const CaseFindings& findings, const CaseState& state, double mention) {
  std::vector<double> unsaid(state.standing.size(), 0);
  if (!findings.has_narrative) return unsaid;
  for (const FindingIndex f : tables.all_hallmarks)
    if (state.standing[f] == Standing::unmentioned && !below_absent(tables, state, f)) unsaid[f] = 1 - mention * leak_of(tables, findings, f);
  return unsaid;
}

namespace {

bool is_silent(const Tables& tables, const std::vector<double>& unsaid, const Hallmark& hallmark) {
  if (unsaid[hallmark.finding] == 0) return false;
  for (std::uint32_t i = hallmark.above_begin; i < hallmark.above_end; ++i)
    if (unsaid[tables.hallmarks_above[i]] != 0) return false;
  return true;
}

double silence_ratio(const Hallmark& hallmark, const std::vector<double>& unsaid, double mention) {
  return std::min(1.0, (1 - mention * hallmark.probability) / unsaid[hallmark.finding]);
}

}  // namespace

std::vector<Hallmark> silent_hallmarks(const Tables& tables, const std::vector<double>& unsaid, ConditionIndex condition) {
  std::vector<Hallmark> silent;
  for (const Hallmark& hallmark : tables.hallmarks[condition])
    if (is_silent(tables, unsaid, hallmark)) silent.push_back(hallmark);
  return silent;
}

double log_silence(const Hallmark& hallmark, const std::vector<double>& unsaid, double mention) {
  return std::log(silence_ratio(hallmark, unsaid, mention));
}

double log_silence_of(const Tables& tables, const std::vector<double>& unsaid, ConditionIndex condition, double mention) {
  double product = 1;
  for (const Hallmark& hallmark : tables.hallmarks[condition])
    if (is_silent(tables, unsaid, hallmark)) product *= silence_ratio(hallmark, unsaid, mention);
  return product == 1 ? 0 : std::log(std::max(product, kSilenceLeast));
}

double log_silence_together(double sum_of_logs) { return std::max(sum_of_logs, std::log(kSilenceLeast)); }

double log_duration(const Condition& condition, const CaseFindings& findings) {
  if (!findings.duration_days) return 0;
  const double days = std::max(*findings.duration_days, kLeastDays);
  const double spread = std::max(condition.duration_spread, kLeastSpread);
  const double own = quick_log(days / std::max(condition.duration_median_days, kLeastDays)) / spread;
  const double at_large = quick_log(days / kVisitMedianDays) / kVisitSpread;
  return limited_context((at_large * at_large - own * own) / 2 + quick_log(kVisitSpread / spread));
}

double log_onset(const Condition& condition, const CaseFindings& findings) {
  if (!findings.onset) return 0;
  const bool sudden = *findings.onset == Onset::sudden;
  const double own = sudden ? condition.sudden : 1 - condition.sudden;
  const double at_large = sudden ? kVisitSudden : 1 - kVisitSudden;
  return limited_context(quick_log(std::max(own, 1e-3) / at_large));
}

std::array<double, 4> log_severity(Severity severity) {
  std::array<double, 4> ratios{1, 1, 1, 1};  // emergency, urgent, routine, self-care
  if (severity == Severity::severe) ratios = {2, 1.3, 0.7, 0.4};
  if (severity == Severity::mild) ratios = {0.4, 0.7, 1.3, 2};
  for (double& ratio : ratios) ratio = std::log(ratio);
  return ratios;
}

}  // namespace osler::reasoning
