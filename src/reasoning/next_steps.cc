#include "reasoning/next_steps.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace osler::reasoning {

using namespace clinical;

double cost_of(const Finding& finding) {
  constexpr std::string_view kEcg = "_on_ecg";
  const bool ecg = finding.id.size() > kEcg.size() && finding.id.ends_with(kEcg);
  switch (finding.kind) {
    case FindingKind::symptom:
    case FindingKind::history:
    case FindingKind::exposure:
    case FindingKind::family: return 1;
    case FindingKind::sign: return ecg ? 2 : 1.5;
    case FindingKind::vital: return 2;
    case FindingKind::lab: return 4;
    case FindingKind::imaging: return ecg ? 2 : 8;
  }
  return 8;
}

namespace {

constexpr double kNegligible = 1e-4;  // a condition this unlikely has no entropy worth a question

double entropy(double p) {
  if (p <= 0 || p >= 1) return 0;
  return -p * std::log(p) - (1 - p) * std::log1p(-p);
}

/// One of the heaviest hypotheses, its members numbered among the few conditions that occur in them.
struct Few {
  double weight = 0;
  std::uint32_t first = kNone, second = kNone;
};

class Planner {
 public:
  explicit Planner(const Hypotheses& hypotheses) : model_(hypotheses.model()) {
    const std::vector<Heavy> heaviest = hypotheses.heaviest(kHeaviest);
    number_conditions(heaviest);
    double total = 0;
    for (const Heavy& one : heaviest) {
      heavy_.push_back({one.weight, place_of(one.first), place_of(one.second)});
      total += one.weight;
    }
    prior_.assign(few_.size(), 0);
    for (Few& one : heavy_) {
      one.weight /= total;
      for (const std::uint32_t member : {one.first, one.second})
        if (member != kNone) prior_[member] += one.weight;
    }
    for (const ConditionIndex c : few_.conditions)
      value_.push_back(model_.tables.knowledge.conditions[c].must_not_miss ? kMustNotMissValue : 1);
  }

  std::vector<NextStep> run(std::size_t count) {
    const KnowledgeBase& knowledge = model_.tables.knowledge;
    Nodes nodes(model_.tables, model_.findings, few_, model_.state.known);
    std::vector<NextStep> steps;
    for (const FindingIndex finding : askable()) {
      FactorSpec spec;
      spec.finding = finding;
      spec.given = knowledge.findings[finding].parent;
      const double gain = gain_of(make_factor(model_.tables, spec, nodes)) / cost_of(knowledge.findings[finding]);
      if (gain > 0) steps.push_back({finding, gain});
    }
    std::sort(steps.begin(), steps.end(), [&](const NextStep& a, const NextStep& b) {
      return a.gain != b.gain ? a.gain > b.gain : knowledge.findings[a.finding].id < knowledge.findings[b.finding].id;
    });
    if (steps.size() > count) steps.resize(count);
    return steps;
  }

 private:
  /// In ascending order, as candidates are.
  void number_conditions(const std::vector<Heavy>& heaviest) {
    std::set<ConditionIndex> all;
    for (const Heavy& one : heaviest)
      for (const std::uint32_t member : {one.first, one.second})
        if (member != kNone) all.insert(model_.candidates.conditions[member]);
    few_.conditions.assign(all.begin(), all.end());
    few_.position.assign(model_.tables.knowledge.conditions.size(), kNone);
    for (std::uint32_t i = 0; i < few_.size(); ++i) few_.position[few_.conditions[i]] = i;
  }

  std::uint32_t place_of(std::uint32_t candidate) const {
    return candidate == kNone ? kNone : few_.position[model_.candidates.conditions[candidate]];
  }

  /// Unsettled findings that some condition of the heaviest hypotheses lists.
  std::vector<FindingIndex> askable() const {
    std::vector<FindingIndex> list;
    for (FindingIndex f = 0; f < model_.state.standing.size(); ++f) {
      if (model_.state.standing[f] != Standing::unmentioned || model_.state.by_measurement[f]) continue;
      const FindingIndex parent = model_.tables.knowledge.findings[f].parent;
      if (parent != kNone && model_.state.standing[parent] != Standing::present) continue;
      const auto& links = model_.tables.links[f];
      const auto concerns = [&](const ConditionLink& link) { return few_.position[link.condition] != kNone; };
      if (std::any_of(links.begin(), links.end(), concerns)) list.push_back(f);
    }
    return list;
  }

  double gain_of(const Factor& factor) const {
    std::vector<double> present(few_.size(), 0);
    double p = 0;
    for (const Few& one : heavy_) {
      double ratio = 1;
      if (one.second != kNone) ratio = pair_ratio(factor, one.first, one.second);
      else if (one.first != kNone) ratio = single_ratio(factor, one.first);
      const double joint = one.weight * factor.none * ratio;
      p += joint;
      for (const std::uint32_t member : {one.first, one.second})
        if (member != kNone) present[member] += joint;
    }
    double gain = 0;
    for (std::size_t c = 0; c < value_.size(); ++c) {
      if (prior_[c] < kNegligible) continue;
      const double after = p * entropy(present[c] / p) + (1 - p) * entropy((prior_[c] - present[c]) / (1 - p));
      gain += value_[c] * (entropy(prior_[c]) - after);
    }
    return gain;
  }

  const CaseModel& model_;
  std::vector<Few> heavy_;
  Candidates few_;                        // conditions in the heaviest hypotheses
  std::vector<double> prior_, value_;     // of these
};

}  // namespace

std::vector<NextStep> next_steps_of(const Hypotheses& hypotheses, std::size_t count) { return Planner(hypotheses).run(count); }

}  // namespace osler::reasoning
