#include "reasoning/attribution_hypotheses.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr double kTiny = 1e-300;

}  // namespace

HypothesisOrder::HypothesisOrder(const CaseInParts& patient, const std::vector<std::uint32_t>& asked)
    : candidates_(patient.size()), best_(patient.best()) {
  std::vector<std::size_t> number(candidates_, 0);
  for (std::size_t a = 0; a < asked.size(); ++a) number[asked[a]] = a + 1;
  for (const std::uint32_t candidate : asked) number_.push_back(number[candidate]);
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> places;
  const Weights& weights = patient.weights();
  if (weights.nothing > 0) places[{0, 0}].push_back(0);
  for (std::size_t c = 0; c < candidates_; ++c)
    if (weights.single[c] > 0) places[{0, number[c]}].push_back(1 + c);
  for (std::size_t rank = 0; rank < best_.size(); ++rank)
    for (std::size_t d = 0; d < candidates_; ++d)
      if (const std::size_t pair = rank * candidates_ + d; weights.pair[pair] > 0)
        places[std::minmax(number[best_[rank]], number[d])].push_back(1 + candidates_ + pair);
  for (const auto& [members, list] : places) {
    groups_.push_back({members.first, members.second, places_.size(), places_.size() + list.size()});
    places_.insert(places_.end(), list.begin(), list.end());
  }
}

std::vector<double> HypothesisOrder::in_order(const Weights& weights) const {
  std::vector<double> values;
  values.reserve(places_.size());
  for (const std::size_t place : places_) {
    if (place == 0) values.push_back(weights.nothing);
    else values.push_back(place <= candidates_ ? weights.single[place - 1] : weights.pair[place - 1 - candidates_]);
  }
  return values;
}

Members HypothesisOrder::members(std::size_t position) const {
  const std::size_t place = places_[position];
  if (place == 0) return {};
  if (place <= candidates_) return {static_cast<std::uint32_t>(place - 1), kNone};
  const std::size_t pair = place - 1 - candidates_;
  return {best_[pair / candidates_], static_cast<std::uint32_t>(pair % candidates_)};
}

void HypothesisOrder::keep_best(const std::vector<double>& scores, std::size_t count) {
  if (count >= places_.size()) return;
  std::vector<std::size_t> positions(places_.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  std::nth_element(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(count), positions.end(), [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  positions.resize(count);
  std::sort(positions.begin(), positions.end());
  std::vector<std::size_t> kept;
  auto next = positions.begin();
  for (Group& group : groups_) {
    const std::size_t begin = kept.size();
    for (; next != positions.end() && *next < group.end; ++next) kept.push_back(places_[*next]);
    group.begin = begin;
    group.end = kept.size();
  }
  places_ = std::move(kept);
}

double limited_log_odds(double with, double rest) {
  return std::clamp(std::log(std::max(with, kTiny)) - std::log(std::max(rest, kTiny)), -kLogitMost, kLogitMost);
}

}  // namespace osler::reasoning
