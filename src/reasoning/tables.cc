#include "reasoning/tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <unordered_map>

#include "reasoning/constants.h"
#include "reasoning/quick_math.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

/// Share of ambulatory and emergency visits by age (rounded from NAMCS and NHAMCS 2018, United States).
struct AgeBand {
  double from, to, share;
};
constexpr std::array<AgeBand, 9> kVisits = {{{0, 0.083, 0.008}, {0.083, 1, 0.027}, {1, 5, 0.06}, {5, 15, 0.08},
                                             {15, 25, 0.09}, {25, 45, 0.22}, {45, 65, 0.275}, {65, 75, 0.13},
                                             {75, 95, 0.11}}};
constexpr int kPointsInBand = 8;
constexpr double kLeastMean = 1e-3;  // a condition that hardly any visit's age allows

double mean_age_weight_of(const Condition& condition) {
  double sum = 0;
  for (const AgeBand& band : kVisits)
    for (int i = 0; i < kPointsInBand; ++i)
      sum += band.share / kPointsInBand *
             limited_age_weight(condition, band.from + (band.to - band.from) * (i + 0.5) / kPointsInBand);
  return std::max(sum, kLeastMean);
}

/// Half of all visits are taken to be women's, as leak_for() does.
double mean_sex_weight_of(const Condition& condition) {
  const bool no_men = condition.limits.sex == Sex::female;
  const bool no_women = condition.limits.sex == Sex::male;
  return std::max(((no_women ? 0 : condition.female) + (no_men ? 0 : condition.male)) / 2, kLeastMean);
}

PriorLogs prior_logs_of(const Condition& condition, double mean_sex_weight) {
  const double primary = std::max(condition.frequency_primary_care, kLeastFrequency);
  const double emergency = std::max(condition.frequency_emergency, kLeastFrequency);
  PriorLogs logs;
  logs.primary_care = quick_log(primary);
  logs.emergency = quick_log(emergency);
  logs.any_setting = quick_log(primary * emergency) / 2;
  logs.female = quick_log(std::max(condition.female / mean_sex_weight, kLeastWeight));
  logs.male = quick_log(std::max(condition.male / mean_sex_weight, kLeastWeight));
  logs.pregnant = quick_log(std::max(condition.pregnancy, kLeastWeight));
  return logs;
}

bool is_risk_factor(const Condition& condition, FindingIndex finding) {
  return std::any_of(condition.risk_factors.begin(), condition.risk_factors.end(),
                     [&](const RiskFactor& risk) { return risk.finding == finding; });
}

/// Silence is for what a person tells or an examiner writes: never for what must be measured or imaged.
bool silence_counts(const Finding& finding) {
  return finding.kind == FindingKind::symptom || finding.kind == FindingKind::sign || is_exposure(finding);
}

void set_pair_factor(Tables& tables, ConditionIndex a, ConditionIndex b, double factor) {
  for (const auto& [self, other] : {std::pair{a, b}, std::pair{b, a}}) {
    auto& list = tables.pair_factors[self];
    const auto found = std::find_if(list.begin(), list.end(), [o = other](const auto& entry) { return entry.first == o; });
    if (found == list.end()) list.emplace_back(other, factor);
    else found->second = found->second == 0 || factor == 0 ? 0 : std::max(found->second, factor);
  }
}

void fill_links(Tables& tables) {
  const auto& conditions = tables.knowledge.conditions;
  for (ConditionIndex c = 0; c < conditions.size(); ++c) {
    for (const FindingLink& link : conditions[c].findings) {
      if (is_risk_factor(conditions[c], link.finding)) continue;
      tables.links[link.finding].push_back(
          {c, link.probability, link.baseline.value_or(-1), link.marked.value_or(kMarkedShare)});
      if (link.probability >= kHallmark && silence_counts(tables.knowledge.findings[link.finding]))
        tables.hallmarks[c].push_back({.finding = link.finding, .probability = link.probability});
    }
  }
}

void fill_hallmarks_above(Tables& tables) {
  std::set<FindingIndex> all;
  for (std::vector<Hallmark>& own : tables.hallmarks) {
    for (Hallmark& hallmark : own) {
      all.insert(hallmark.finding);
      hallmark.above_begin = static_cast<std::uint32_t>(tables.hallmarks_above.size());
      for (FindingIndex up = tables.parents[hallmark.finding]; up != kNone; up = tables.parents[up])
        if (std::any_of(own.begin(), own.end(), [&](const Hallmark& one) { return one.finding == up; })) tables.hallmarks_above.push_back(up);
      hallmark.above_end = static_cast<std::uint32_t>(tables.hallmarks_above.size());
    }
  }
  tables.all_hallmarks.assign(all.begin(), all.end());
}

void fill_risk_users(Tables& tables) {
  const auto& conditions = tables.knowledge.conditions;
  for (ConditionIndex c = 0; c < conditions.size(); ++c) {
    tables.risk_users_of_condition[c].push_back(c);
    for (const RiskFactor& risk : conditions[c].risk_factors) {
      if (risk.finding != kNone) tables.risk_users_of_finding[risk.finding].push_back(c);
      else if (!risk.self && risk.condition != c) tables.risk_users_of_condition[risk.condition].push_back(c);
    }
  }
}

void fill_pair_factors(Tables& tables) {
  const auto& conditions = tables.knowledge.conditions;
  for (ConditionIndex c = 0; c < conditions.size(); ++c) {
    for (const auto& [other, factor] : conditions[c].complications) set_pair_factor(tables, c, other, factor);
    for (const ConditionIndex other : conditions[c].alternatives) set_pair_factor(tables, c, other, 0);
  }
}

void fill_clusters(Tables& tables) {
  const auto& quantities = tables.knowledge.quantities;
  auto& cluster = tables.cluster_of_quantity;
  std::iota(cluster.begin(), cluster.end(), 0U);
  std::unordered_map<FindingIndex, QuantityIndex> first_with;
  for (QuantityIndex q = 0; q < quantities.size(); ++q) {
    for (const FindingIndex side : {quantities[q].high, quantities[q].low}) {
      if (side == kNone) continue;
      const QuantityIndex other = first_with.emplace(side, q).first->second;
      const std::uint32_t merged = std::min(cluster[other], cluster[q]), gone = std::max(cluster[other], cluster[q]);
      std::replace(cluster.begin(), cluster.end(), gone, merged);
    }
  }
}

}  // namespace

double limited_age_weight(const Condition& condition, double age_years) {
  const bool possible = age_years >= condition.limits.age_min && age_years <= condition.limits.age_max;
  return possible ? weight_at(condition.age, age_years) : 0;
}

bool is_exposure(const Finding& finding) {
  return finding.kind == FindingKind::history || finding.kind == FindingKind::exposure || finding.kind == FindingKind::family;
}

double Tables::worked_out_log_age_weight(ConditionIndex condition, double age_years) const {
  return quick_log(std::max(limited_age_weight(knowledge.conditions[condition], age_years) / mean_age_weight[condition], kLeastWeight));
}

double Tables::log_age_weight(ConditionIndex condition, double age_years) const {
  const double year = std::floor(age_years);
  if (year != age_years || year < 0 || year >= static_cast<double>(kYears)) return worked_out_log_age_weight(condition, age_years);
  return log_age_weights_[static_cast<std::size_t>(year) * knowledge.conditions.size() + condition];
}

Tables::Tables(const KnowledgeBase& base)
    : knowledge(base), links(base.findings.size()), hallmarks(base.conditions.size()), pair_factors(base.conditions.size()),
      risk_users_of_finding(base.findings.size()), risk_users_of_condition(base.conditions.size()),
      cluster_of_quantity(base.quantities.size()) {
  for (const Condition& condition : base.conditions) {
    mean_age_weight.push_back(mean_age_weight_of(condition));
    mean_sex_weight.push_back(mean_sex_weight_of(condition));
    prior_logs.push_back(prior_logs_of(condition, mean_sex_weight.back()));
  }
  for (std::size_t year = 0; year < kYears; ++year)
    for (ConditionIndex c = 0; c < base.conditions.size(); ++c) log_age_weights_.push_back(worked_out_log_age_weight(c, static_cast<double>(year)));
  for (const Finding& finding : base.findings) parents.push_back(finding.parent);
  fill_links(*this);
  fill_hallmarks_above(*this);
  fill_risk_users(*this);
  fill_pair_factors(*this);
  fill_clusters(*this);
}

}  // namespace osler::reasoning
