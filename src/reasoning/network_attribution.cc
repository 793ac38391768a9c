#include "reasoning/network_attribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include "base/check.h"
#include "reasoning/attribution_parts.h"
#include "reasoning/attribution_sampling.h"
#include "reasoning/attribution_table.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr double kExcluded = -std::numeric_limits<double>::infinity();
constexpr std::size_t kQuickCoalitions = 30'000;
constexpr std::size_t kExamples = 12;          // random parts of a case from which the heaviest hypotheses are chosen
constexpr std::size_t kMostPatientUnits = 4;   // of a table: each doubles the patients

/// Log-odds of each asked condition for all coalitions of the parts' players.
std::vector<std::vector<double>> log_odds_of_all(const HypothesisOrder& order, std::size_t asked, const std::vector<double>& base,
                                                 const std::vector<RatioPart>& parts, std::size_t coalitions) {
  std::vector<std::vector<double>> with(asked, std::vector<double>(coalitions, 0)), rest = with;
  std::vector<double> sums(coalitions);
  for (const HypothesisOrder::Group& group : order.groups()) {
    std::fill(sums.begin(), sums.end(), 0.0);
    add_coalition_sums(base, parts, group.begin, group.end, sums);
    for (std::size_t a = 0; a < asked; ++a) {
      std::vector<double>& to = order.holds(group, a) ? with[a] : rest[a];
      for (std::size_t s = 0; s < coalitions; ++s) to[s] += sums[s];
    }
  }
  for (std::size_t a = 0; a < asked; ++a)
    for (std::size_t s = 0; s < coalitions; ++s) with[a][s] = limited_log_odds(with[a][s], rest[a][s]);
  return with;
}

std::vector<bool> said_for_patient(const std::vector<Piece>& pieces, std::size_t units) {
  std::vector<bool> says(units, false);
  for (const Piece& piece : pieces)
    if (piece.kind == Piece::Kind::sex || piece.kind == Piece::Kind::pregnancy)
      for (const std::size_t unit : piece.units) says[unit] = true;
  return says;
}

Coalition bits(std::size_t state, std::size_t count) {
  Coalition coalition(count);
  for (std::size_t i = 0; i < count; ++i) coalition[i] = ((state >> i) & 1) != 0;
  return coalition;
}

/// A moment from which the stand-in still has some of the time: most precision comes from it.
SteadyTime earlier(SteadyTime now, SteadyTime deadline) {
  if (deadline == SteadyTime::max() || deadline <= now) return deadline;
  return now + (deadline - now) * 3 / 5;
}

/// What was estimated of the stand-in and of what it lacks, together.
void add(const Attribution& correction, Attribution& to) {
  to.with_all += correction.with_all;
  to.with_none += correction.with_none;
  to.evaluations += correction.evaluations;
  to.pairs += correction.pairs;
  to.exact = to.exact && correction.exact;
  for (std::size_t i = 0; i < to.values.size(); ++i) {
    to.values[i] += correction.values[i];
    to.standard_errors[i] = std::hypot(to.standard_errors[i], correction.standard_errors[i]);
  }
}

}  // namespace

Budget quick_budget() {
  Budget budget;
  budget.evaluations = kQuickCoalitions;
  return budget;
}

PartialCase::PartialCase(const Network& network, CaseFindings findings, std::vector<ConditionIndex> conditions, const std::vector<Unit>& units,
                         const PartialCaseLimits& limits)
    : network_(network), findings_(std::move(findings)), conditions_(std::move(conditions)), units_(units.size()), limits_(limits),
      pieces_(pieces_of(findings_, units)) {
  find_players();
  const Candidates candidates = candidates_of(network_.tables(), findings_);
  for (std::size_t which = 0; which < conditions_.size(); ++which)
    if (candidates.position[conditions_[which]] != kNone) candidates_.push_back(which);
  tabulated_ = fits();
  if (tabulated_) tabulate();
}

void PartialCase::find_players() {
  const std::vector<bool> of_patient = said_for_patient(pieces_, units_);
  std::vector<bool> asked(units_, false);
  for (const Piece& piece : pieces_)
    for (const std::size_t unit : piece.units) asked[unit] = !of_patient[unit];
  for (std::size_t unit = 0; unit < units_; ++unit)
    if (of_patient[unit]) patient_units_.push_back(unit);
  CHECK(patient_units_.size() < 64);  // bits
  parts_ = parts_of(network_.tables(), findings_, pieces_, asked);
  CaseInParts& least_known = patient(0);  // the one with the most candidates
  std::erase_if(parts_, [&](const std::vector<std::size_t>& part) {
    if (part.size() > 1) return false;
    const CaseSketch::Example without = said_in(part_only(part, {false}, 0));
    return least_known.changes_nothing(without.said, without.age_said);
  });
  for (const std::vector<std::size_t>& part : parts_) players_.insert(players_.end(), part.begin(), part.end());
  players_.insert(players_.end(), patient_units_.begin(), patient_units_.end());
}

bool PartialCase::fits() const {
  const auto too_large = [&](const std::vector<std::size_t>& part) { return part.size() > limits_.largest_part; };
  if (players_.size() > kExactPlayers || patient_units_.size() > kMostPatientUnits || std::any_of(parts_.begin(), parts_.end(), too_large)) return false;
  const CaseInParts& least_known = *patients_.at(0).whole;
  const double hypotheses = static_cast<double>(1 + least_known.size() + least_known.weights().pair.size());
  return hypotheses * std::exp2(static_cast<double>(players_.size())) <= limits_.most_products;
}

/// All units but those of the part that are not in `state`, and but the patient units that are not said.
Coalition PartialCase::part_only(const std::vector<std::size_t>& part, const Coalition& state, std::size_t patient_units_said) const {
  Coalition present(units_, true);
  for (std::size_t i = 0; i < part.size(); ++i) present[part[i]] = state[i];
  for (std::size_t i = 0; i < patient_units_.size(); ++i) present[patient_units_[i]] = ((patient_units_said >> i) & 1) != 0;
  return present;
}

std::size_t PartialCase::patient_units_in(const Coalition& present) const {
  std::size_t said = 0;
  for (std::size_t i = 0; i < patient_units_.size(); ++i) said |= static_cast<std::size_t>(present[patient_units_[i]]) << i;
  return said;
}

CaseSketch::Example PartialCase::said_in(const Coalition& present) const {
  const auto age = std::find_if(pieces_.begin(), pieces_.end(), [](const Piece& piece) { return piece.kind == Piece::Kind::age; });
  return {said_by(findings_, pieces_, present), is_said(*age, present)};
}

CaseInParts& PartialCase::patient(std::size_t said) {
  Standing& standing = patients_[said];
  if (standing.whole == nullptr)
    standing.whole = std::make_unique<CaseInParts>(network_.tables(), network_.parameters(), said_in(part_only({}, {}, said)).said);
  return *standing.whole;
}

std::vector<std::uint32_t> PartialCase::asked_of(const CaseInParts& patient) const {
  std::vector<std::uint32_t> asked;
  for (const std::size_t which : candidates_) asked.push_back(patient.candidate_of(conditions_[which]));
  return asked;
}

void PartialCase::tabulate() {
  tables_.assign(candidates_.size(), std::vector<double>(std::size_t{1} << players_.size()));
  for (std::size_t said = 0; said < std::size_t{1} << patient_units_.size(); ++said) tabulate_patient(said);
}

void PartialCase::tabulate_patient(std::size_t said) {
  CaseInParts& whole = patient(said);
  const HypothesisOrder order(whole, asked_of(whole));
  const std::vector<double> base = order.in_order(whole.weights());
  std::vector<RatioPart> parts;
  for (const std::vector<std::size_t>& units : parts_) {
    RatioPart& part = parts.emplace_back();
    part.players = units.size();
    part.ratios.resize(std::size_t{1} << units.size());
    for (std::size_t state = 0; state + 1 < part.ratios.size(); ++state) {
      const CaseSketch::Example some = said_in(part_only(units, bits(state, units.size()), said));
      whole.weights_of(some.said, some.age_said, scratch_);
      part.ratios[state] = order.in_order(scratch_);
      for (std::size_t h = 0; h < base.size(); ++h) part.ratios[state][h] /= base[h];
    }
  }
  const std::size_t inner = players_.size() - patient_units_.size(), coalitions = std::size_t{1} << inner;
  const std::vector<std::vector<double>> log_odds = log_odds_of_all(order, candidates_.size(), base, parts, coalitions);
  for (std::size_t a = 0; a < candidates_.size(); ++a)
    std::copy(log_odds[a].begin(), log_odds[a].end(), tables_[a].begin() + static_cast<std::ptrdiff_t>(said << inner));
}

std::vector<std::size_t> PartialCase::active_units() const {
  std::vector<std::size_t> units = players_;
  std::sort(units.begin(), units.end());
  return units;
}

double PartialCase::log_odds(std::size_t which, const Coalition& present) {
  CHECK(present.size() == units_);
  const auto found = std::find(candidates_.begin(), candidates_.end(), which);
  if (found == candidates_.end()) return kExcluded;
  const auto candidate = static_cast<std::size_t>(found - candidates_.begin());
  if (!tabulated_) {
    std::vector<double> all(candidates_.size());
    exact_log_odds(present, all);
    return all[candidate];
  }
  std::size_t place = 0;
  for (std::size_t i = 0; i < players_.size(); ++i) place |= static_cast<std::size_t>(present[players_[i]]) << i;
  return tables_[candidate][place];
}

void PartialCase::exact_log_odds(const Coalition& present, std::span<double> out) {
  CaseInParts& whole = patient(patient_units_in(present));
  const CaseSketch::Example some = said_in(present);
  whole.weights_of(some.said, some.age_said, scratch_);
  const std::vector<double> log_odds = whole.log_odds(scratch_, asked_of(whole));
  std::copy(log_odds.begin(), log_odds.end(), out.begin());
}

CaseSketch& PartialCase::sketch(std::size_t said, std::uint64_t seed) {
  CaseInParts& whole = patient(said);
  Standing& standing = patients_.at(said);
  if (standing.sketch == nullptr) {
    std::mt19937_64 random(seed);
    std::vector<CaseSketch::Example> examples;
    for (std::size_t i = 0; i <= kExamples; ++i) {
      Coalition present = units_of(random_coalition(random, players_.size(), players_.size() * i / kExamples));
      for (std::size_t u = 0; u < patient_units_.size(); ++u) present[patient_units_[u]] = ((said >> u) & 1) != 0;
      examples.push_back(said_in(present));
    }
    standing.sketch = std::make_unique<CaseSketch>(whole, asked_of(whole), examples, limits_.heaviest);
  }
  return *standing.sketch;
}

void PartialCase::quick_log_odds(const Coalition& present, std::uint64_t seed, std::span<double> out) {
  const std::size_t said = patient_units_in(present);
  CaseSketch& quick = sketch(said, seed);
  std::vector<const std::vector<double>*> ratios;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    Coalition state;
    for (const std::size_t unit : parts_[p]) state.push_back(present[unit]);
    if (std::find(state.begin(), state.end(), false) == state.end()) continue;
    ratios.push_back(&quick.ratios(p, state, [&] { return said_in(part_only(parts_[p], state, said)); }));
  }
  quick.log_odds(ratios, out);
}

/// Inactive units are present.
Coalition PartialCase::units_of(const Coalition& players) const {
  Coalition present(units_, true);
  for (std::size_t i = 0; i < players_.size(); ++i) present[players_[i]] = players[i];
  return present;
}

std::vector<Attribution> PartialCase::sampled(const Budget& budget) {
  const std::size_t outputs = candidates_.size();
  std::vector<double> quick(outputs);
  const ValueFunction lacking = [&](std::span<const Coalition> coalitions, std::span<double> values) {
    for (std::size_t i = 0; i < coalitions.size(); ++i) {
      const Coalition present = units_of(coalitions[i]);
      exact_log_odds(present, values.subspan(i * outputs, outputs));
      quick_log_odds(present, budget.seed, quick);
      for (std::size_t k = 0; k < outputs; ++k) values[i * outputs + k] -= quick[k];
    }
  };
  const ValueFunction standing_in = [&](std::span<const Coalition> coalitions, std::span<double> values) {
    for (std::size_t i = 0; i < coalitions.size(); ++i)
      quick_log_odds(units_of(coalitions[i]), budget.seed, values.subspan(i * outputs, outputs));
  };
  Budget of_corrections = budget;
  of_corrections.evaluations = limits_.corrections * players_.size() + 2;
  of_corrections.seed = budget.seed + 1;
  if (budget.now) of_corrections.deadline = earlier(budget.now(), budget.deadline);
  const std::vector<Attribution> corrections = sampled_shapley(players_.size(), outputs, lacking, of_corrections);
  std::vector<Attribution> results = sampled_shapley(players_.size(), outputs, standing_in, budget);
  for (std::size_t k = 0; k < outputs; ++k) add(corrections[k], results[k]);
  return results;
}

std::vector<Attribution> PartialCase::attributions(const Budget& budget) {
  std::vector<Attribution> of_players;
  if (!tabulated_ && !candidates_.empty()) of_players = sampled(budget);
  for (const std::vector<double>& table : tables_) of_players.push_back(shapley_of_table(players_.size(), table));
  Attribution excluded;
  excluded.with_all = excluded.with_none = kExcluded;
  excluded.values.assign(units_, 0);
  excluded.standard_errors.assign(units_, 0);
  excluded.exact = true;
  std::vector<Attribution> results(conditions_.size(), excluded);
  for (std::size_t a = 0; a < candidates_.size(); ++a) {
    Attribution& result = results[candidates_[a]];
    result = of_players[a];
    result.values.assign(units_, 0);
    result.standard_errors.assign(units_, 0);
    for (std::size_t i = 0; i < players_.size(); ++i) {
      result.values[players_[i]] = of_players[a].values[i];
      result.standard_errors[players_[i]] = of_players[a].standard_errors[i];
    }
  }
  return results;
}

std::vector<Attribution> attribute(const Network& network, const CaseFindings& findings, const std::vector<ConditionIndex>& conditions,
                                   const std::vector<Unit>& units, const Budget& budget, const PartialCaseLimits& limits) {
  return PartialCase(network, findings, conditions, units, limits).attributions(budget);
}

}  // namespace osler::reasoning
