#include "reasoning/hypotheses.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "reasoning/quick_math.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr std::size_t kFactorsInProduct = 16;  // a ratio lies within 1e+-6, so that many stay far from the limits of double
constexpr double kTiny = 1e-300;

double limited_logit(double logit) { return std::clamp(logit, -kLogitMost, kLogitMost); }

}  // namespace

Hypotheses::Hypotheses(const CaseModel& model) : model_(model), size_(model.candidates.size()) {
  fill_singles();
  choose_best();
  by_weight_.resize(model.factors.size());
  std::iota(by_weight_.begin(), by_weight_.end(), std::size_t{0});
  std::stable_sort(by_weight_.begin(), by_weight_.end(), [&](std::size_t a, std::size_t b) {
    return model.factors[a].spec.weight > model.factors[b].spec.weight;
  });
  weights_.pair.assign(best_.size() * size_, -std::numeric_limits<double>::infinity());
  for (std::size_t rank = 0; rank < best_.size(); ++rank) fill_pairs(rank);
  to_linear();
}

void Hypotheses::fill_singles() {
  const NetworkParameters& parameters = model_.parameters;
  weights_.nothing = std::log(parameters.nothing_prior);
  const double log_something = std::log(1 - parameters.nothing_prior);
  weights_.single.resize(size_);
  for (std::size_t c = 0; c < size_; ++c)
    weights_.single[c] = log_something + model_.prior[c] + model_.risk[c] + model_.silence[c] +
                         model_.duration[c] + model_.onset[c] +
                         parameters.lambda * (model_.likelihood[c] + model_.severity_of(c));
  single_log_ = weights_.single;
}

void Hypotheses::choose_best() {
  best_.resize(size_);
  std::iota(best_.begin(), best_.end(), 0U);
  const std::size_t kept = std::min(kBestSingles, size_);
  const auto better = [&](std::uint32_t a, std::uint32_t b) {
    if (weights_.single[a] != weights_.single[b]) return weights_.single[a] > weights_.single[b];
    return model_.condition(a).id < model_.condition(b).id;
  };
  std::partial_sort(best_.begin(), best_.begin() + static_cast<std::ptrdiff_t>(kept), best_.end(), better);
  best_.resize(kept);
  rank_.assign(size_, kNone);
  for (std::uint32_t rank = 0; rank < kept; ++rank) rank_[best_[rank]] = rank;
}

/// row[d] becomes the log likelihood of {c, d}: the sum of both, corrected where both speak of the same observation. Ratios of one
/// weight are multiplied before the logarithm is taken.
OSLER_VECTOR_CLONES void Hypotheses::add_likelihoods(std::size_t c, double* row, std::vector<double>& product) const {
  for (std::size_t d = 0; d < size_; ++d) row[d] = model_.likelihood[d] + model_.likelihood[c];
  std::fill(product.begin(), product.end(), 1.0);
  std::vector<double> room;
  double weight = 1;
  std::size_t held = 0;
  const auto flush = [&] {
    double* const __restrict factors = product.data();
    for (std::size_t d = 0; d < size_; ++d) {
      row[d] += weight * quick_log(factors[d]);
      factors[d] = 1;
    }
    held = 0;
  };
  for (const std::size_t f : by_weight_) {
    const Factor& factor = model_.factors[f];
    const std::uint32_t place = factor.place_of(static_cast<std::uint32_t>(c));
    if (place == kNone) continue;
    if (held == kFactorsInProduct || (held > 0 && factor.spec.weight != weight)) flush();
    weight = factor.spec.weight;
    ++held;
    const std::vector<double>& alone = model_.log_ratios[f];
    for (std::size_t i = 0; i < alone.size(); ++i) row[factor.speakers[i]] -= alone[i] + alone[place];
    multiply_pair_ratios(factor, place, product.data(), room);
  }
  flush();
}

OSLER_VECTOR_CLONES void Hypotheses::fill_pairs(std::size_t rank) {
  const std::size_t c = best_[rank];
  double* row = &weights_.pair[rank * size_];
  std::vector<double> product(size_);
  add_likelihoods(c, row, product);
  const NetworkParameters& parameters = model_.parameters;
  const double own = std::log(parameters.pair_weight) + model_.prior[c] + model_.risk[c] + model_.silence[c];
  for (std::size_t d = 0; d < size_; ++d) {
    const double severity = model_.severity[std::min(model_.urgency[c], model_.urgency[d])];
    row[d] = own + model_.prior[d] + model_.risk[d] + model_.silence[d] + std::max(model_.duration[c], model_.duration[d]) +
             std::max(model_.onset[c], model_.onset[d]) + parameters.lambda * (row[d] + severity);
  }
  for (const auto& [other, factor] : model_.tables.pair_factors[model_.candidates.conditions[c]])
    if (const std::uint32_t d = model_.candidates.position[other]; d != kNone) row[d] += std::log(factor);
  for (std::size_t before = 0; before <= rank; ++before) row[best_[before]] = -std::numeric_limits<double>::infinity();
}

OSLER_VECTOR_CLONES void Hypotheses::to_linear() {
  largest_ = weights_.nothing;
  for (const double log : weights_.single) largest_ = std::max(largest_, log);
  for (const double log : weights_.pair) largest_ = std::max(largest_, log);
  weights_.nothing = quick_exp(weights_.nothing - largest_);
  for (double& weight : weights_.single) weight = quick_exp(weight - largest_);
  for (double& weight : weights_.pair) weight = quick_exp(weight - largest_);
}

OSLER_VECTOR_CLONES Sums Hypotheses::sums(const Weights& weights) const {
  Sums sums;
  sums.with = weights.single;
  sums.total = weights.nothing + std::accumulate(weights.single.begin(), weights.single.end(), 0.0);
  for (std::size_t rank = 0; rank < best_.size(); ++rank) {
    const double* row = &weights.pair[rank * size_];
    double of_row = 0;
    for (std::size_t d = 0; d < size_; ++d) {
      of_row += row[d];
      sums.with[d] += row[d];
    }
    sums.with[best_[rank]] += of_row;
    sums.total += of_row;
  }
  return sums;
}

double Hypotheses::without(const Weights& weights, std::size_t candidate) const {
  double sum = weights.nothing;
  for (std::size_t c = 0; c < size_; ++c)
    if (c != candidate) sum += weights.single[c];
  for (std::size_t rank = 0; rank < best_.size(); ++rank) {
    if (best_[rank] == candidate) continue;
    const double* row = &weights.pair[rank * size_];
    for (std::size_t d = 0; d < size_; ++d)
      if (d != candidate) sum += row[d];
  }
  return sum;
}

double Hypotheses::log_odds(const Weights& weights, const Sums& sums, std::size_t candidate) const {
  const double with = sums.with[candidate];
  // A difference loses digits only where the candidate holds most of the total: there the rest is summed afresh.
  const double rest = with > sums.total / 2 ? without(weights, candidate) : sums.total - with;
  const double log_with = with > kTiny ? std::log(with) : single_log_[candidate] - largest_;
  return limited_logit(log_with - std::log(std::max(rest, kTiny)));
}

double Hypotheses::nothing_log_odds(const Weights& weights) const {
  const double rest = std::accumulate(weights.single.begin(), weights.single.end(), 0.0) +
                      std::accumulate(weights.pair.begin(), weights.pair.end(), 0.0);
  return limited_logit(std::log(std::max(weights.nothing, kTiny)) - std::log(std::max(rest, kTiny)));
}

double Hypotheses::nothing_without(const std::vector<std::uint8_t>& gone) const {
  double rest = 0;
  for (std::size_t c = 0; c < size_; ++c)
    if (!gone[c]) rest += weights_.single[c];
  for (std::size_t rank = 0; rank < best_.size(); ++rank) {
    if (gone[best_[rank]]) continue;
    for (std::size_t d = 0; d < size_; ++d)
      if (!gone[d]) rest += weights_.pair[rank * size_ + d];
  }
  return limited_logit(std::log(std::max(weights_.nothing, kTiny)) - std::log(std::max(rest, kTiny)));
}

/// Each hypothesis with the prior of visits as they come: calibration wants rare diseases as often as its cases have them, triage wants them
/// as often as they are.
OSLER_VECTOR_CLONES std::array<double, 4> Hypotheses::urgency_shares() const {
  std::array<double, 4> shares{};
  std::array<std::vector<double>, 4> lift;  // by urgency: the change of prior where a candidate has it, else 0
  for (std::vector<double>& one : lift) one.assign(size_, 0);
  std::vector<double> own(size_);
  for (std::size_t c = 0; c < size_; ++c) lift[model_.urgency[c]][c] = own[c] = quick_exp(model_.visit_prior[c] - model_.prior[c]);
  const auto add = [&](const double* row, std::size_t urgency, double scale) {
    for (std::size_t level = 0; level < lift.size(); ++level)
      shares[std::min(urgency, level)] += scale * std::inner_product(row, row + size_, lift[level].begin(), 0.0);
  };
  add(weights_.single.data(), lift.size() - 1, 1);
  for (std::size_t rank = 0; rank < best_.size(); ++rank)
    add(&weights_.pair[rank * size_], model_.urgency[best_[rank]], own[best_[rank]]);
  double total = weights_.nothing;
  for (const double share : shares) total += share;
  for (double& share : shares) share /= total;
  return shares;
}

std::vector<Heavy> Hypotheses::heaviest(std::size_t count) const {
  std::vector<Heavy> all{{weights_.nothing, kNone, kNone}};
  all.reserve(1 + size_ + weights_.pair.size());
  for (std::uint32_t c = 0; c < size_; ++c) all.push_back({weights_.single[c], c, kNone});
  for (std::size_t rank = 0; rank < best_.size(); ++rank)
    for (std::uint32_t d = 0; d < size_; ++d)
      if (const double weight = weights_.pair[rank * size_ + d]; weight > 0) all.push_back({weight, best_[rank], d});
  double total = 0;
  for (const Heavy& one : all) total += one.weight;
  const std::size_t kept = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    [](const Heavy& a, const Heavy& b) { return a.weight > b.weight; });
  all.resize(kept);
  for (Heavy& one : all) one.weight /= total;
  return all;
}

void Hypotheses::apply(const Change& change, Weights& out) const {
  const double lambda = model_.parameters.lambda;
  std::vector<double> delta = change.context;
  delta.resize(size_, 0);
  std::vector<std::vector<double>> alone;
  for (const auto& [factor, sign] : change.factors) {
    const std::vector<double>& logs = alone.emplace_back(single_log_ratios(*factor));
    for (std::size_t i = 0; i < logs.size(); ++i) delta[factor->speakers[i]] += lambda * sign * factor->spec.weight * logs[i];
  }
  for (double& one : delta) one = quick_exp(one);
  out.nothing = weights_.nothing;
  out.single.resize(size_);
  for (std::size_t c = 0; c < size_; ++c) out.single[c] = weights_.single[c] * delta[c];
  out.pair.resize(weights_.pair.size());
  for (std::size_t rank = 0; rank < best_.size(); ++rank) {
    const double own = delta[best_[rank]];
    for (std::size_t d = 0; d < size_; ++d) out.pair[rank * size_ + d] = weights_.pair[rank * size_ + d] * own * delta[d];
  }
  correct_pairs(change, alone, out);
  drop_course(change, out);
}

/// Where both members speak of a changed factor, the pair's change is not the product of theirs: there the factors' own ratios take
/// their place.
OSLER_VECTOR_CLONES void Hypotheses::correct_pairs(const Change& change, const std::vector<std::vector<double>>& alone, Weights& out) const {
  const double lambda = model_.parameters.lambda;
  std::vector<double> correction(size_, 0), ratios;
  std::vector<std::uint32_t> touched;
  for (std::size_t rank = 0; rank < best_.size(); ++rank) {
    touched.clear();
    for (std::size_t f = 0; f < change.factors.size(); ++f) {
      const auto& [factor, sign] = change.factors[f];
      const std::uint32_t place = factor->place_of(best_[rank]);
      if (place == kNone) continue;
      pair_ratios(*factor, place, ratios);
      const double scale = lambda * sign * factor->spec.weight, own = alone[f][place];
      for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = scale * (quick_log(ratios[i]) - own - alone[f][i]);
      for (std::size_t i = 0; i < ratios.size(); ++i) {
        const std::uint32_t d = factor->speakers[i];
        if (correction[d] == 0) touched.push_back(d);
        correction[d] += ratios[i];
      }
    }
    double* const row = &out.pair[rank * size_];
    for (const std::uint32_t d : touched) {
      if (row[d] > 0) row[d] *= quick_exp(correction[d]);
      correction[d] = 0;
    }
  }
}

void Hypotheses::drop_course(const Change& change, Weights& out) const {
  if (!change.drop_duration && !change.drop_onset && !change.drop_severity) return;
  // e^-max(a, b) = min(e^-a, e^-b): one exponential a condition, none a pair.
  std::vector<double> duration(size_, 1), onset(size_, 1);
  std::array<double, 4> severity{1, 1, 1, 1};
  for (std::size_t c = 0; c < size_ && change.drop_duration; ++c) duration[c] = quick_exp(-model_.duration[c]);
  for (std::size_t c = 0; c < size_ && change.drop_onset; ++c) onset[c] = quick_exp(-model_.onset[c]);
  for (std::size_t level = 0; level < severity.size() && change.drop_severity; ++level)
    severity[level] = quick_exp(-model_.parameters.lambda * model_.severity[level]);
  const auto gain = [&](std::size_t c, std::size_t d) {
    return std::min(duration[c], duration[d]) * std::min(onset[c], onset[d]) * severity[std::min(model_.urgency[c], model_.urgency[d])];
  };
  for (std::size_t c = 0; c < size_; ++c) out.single[c] *= gain(c, c);
  for (std::size_t rank = 0; rank < best_.size(); ++rank)
    for (std::size_t d = 0; d < size_; ++d) out.pair[rank * size_ + d] *= gain(best_[rank], d);
}

}  // namespace osler::reasoning
