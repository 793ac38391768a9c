#include "reasoning/attribution_sketch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reasoning/quick_math.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr std::size_t kKeptMost = 1500;  // rows of ratios: some 12 MB

/// Scores become at least the shares of the weights of all, and of all that hold an asked condition, since its log-odds rest on both.
void raise_scores(const HypothesisOrder& order, std::size_t asked, const std::vector<double>& values, std::vector<double>& scores) {
  std::vector<double> with(asked, 0);
  for (const HypothesisOrder::Group& group : order.groups())
    for (std::size_t a = 0; a < asked; ++a)
      if (order.holds(group, a)) with[a] += quick_sum(values.data() + group.begin, group.end - group.begin);
  const double total = quick_sum(values.data(), values.size());
  for (const HypothesisOrder::Group& group : order.groups()) {
    double least = total;
    for (std::size_t a = 0; a < asked; ++a)
      if (order.holds(group, a) && with[a] > 0) least = std::min(least, with[a]);
    for (std::size_t h = group.begin; h < group.end; ++h) scores[h] = std::max(scores[h], values[h] / least);
  }
}

HypothesisOrder heaviest(CaseInParts& patient, const std::vector<std::uint32_t>& asked, const std::vector<CaseSketch::Example>& examples,
                         std::size_t count) {
  HypothesisOrder order(patient, asked);
  std::vector<double> scores(order.size(), 0);
  Weights weights;
  for (const CaseSketch::Example& example : examples) {
    patient.weights_of(example.said, example.age_said, weights);
    raise_scores(order, asked.size(), order.in_order(weights), scores);
  }
  order.keep_best(scores, count);
  return order;
}

}  // namespace

CaseSketch::CaseSketch(CaseInParts& patient, const std::vector<std::uint32_t>& asked, const std::vector<Example>& examples, std::size_t count)
    : patient_(patient), asked_(asked.size()), order_(heaviest(patient, asked, examples, count)), base_(order_.in_order(patient.weights())) {
  for (std::size_t i = 0; i < order_.size(); ++i) members_.push_back(order_.members(i));
}

const std::vector<double>& CaseSketch::logs_of(const Factor& factor) {
  const auto [place, fresh] = logs_.try_emplace(&factor);
  std::vector<double>& logs = place->second;
  if (!fresh) return logs;
  std::vector<double> alone(patient_.size(), 0);
  std::vector<bool> speaks(patient_.size(), false);
  const std::vector<double> of_speakers = single_log_ratios(factor);
  for (std::size_t i = 0; i < of_speakers.size(); ++i) {
    alone[factor.speakers[i]] = of_speakers[i];
    speaks[factor.speakers[i]] = true;
  }
  const double scale = patient_.model().parameters.lambda;
  logs.assign(members_.size(), 0);
  for (std::size_t h = 0; h < logs.size(); ++h) {
    const auto [a, b] = members_[h];
    if (a == kNone) continue;
    if (b == kNone) logs[h] = scale * alone[a];
    else logs[h] = scale * (speaks[a] && speaks[b] ? quick_log(pair_ratio(factor, a, b)) : alone[a] + alone[b]);
  }
  return logs;
}

void CaseSketch::add_course(const Change& change, std::vector<double>& logs) const {
  const CaseModel& model = patient_.model();
  for (std::size_t h = 0; h < logs.size(); ++h) {
    auto [a, b] = members_[h];
    if (a == kNone) continue;
    if (b == kNone) b = a;
    else logs[h] += change.context[b];
    logs[h] += change.context[a];
    if (change.drop_duration) logs[h] -= std::max(model.duration[a], model.duration[b]);
    if (change.drop_onset) logs[h] -= std::max(model.onset[a], model.onset[b]);
    if (change.drop_severity) logs[h] -= model.parameters.lambda * model.severity[std::min(model.urgency[a], model.urgency[b])];
  }
}

const std::vector<double>& CaseSketch::ratios(std::size_t part, const Coalition& key, const std::function<Example()>& say) {
  auto& of_part = kept_[part];
  if (const auto found = of_part.find(key); found != of_part.end()) return found->second;
  if (kept_count_ >= kKeptMost) {
    kept_count_ -= of_part.size();
    of_part.clear();
  }
  const Example example = say();
  const Change change = patient_.change_to(example.said, example.age_said);
  std::vector<double> logs(members_.size(), 0);
  for (const auto& [factor, weight] : change.factors) {
    const std::vector<double>& more = logs_of(*factor);
    for (std::size_t h = 0; h < logs.size(); ++h) logs[h] += weight * more[h];
  }
  add_course(change, logs);
  for (double& one : logs) one = quick_exp(one);
  ++kept_count_;
  return of_part.emplace(key, std::move(logs)).first->second;
}

void CaseSketch::log_odds(const std::vector<const std::vector<double>*>& ratios, std::span<double> out) {
  product_ = base_;
  for (const std::vector<double>* const one : ratios)
    for (std::size_t h = 0; h < product_.size(); ++h) product_[h] *= (*one)[h];
  std::vector<double> with(asked_, 0), rest(asked_, 0);
  for (const HypothesisOrder::Group& group : order_.groups()) {
    const double sum = quick_sum(product_.data() + group.begin, group.end - group.begin);
    for (std::size_t a = 0; a < asked_; ++a) (order_.holds(group, a) ? with[a] : rest[a]) += sum;
  }
  for (std::size_t a = 0; a < asked_; ++a) out[a] = limited_log_odds(with[a], rest[a]);
}

}  // namespace osler::reasoning
