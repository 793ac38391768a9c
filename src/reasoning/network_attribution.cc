#include "reasoning/network_attribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"
#include "reasoning/attribution_parts.h"
#include "reasoning/attribution_table.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr double kTiny = 1e-300;

/// All hypotheses of one patient, those with the same asked conditions together; weightless ones left out.
class HypothesisOrder {
 public:
  HypothesisOrder(const CaseInParts& patient, const std::vector<std::uint32_t>& asked) : size_(patient.size()) {
    std::vector<std::size_t> number(size_, 0);
    for (std::size_t a = 0; a < asked.size(); ++a) number[asked[a]] = a + 1;
    const std::vector<std::uint32_t> best = patient.best();
    const Weights& weights = patient.weights();
    if (weights.nothing > 0) groups_[{0, 0}].push_back(0);
    for (std::size_t c = 0; c < size_; ++c)
      if (weights.single[c] > 0) groups_[{0, number[c]}].push_back(1 + c);
    for (std::size_t rank = 0; rank < best.size(); ++rank)
      for (std::size_t d = 0; d < size_; ++d)
        if (weights.pair[rank * size_ + d] > 0) groups_[std::minmax({number[best[rank]], number[d]})].push_back(1 + size_ + rank * size_ + d);
    for (const auto& [members, list] : groups_) count_ += list.size();
  }

  std::size_t count() const { return count_; }

  std::vector<double> in_order(const Weights& weights) const {
    std::vector<double> values;
    values.reserve(count_);
    for (const auto& [members, list] : groups_)
      for (const std::size_t place : list) values.push_back(at(weights, place));
    return values;
  }

  /// work(asked condition from 1 or 0, another, first, end) for each group.
  template <typename Work>
  void for_each_group(Work&& work) const {
    std::size_t begin = 0;
    for (const auto& [members, list] : groups_) {
      work(members.first, members.second, begin, begin + list.size());
      begin += list.size();
    }
  }

 private:
  double at(const Weights& weights, std::size_t place) const {
    if (place == 0) return weights.nothing;
    return place <= size_ ? weights.single[place - 1] : weights.pair[place - 1 - size_];
  }

  std::size_t size_, count_ = 0;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> groups_;
};

void divide(std::vector<double>& values, const std::vector<double>& by) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] /= by[i];
}

double limited_log_odds(double with, double rest) {
  return std::clamp(std::log(std::max(with, kTiny)) - std::log(std::max(rest, kTiny)), -kLogitMost, kLogitMost);
}

/// Sums of hypotheses with and without each asked condition, for all coalitions of the parts' players.
std::vector<std::vector<double>> log_odds_of_all(const HypothesisOrder& order, std::size_t asked, const std::vector<double>& base,
                                                 const std::vector<RatioPart>& parts, std::size_t coalitions) {
  std::vector<std::vector<double>> with(asked, std::vector<double>(coalitions, 0)), rest = with;
  std::vector<double> sums(coalitions);
  order.for_each_group([&](std::size_t first, std::size_t second, std::size_t begin, std::size_t end) {
    std::fill(sums.begin(), sums.end(), 0.0);
    add_coalition_sums(base, parts, begin, end, sums);
    for (std::size_t a = 0; a < asked; ++a) {
      std::vector<double>& to = a + 1 == first || a + 1 == second ? with[a] : rest[a];
      for (std::size_t s = 0; s < coalitions; ++s) to[s] += sums[s];
    }
  });
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

}  // namespace

PartialCase::PartialCase(const Network& network, CaseFindings findings, std::vector<ConditionIndex> conditions, const std::vector<Unit>& units,
                         const PartialCaseLimits& limits)
    : network_(network), findings_(std::move(findings)), conditions_(std::move(conditions)), units_(units.size()),
      pieces_(pieces_of(findings_, units)) {
  find_players();
  const Candidates candidates = candidates_of(network_.tables(), findings_);
  for (std::size_t which = 0; which < conditions_.size(); ++which)
    if (candidates.position[conditions_[which]] != kNone) candidates_.push_back(which);
  tabulated_ = fits(limits);
  if (tabulated_) tabulate();
}

void PartialCase::find_players() {
  const std::vector<bool> of_patient = said_for_patient(pieces_, units_);
  std::vector<bool> asked(units_, false);
  for (const Piece& piece : pieces_)
    for (const std::size_t unit : piece.units) asked[unit] = !of_patient[unit];
  for (std::size_t unit = 0; unit < units_; ++unit)
    if (of_patient[unit]) patient_units_.push_back(unit);
  parts_ = parts_of(network_.tables(), findings_, pieces_, asked);
  CaseInParts& least_known = patient(0);  // the one with the most candidates
  std::erase_if(parts_, [&](const std::vector<std::size_t>& part) {
    if (part.size() > 1) return false;
    const Coalition present = all_but(part, 0);
    return least_known.changes_nothing(said_by(findings_, pieces_, present), age_said(present));
  });
  for (const std::vector<std::size_t>& part : parts_) players_.insert(players_.end(), part.begin(), part.end());
  players_.insert(players_.end(), patient_units_.begin(), patient_units_.end());
}

bool PartialCase::fits(const PartialCaseLimits& limits) {
  const auto too_large = [&](const std::vector<std::size_t>& part) { return part.size() > limits.largest_part; };
  if (std::any_of(parts_.begin(), parts_.end(), too_large)) return false;
  CaseInParts& least_known = patient(0);
  const double hypotheses = static_cast<double>(1 + least_known.size() + least_known.weights().pair.size());
  return std::ldexp(hypotheses, static_cast<int>(players_.size())) <= limits.most_products;
}

Coalition PartialCase::all_but(const std::vector<std::size_t>& withheld, std::size_t patient_units_said) const {
  Coalition present(units_, true);
  for (const std::size_t unit : withheld) present[unit] = false;
  for (std::size_t i = 0; i < patient_units_.size(); ++i) present[patient_units_[i]] = ((patient_units_said >> i) & 1) != 0;
  return present;
}

bool PartialCase::age_said(const Coalition& present) const {
  const auto age = std::find_if(pieces_.begin(), pieces_.end(), [](const Piece& piece) { return piece.kind == Piece::Kind::age; });
  return is_said(*age, present);
}

CaseInParts& PartialCase::patient(std::size_t said) {
  std::unique_ptr<CaseInParts>& one = patients_[said];
  if (one == nullptr)
    one = std::make_unique<CaseInParts>(network_.tables(), network_.parameters(), said_by(findings_, pieces_, all_but({}, said)));
  return *one;
}

void PartialCase::tabulate() {
  tables_.assign(conditions_.size(), {});
  for (const std::size_t which : candidates_) tables_[which].resize(std::size_t{1} << players_.size());
  for (std::size_t said = 0; said < std::size_t{1} << patient_units_.size(); ++said) tabulate_patient(said);
}

void PartialCase::tabulate_patient(std::size_t said) {
  CaseInParts& one = patient(said);
  std::vector<std::uint32_t> asked;
  for (const std::size_t which : candidates_) asked.push_back(one.candidate_of(conditions_[which]));
  const HypothesisOrder order(one, asked);
  const std::vector<double> base = order.in_order(one.weights());
  std::vector<RatioPart> parts;
  Weights weights;
  for (const std::vector<std::size_t>& units : parts_) {
    RatioPart& part = parts.emplace_back();
    part.players = units.size();
    part.ratios.resize(std::size_t{1} << units.size());
    for (std::size_t state = 0; state + 1 < part.ratios.size(); ++state) {
      std::vector<std::size_t> withheld;
      for (std::size_t i = 0; i < units.size(); ++i)
        if (((state >> i) & 1) == 0) withheld.push_back(units[i]);
      const Coalition present = all_but(withheld, said);
      one.weights_of(said_by(findings_, pieces_, present), age_said(present), weights);
      part.ratios[state] = order.in_order(weights);
      divide(part.ratios[state], base);
    }
  }
  const std::size_t inner = players_.size() - patient_units_.size(), coalitions = std::size_t{1} << inner;
  const std::vector<std::vector<double>> log_odds = log_odds_of_all(order, asked.size(), base, parts, coalitions);
  for (std::size_t a = 0; a < candidates_.size(); ++a)
    std::copy(log_odds[a].begin(), log_odds[a].end(), tables_[candidates_[a]].begin() + static_cast<std::ptrdiff_t>(said << inner));
}

std::vector<std::size_t> PartialCase::active_units() const {
  std::vector<std::size_t> units = players_;
  std::sort(units.begin(), units.end());
  return units;
}

std::size_t PartialCase::place_of(const Coalition& present) const {
  std::size_t place = 0;
  for (std::size_t i = 0; i < players_.size(); ++i) place |= static_cast<std::size_t>(present[players_[i]]) << i;
  return place;
}

const std::vector<double>& PartialCase::worked_out(const Coalition& present) {
  const auto [place, fresh] = worked_out_.try_emplace(present);
  if (!fresh) return place->second;
  std::size_t said = 0;
  for (std::size_t i = 0; i < patient_units_.size(); ++i) said |= static_cast<std::size_t>(present[patient_units_[i]]) << i;
  CaseInParts& one = patient(said);
  std::vector<std::uint32_t> asked;
  for (const std::size_t which : candidates_) asked.push_back(one.candidate_of(conditions_[which]));
  one.weights_of(said_by(findings_, pieces_, present), age_said(present), scratch_);
  const std::vector<double> log_odds = one.log_odds(scratch_, asked);
  place->second.assign(conditions_.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t a = 0; a < candidates_.size(); ++a) place->second[candidates_[a]] = log_odds[a];
  return place->second;
}

double PartialCase::log_odds(std::size_t which, const Coalition& present) {
  CHECK(present.size() == units_);
  if (!tabulated_) return worked_out(present)[which];
  return tables_[which].empty() ? -std::numeric_limits<double>::infinity() : tables_[which][place_of(present)];
}

Attribution PartialCase::attribution(std::size_t which, const Budget& budget) {
  Attribution of_players;
  if (std::find(candidates_.begin(), candidates_.end(), which) == candidates_.end()) {
    of_players.with_all = of_players.with_none = -std::numeric_limits<double>::infinity();
    of_players.values.assign(players_.size(), 0);
    of_players.standard_errors = of_players.values;
    of_players.exact = true;
  } else if (tabulated_) {
    of_players = shapley_of_table(players_.size(), tables_[which]);
  } else {
    Coalition present(units_, false);
    of_players = sampled_shapley(players_.size(), one_by_one([&](const Coalition& some) {
      for (std::size_t i = 0; i < players_.size(); ++i) present[players_[i]] = some[i];
      return worked_out(present)[which];
    }), budget);
  }
  Attribution result = of_players;
  result.values.assign(units_, 0);
  result.standard_errors.assign(units_, 0);
  for (std::size_t i = 0; i < players_.size(); ++i) {
    result.values[players_[i]] = of_players.values[i];
    result.standard_errors[players_[i]] = of_players.standard_errors[i];
  }
  return result;
}

std::vector<Attribution> attribute(const Network& network, const CaseFindings& findings, const std::vector<ConditionIndex>& conditions,
                                   const std::vector<Unit>& units, const Budget& budget, const PartialCaseLimits& limits) {
  PartialCase partial(network, findings, conditions, units, limits);
  std::vector<Attribution> list;
  for (std::size_t which = 0; which < conditions.size(); ++which) list.push_back(partial.attribution(which, budget));
  return list;
}

}  // namespace osler::reasoning
