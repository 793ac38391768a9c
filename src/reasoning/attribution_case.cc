#include "reasoning/attribution_case.h"

#include <algorithm>

namespace osler::reasoning {

using namespace clinical;

CaseInParts::Known::Known(const CaseModel& model, std::vector<ConditionIndex> conditions_in)
    : conditions(std::move(conditions_in)), nodes(model.tables, model.findings, model.candidates, conditions) {}

CaseInParts::CaseInParts(const Tables& tables, const NetworkParameters& parameters, CaseFindings findings)
    : findings_(std::move(findings)), model_(tables, parameters, findings_), hypotheses_(model_),
      prior_without_age_(log_priors(tables, findings_, model_.candidates, parameters, {false, true, true})) {}

CaseInParts::Known& CaseInParts::known(const std::vector<ConditionIndex>& conditions) {
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return one.conditions == conditions; });
  return found == known_.end() ? known_.emplace_back(model_, conditions) : *found;
}

const Factor& CaseInParts::factor(Known& under, const FactorSpec& spec) const {
  const auto found = std::find_if(under.factors.begin(), under.factors.end(), [&](const Factor& one) { return same_observation(one.spec, spec); });
  return found == under.factors.end() ? under.factors.emplace_back(make_factor(model_.tables, spec, under.nodes)) : *found;
}

Change CaseInParts::change_to(const CaseFindings& said, bool age_said) {
  const CaseState state = read_case(model_.tables, said);
  Change change;
  change.factors = changed_factors(model_, state, [&](const FactorSpec& spec) -> const Factor& { return factor(known(state.known), spec); });
  change.context = log_risks(model_.tables, model_.candidates, state, model_.state, model_.risk);
  for (std::size_t c = 0; c < change.context.size(); ++c)
    change.context[c] += (age_said ? 0 : prior_without_age_[c] - model_.prior[c]) - model_.risk[c];
  change.drop_severity = said.severity != findings_.severity;
  change.drop_duration = said.duration_days != findings_.duration_days;
  change.drop_onset = said.onset != findings_.onset;
  return change;
}

void CaseInParts::weights_of(const CaseFindings& said, bool age_said, Weights& out) { hypotheses_.apply(change_to(said, age_said), out); }

bool CaseInParts::changes_nothing(const CaseFindings& said, bool age_said) {
  const Change change = change_to(said, age_said);
  return !change.drop_severity && !change.drop_duration && !change.drop_onset &&
         std::all_of(change.factors.begin(), change.factors.end(), [](const auto& one) { return one.first->speakers.empty(); }) &&
         std::all_of(change.context.begin(), change.context.end(), [](double log) { return log == 0; });
}

std::vector<double> CaseInParts::log_odds(const Weights& weights, const std::vector<std::uint32_t>& candidates) const {
  const Sums sums = hypotheses_.sums(weights);
  std::vector<double> log_odds;
  for (const std::uint32_t candidate : candidates) log_odds.push_back(hypotheses_.log_odds(weights, sums, candidate));
  return log_odds;
}

/// Asked of the sums themselves: with a weight of rank + 1 on one pair of each row, that is what its better member sums to.
std::vector<std::uint32_t> CaseInParts::best() const {
  const std::size_t size = model_.candidates.size(), ranks = size == 0 ? 0 : weights().pair.size() / size;
  Weights probe;
  probe.single.assign(size, 0);
  probe.pair.assign(ranks * size, 0);
  for (std::size_t rank = 0; rank < ranks; ++rank) probe.pair[rank * size] = static_cast<double>(rank + 1);
  const Sums sums = hypotheses_.sums(probe);
  std::vector<std::uint32_t> best(ranks, 0);  // the first candidate is in every pair: its rank is the one that is left
  for (std::uint32_t c = 1; c < size; ++c)
    if (sums.with[c] > 0) best[static_cast<std::size_t>(sums.with[c]) - 1] = c;
  return best;
}

}  // namespace osler::reasoning
