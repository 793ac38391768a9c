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

/// A difference loses digits where the candidate holds nearly all of the total: there the rest is summed afresh. Below, it keeps eight.
constexpr double kNearlyAll = 1 - 1e-7;
bool loses_digits(double with, double total) { return with > total * kNearlyAll; }

double limited_logit(double logit) { return std::clamp(logit, -kLogitMost, kLogitMost); }

}  // namespace

std::vector<std::pair<const Factor*, double>> changed_factors(const CaseModel& model, const CaseState& state,
                                                              const std::function<const Factor&(const FactorSpec&)>& make) {
  std::vector<std::pair<const Factor*, double>> changed;
  std::vector<bool> kept(model.factors.size(), false);
  const bool same_known = state.known == model.state.known;
  for (const FactorSpec& spec : factors_of(model.tables, model.findings, state, model.parameters)) {
    const auto same = std::find_if(model.factors.begin(), model.factors.end(), [&](const Factor& one) { return same_observation(one.spec, spec); });
    const bool found = same != model.factors.end();
    const Factor* const fresh = found && same_known ? nullptr : &make(spec);
    if (found && (same_known || same_numbers(*same, *fresh))) {
      kept[static_cast<std::size_t>(same - model.factors.begin())] = true;
      if (spec.weight != same->spec.weight) changed.emplace_back(&*same, spec.weight - same->spec.weight);
    } else {
      changed.emplace_back(fresh, spec.weight);
    }
  }
  for (std::size_t f = 0; f < kept.size(); ++f)
    if (!kept[f]) changed.emplace_back(&model.factors[f], -model.factors[f].spec.weight);
  return changed;
}

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
  std::vector<double> most = weights_.single;  // by candidate: no comparison waits for the one before
  for (std::size_t begin = 0; begin < weights_.pair.size(); begin += size_)
    for (std::size_t d = 0; d < size_; ++d) most[d] = std::max(most[d], weights_.pair[begin + d]);
  largest_ = std::max(weights_.nothing, most.empty() ? weights_.nothing : *std::max_element(most.begin(), most.end()));
  weights_.nothing = quick_exp(weights_.nothing - largest_);
  for (double& weight : weights_.single) weight = quick_exp(weight - largest_);
  for (double& weight : weights_.pair) weight = quick_exp(weight - largest_);
}

OSLER_VECTOR_CLONES Sums Hypotheses::sums(const Weights& weights) const {
  Sums sums;
  sums.with = weights.single;
  sums.total = weights.nothing + quick_sum(weights.single.data(), size_);
  double* const __restrict with = sums.with.data();
  for (std::size_t rank = 0; rank < best_.size(); ++rank) {
    const double* const __restrict row = &weights.pair[rank * size_];
    for (std::size_t d = 0; d < size_; ++d) with[d] += row[d];
    const double of_row = quick_sum(row, size_);
    with[best_[rank]] += of_row;
    sums.total += of_row;
  }
  return sums;
}

OSLER_VECTOR_CLONES double Hypotheses::without(const Weights& weights, std::size_t candidate) const {
  const auto others = [&](const double* row) { return quick_sum(row, candidate) + quick_sum(row + candidate + 1, size_ - candidate - 1); };
  double sum = weights.nothing + others(weights.single.data());
  for (std::size_t rank = 0; rank < best_.size(); ++rank)
    if (best_[rank] != candidate) sum += others(&weights.pair[rank * size_]);
  return sum;
}

double Hypotheses::log_odds(const Weights& weights, const Sums& sums, std::size_t candidate) const {
  const double with = sums.with[candidate];
  const double rest = loses_digits(with, sums.total) ? without(weights, candidate) : sums.total - with;
  const double log_with = with > kTiny ? std::log(with) : single_log_[candidate] - largest_;
  return limited_logit(log_with - std::log(std::max(rest, kTiny)));
}

double Hypotheses::nothing_log_odds(const Weights& weights) const {
  const double rest = quick_sum(weights.single.data(), size_) + quick_sum(weights.pair.data(), weights.pair.size());
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
      shares[std::min(urgency, level)] += scale * quick_sum(size_, [row, of_level = lift[level].data()](std::size_t d) { return row[d] * of_level[d]; });
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

/// The weights of all hypotheses after a change, a row at a time.
class Hypotheses::Changed {
 public:
  Changed(const Hypotheses& before, const Change& change) : before_(before), model_(before.model_), change_(change), delta_(change.context) {
    delta_.resize(before.size_, 0);
    for (const auto& [factor, weight] : change.factors) {
      const double scale = model_.parameters.lambda * weight;
      const std::vector<double>& logs = alone_.emplace_back(single_log_ratios(*factor));
      for (std::size_t i = 0; i < logs.size(); ++i) delta_[factor->speakers[i]] += scale * logs[i];
    }
    take_exponentials();
    if (course_changes()) prepare_course();
  }

  void single(double* row) const {
    for (std::size_t c = 0; c < delta_.size(); ++c) row[c] = before_.weights_.single[c] * delta_[c];
    for (std::size_t c = 0; c < delta_.size() && course_changes(); ++c) row[c] *= duration_[c] * onset_[c] * severity_[model_.urgency[c]];
  }

  void pairs(std::size_t rank, double* row) {
    multiply(rank, row);
    for (std::size_t f = 0; f < change_.factors.size(); ++f) correct(rank, f, row);
    if (course_changes()) change_course(before_.best_[rank], row);
  }

 private:
  bool course_changes() const { return change_.drop_duration || change_.drop_onset || change_.drop_severity; }
  void take_exponentials();
  void multiply(std::size_t rank, double* row) const;
  void correct(std::size_t rank, std::size_t f, double* row);

  /// e^-max(a, b) = min(e^-a, e^-b): one exponential a condition, none a pair.
  void prepare_course() {
    duration_.assign(delta_.size(), 1);
    onset_.assign(delta_.size(), 1);
    severity_.fill(1);
    for (std::size_t c = 0; c < delta_.size() && change_.drop_duration; ++c) duration_[c] = quick_exp(-model_.duration[c]);
    for (std::size_t c = 0; c < delta_.size() && change_.drop_onset; ++c) onset_[c] = quick_exp(-model_.onset[c]);
    for (std::size_t level = 0; level < severity_.size() && change_.drop_severity; ++level)
      severity_[level] = quick_exp(-model_.parameters.lambda * model_.severity[level]);
  }

  void change_course(std::size_t c, double* row) const {
    for (std::size_t d = 0; d < delta_.size(); ++d)
      row[d] *= std::min(duration_[c], duration_[d]) * std::min(onset_[c], onset_[d]) * severity_[std::min(model_.urgency[c], model_.urgency[d])];
  }

  const Hypotheses& before_;
  const CaseModel& model_;
  const Change& change_;
  std::vector<double> delta_;                // by candidate: what the weight of a hypothesis of it alone is multiplied by
  std::vector<std::vector<double>> alone_;   // [factor][speaker]: log ratios of one candidate alone
  std::vector<double> ratios_;
  std::vector<double> duration_, onset_;     // by candidate
  std::array<double, 4> severity_{};         // by urgency
};

OSLER_VECTOR_CLONES void Hypotheses::Changed::take_exponentials() {
  for (double& one : delta_) one = quick_exp(one);
}

OSLER_VECTOR_CLONES void Hypotheses::Changed::multiply(std::size_t rank, double* __restrict row) const {
  const double own = delta_[before_.best_[rank]];
  const double* const __restrict weights = &before_.weights_.pair[rank * delta_.size()];
  const double* const __restrict delta = delta_.data();
  for (std::size_t d = 0; d < delta_.size(); ++d) row[d] = weights[d] * own * delta[d];
}

/// Where both members speak of a changed factor, the pair's change is not the product of theirs: there the factor's own ratio takes
/// their place.
OSLER_VECTOR_CLONES void Hypotheses::Changed::correct(std::size_t rank, std::size_t f, double* row) {
  const auto& [factor, weight] = change_.factors[f];
  const std::uint32_t place = factor->place_of(before_.best_[rank]);
  if (place == kNone) return;
  pair_ratios(*factor, place, ratios_);
  const double scale = model_.parameters.lambda * weight, own = alone_[f][place];
  const double* const __restrict alone = alone_[f].data();
  double* const __restrict ratios = ratios_.data();
  for (std::size_t i = 0; i < ratios_.size(); ++i) ratios[i] = quick_exp(scale * (quick_log(ratios[i]) - own - alone[i]));
  for (std::size_t i = 0; i < ratios_.size(); ++i) row[factor->speakers[i]] *= ratios[i];
}

void Hypotheses::apply(const Change& change, Weights& out) const {
  Changed changed(*this, change);
  out.nothing = weights_.nothing;
  out.single.resize(size_);
  changed.single(out.single.data());
  out.pair.resize(weights_.pair.size());
  for (std::size_t rank = 0; rank < best_.size(); ++rank) changed.pairs(rank, &out.pair[rank * size_]);
}

std::vector<double> Hypotheses::log_odds_after(const Change& change, const std::vector<std::size_t>& candidates) const {
  Changed changed(*this, change);
  std::vector<double> row(size_), with;
  changed.single(row.data());
  double total = weights_.nothing + quick_sum(row.data(), size_);
  for (const std::size_t c : candidates) with.push_back(row[c]);
  for (std::size_t rank = 0; rank < best_.size(); ++rank) {
    changed.pairs(rank, row.data());
    const double of_row = quick_sum(row.data(), size_);
    total += of_row;
    for (std::size_t i = 0; i < candidates.size(); ++i) with[i] += candidates[i] == best_[rank] ? of_row : row[candidates[i]];
  }
  const auto unsafe = [&](double one) { return one <= kTiny || loses_digits(one, total); };
  if (std::any_of(with.begin(), with.end(), unsafe)) {
    Weights after;
    apply(change, after);
    const Sums all = sums(after);
    for (std::size_t i = 0; i < candidates.size(); ++i) with[i] = log_odds(after, all, candidates[i]);
    return with;
  }
  for (double& one : with) one = limited_logit(std::log(one) - std::log(std::max(total - one, kTiny)));
  return with;
}

}  // namespace osler::reasoning
