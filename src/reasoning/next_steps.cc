#include "reasoning/next_steps.h"

#include <algorithm>
#include <cmath>
#include <map>
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

double entropy(double p) {
  if (p <= 0 || p >= 1) return 0;
  return -p * std::log(p) - (1 - p) * std::log1p(-p);
}

class Planner {
 public:
  explicit Planner(const Hypotheses& hypotheses) : model_(hypotheses.model()), heavy_(hypotheses.heaviest(kHeaviest)) {
    double total = 0;
    for (const Heavy& one : heavy_) total += one.weight;
    for (Heavy& one : heavy_) one.weight /= total;
    for (const Heavy& one : heavy_)
      for (const std::uint32_t member : {one.first, one.second})
        if (member != kNone) place_.emplace(member, place_.size());
    value_.resize(place_.size());
    for (const auto& [candidate, place] : place_) value_[place] = model_.condition(candidate).must_not_miss ? kMustNotMissValue : 1;
  }

  std::vector<NextStep> run(std::size_t count) {
    const KnowledgeBase& knowledge = model_.tables.knowledge;
    Nodes nodes(model_.tables, model_.findings, model_.candidates, model_.state.known);
    std::vector<NextStep> steps;
    for (const FindingIndex finding : askable()) {
      FactorSpec spec;
      spec.finding = finding;
      spec.given = knowledge.findings[finding].parent;
      const Factor factor = make_factor(model_.tables, spec, nodes, model_.candidates.size());
      const double gain = gain_of(factor) / cost_of(knowledge.findings[finding]);
      if (gain > 0) steps.push_back({finding, gain});
    }
    std::sort(steps.begin(), steps.end(), [&](const NextStep& a, const NextStep& b) {
      return a.gain != b.gain ? a.gain > b.gain : knowledge.findings[a.finding].id < knowledge.findings[b.finding].id;
    });
    if (steps.size() > count) steps.resize(count);
    return steps;
  }

 private:
  /// Unsettled findings that some condition of the heaviest hypotheses lists.
  std::vector<FindingIndex> askable() const {
    std::vector<FindingIndex> list;
    for (FindingIndex f = 0; f < model_.state.standing.size(); ++f) {
      if (model_.state.standing[f] != Standing::unmentioned || model_.state.by_measurement[f]) continue;
      const FindingIndex parent = model_.tables.knowledge.findings[f].parent;
      if (parent != kNone && model_.state.standing[parent] != Standing::present) continue;
      const auto& links = model_.tables.links[f];
      const bool listed = std::any_of(links.begin(), links.end(), [&](const ConditionLink& link) {
        const std::uint32_t candidate = model_.candidates.position[link.condition];
        return candidate != kNone && place_.contains(candidate);
      });
      if (listed) list.push_back(f);
    }
    return list;
  }

  double probability(const Factor& factor, const Heavy& one) const {
    if (one.first == kNone) return factor.none;
    if (one.second == kNone) return factor.none * std::exp(single_log_ratio(factor, one.first));
    return factor.none * pair_ratio(factor, one.first, one.second);
  }

  double gain_of(const Factor& factor) const {
    std::vector<double> present(place_.size(), 0), all(place_.size(), 0);
    double p = 0;
    for (const Heavy& one : heavy_) {
      const double joint = one.weight * probability(factor, one);
      p += joint;
      for (const std::uint32_t member : {one.first, one.second}) {
        if (member == kNone) continue;
        present[place_.at(member)] += joint;
        all[place_.at(member)] += one.weight;
      }
    }
    double gain = 0;
    for (std::size_t c = 0; c < value_.size(); ++c)
      gain += value_[c] * (entropy(all[c]) - p * entropy(present[c] / p) - (1 - p) * entropy((all[c] - present[c]) / (1 - p)));
    return gain;
  }

  const CaseModel& model_;
  std::vector<Heavy> heavy_;
  std::map<std::uint32_t, std::size_t> place_;  // of a candidate in the sums
  std::vector<double> value_;
};

}  // namespace

std::vector<NextStep> next_steps_of(const Hypotheses& hypotheses, std::size_t count) { return Planner(hypotheses).run(count); }

}  // namespace osler::reasoning
