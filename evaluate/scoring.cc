#include "evaluate/scoring.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>

namespace osler::evaluate {

namespace {

using Predictions = std::vector<std::pair<double, bool>>;

double logit(double p) {
  const double clipped = std::clamp(p, 1e-6, 1 - 1e-6);
  return std::log(clipped / (1 - clipped));
}

constexpr int kResamples = 1000;

/// 95 % of what resamples gave.
void set_bounds(std::vector<double>& values, double& low, double& high) {
  std::sort(values.begin(), values.end());
  low = values[kResamples / 40];
  high = values[kResamples - 1 - kResamples / 40];
}

using Sample = std::vector<const ScoredCase*>;

/// A statistic of the cases and its bootstrap interval over cases.
Interval bootstrap(const std::vector<ScoredCase>& cases, std::mt19937& random, const std::function<double(const Sample&)>& statistic) {
  Sample sample;
  for (const ScoredCase& scored : cases) sample.push_back(&scored);
  Interval interval;
  interval.value = statistic(sample);
  std::uniform_int_distribution<std::size_t> any(0, cases.size() - 1);
  std::vector<double> values;
  for (int i = 0; i < kResamples; ++i) {
    for (const ScoredCase*& scored : sample) scored = &cases[any(random)];
    values.push_back(statistic(sample));
  }
  set_bounds(values, interval.low, interval.high);
  return interval;
}

Interval mean(const std::vector<ScoredCase>& cases, std::mt19937& random, const std::function<double(const ScoredCase&)>& of) {
  return bootstrap(cases, random, [&](const Sample& sample) {
    double sum = 0;
    for (const ScoredCase* scored : sample) sum += of(*scored);
    return sum / static_cast<double>(sample.size());
  });
}

Predictions first_of(const Sample& sample) {
  Predictions first;
  for (const ScoredCase* scored : sample) first.emplace_back(scored->first_confidence, scored->first_is_right);
  return first;
}

Predictions pairs_of(const Sample& sample, double least) {
  Predictions pairs;
  for (const ScoredCase* scored : sample)
    for (const auto& pair : scored->pairs)
      if (pair.first >= least) pairs.push_back(pair);
  return pairs;
}

Calibration calibration(const std::vector<ScoredCase>& cases, std::mt19937& random, std::size_t bins,
                        const std::function<Predictions(const Sample&)>& predictions_of) {
  Calibration result;
  result.ece = bootstrap(cases, random, [&](const Sample& sample) { return calibration_error(predictions_of(sample), bins); });
  Sample all;
  for (const ScoredCase& scored : cases) all.push_back(&scored);
  Predictions predictions = predictions_of(all);
  result.predictions = predictions.size();
  result.bins = reliability(predictions, bins);
  std::vector<double> perfect;
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int i = 0; i < kResamples; ++i) {
    for (auto& [confidence, right] : predictions) right = uniform(random) < confidence;
    perfect.push_back(calibration_error(predictions, bins));
  }
  set_bounds(perfect, result.perfect_low, result.perfect_high);
  return result;
}

void add_calibration(const std::vector<ScoredCase>& cases, std::mt19937& random, Scores& scores) {
  constexpr double kLeastOfLine = 0.02, kLeastOfPairs = 0.05;
  scores.brier = mean(cases, random, [](const ScoredCase& scored) {
    const double error = scored.first_confidence - (scored.first_is_right ? 1 : 0);
    return error * error;
  });
  scores.first = calibration(cases, random, 5, first_of);
  scores.pairs = calibration(cases, random, 10, [](const Sample& sample) { return pairs_of(sample, kLeastOfPairs); });
  scores.slope = bootstrap(cases, random, [](const Sample& sample) { return calibration_line(pairs_of(sample, kLeastOfLine)).second; });
  scores.intercept = bootstrap(cases, random, [](const Sample& sample) { return calibration_line(pairs_of(sample, kLeastOfLine)).first; });
}

std::size_t level_of(const std::string& urgency) {
  for (std::size_t level = 0; level < kUrgencyNames.size(); ++level)
    if (urgency == kUrgencyNames[level]) return level;
  return 0;
}

void add_triage(const std::vector<ScoredCase>& cases, Scores& scores) {
  constexpr std::size_t kEmergency = 3;
  for (const ScoredCase& scored : cases) {
    if (scored.urgency_expected.empty()) continue;
    const std::size_t expected = level_of(scored.urgency_expected), given = level_of(scored.urgency_given);
    ++scores.triaged;
    ++scores.triage[expected][given];
    scores.emergencies += expected == kEmergency;
    scores.emergencies_sent_lower += expected == kEmergency && given < kEmergency;
    scores.under_triaged += given < expected;
    scores.over_triaged += given > expected;
  }
}

/// (confidence, share right among all of the same confidence), least confidence first: where a bin ends within a tie, the order of the input says nothing.
std::vector<std::pair<double, double>> shares_right(Predictions predictions) {
  std::sort(predictions.begin(), predictions.end());
  std::vector<std::pair<double, double>> shares;
  for (auto first = predictions.begin(); first != predictions.end();) {
    const auto last = std::find_if(first, predictions.end(), [&](const auto& one) { return one.first != first->first; });
    const auto right = std::count_if(first, last, [](const auto& one) { return one.second; });
    shares.insert(shares.end(), static_cast<std::size_t>(last - first), {first->first, static_cast<double>(right) / static_cast<double>(last - first)});
    first = last;
  }
  return shares;
}

}  // namespace

std::vector<ReliabilityBin> reliability(Predictions predictions, std::size_t bins) {
  const std::vector<std::pair<double, double>> shares = shares_right(std::move(predictions));
  std::vector<ReliabilityBin> list;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t begin = bin * shares.size() / bins, end = (bin + 1) * shares.size() / bins;
    if (begin == end) continue;
    ReliabilityBin one;
    one.count = end - begin;
    for (std::size_t i = begin; i < end; ++i) {
      one.mean_confidence += shares[i].first / static_cast<double>(one.count);
      one.share_right += shares[i].second / static_cast<double>(one.count);
    }
    list.push_back(one);
  }
  return list;
}

double calibration_error(Predictions predictions, std::size_t bins) {
  if (predictions.empty()) return 0;
  const auto size = static_cast<double>(predictions.size());
  double error = 0;
  for (const ReliabilityBin& bin : reliability(std::move(predictions), bins))
    error += std::abs(bin.mean_confidence - bin.share_right) * static_cast<double>(bin.count);
  return error / size;
}

double ndcg_at_ten(const std::vector<int>& relevance, std::vector<int> ideal) {
  static constexpr std::size_t kDepth = 10;
  const auto discounted = [](const std::vector<int>& list) {
    double sum = 0;
    for (std::size_t i = 0; i < std::min(list.size(), kDepth); ++i)
      sum += (std::exp2(list[i]) - 1) / std::log2(static_cast<double>(i) + 2);
    return sum;
  };
  std::sort(ideal.rbegin(), ideal.rend());
  const double best = discounted(ideal);
  return best > 0 ? discounted(relevance) / best : 0;
}

std::pair<double, double> calibration_line(const Predictions& predictions) {
  Predictions points = predictions;
  for (auto& [confidence, right] : points) confidence = logit(confidence);
  return logistic_line(points);
}

std::pair<double, double> logistic_line(const Predictions& points) {
  if (points.empty()) return {0, 1};
  double intercept = 0, slope = 0;  // from a flat line Newton's steps stay within the data
  for (int step = 0; step < 50; ++step) {
    double g0 = 0, g1 = 0, h00 = 1e-9, h01 = 0, h11 = 1e-9;
    for (const auto& [x, right] : points) {
      const double p = 1 / (1 + std::exp(-(intercept + slope * x)));
      const double weight = p * (1 - p), residual = (right ? 1 : 0) - p;
      g0 += residual;
      g1 += residual * x;
      h00 += weight;
      h01 += weight * x;
      h11 += weight * x * x;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (std::abs(determinant) < 1e-12) break;
    const double shift = (h11 * g0 - h01 * g1) / determinant, turn = (h00 * g1 - h01 * g0) / determinant;
    intercept += shift;
    slope += turn;
    if (std::abs(shift) + std::abs(turn) < 1e-10) break;
  }
  return {intercept, slope};
}

Interval ratio_interval(const std::vector<double>& parts, const std::vector<double>& wholes, unsigned seed) {
  if (parts.empty()) return {};
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> any(0, parts.size() - 1);
  std::vector<double> values;
  for (int i = 0; i < kResamples; ++i) {
    double part = 0, whole = 0;
    for (std::size_t draw = 0; draw < parts.size(); ++draw) {
      const std::size_t one = any(random);
      part += parts[one];
      whole += wholes[one];
    }
    values.push_back(part / whole);
  }
  Interval interval;
  interval.value = std::accumulate(parts.begin(), parts.end(), 0.0) / std::accumulate(wholes.begin(), wholes.end(), 0.0);
  set_bounds(values, interval.low, interval.high);
  return interval;
}

Interval mean_interval(const std::vector<double>& values, unsigned seed) {
  return ratio_interval(values, std::vector<double>(values.size(), 1.0), seed);
}

Scores score(const std::vector<ScoredCase>& cases, unsigned seed) {
  Scores scores;
  scores.cases = cases.size();
  if (cases.empty()) return scores;
  std::mt19937 random(seed);
  const auto within = [&](std::size_t k) {
    return mean(cases, random, [k](const ScoredCase& scored) { return scored.rank >= 1 && scored.rank <= k ? 1.0 : 0.0; });
  };
  scores.coverage = mean(cases, random, [](const ScoredCase& scored) { return scored.covered ? 1.0 : 0.0; });
  scores.top1 = within(1);
  scores.top3 = within(3);
  scores.top5 = within(5);
  scores.top10 = within(10);
  scores.mean_reciprocal_rank =
      mean(cases, random, [](const ScoredCase& scored) { return scored.rank == 0 ? 0 : 1.0 / static_cast<double>(scored.rank); });
  scores.ndcg = mean(cases, random, [](const ScoredCase& scored) { return scored.gain; });
  for (const ScoredCase& scored : cases) scores.covered += scored.covered;
  add_calibration(cases, random, scores);
  add_triage(cases, scores);
  return scores;
}

std::vector<GroupScores> score_by_specialty(const std::vector<ScoredCase>& cases) {
  std::map<std::string, std::vector<ScoredCase>> groups;
  for (const ScoredCase& scored : cases) groups[scored.specialty.empty() ? "not stated" : scored.specialty].push_back(scored);
  std::vector<GroupScores> list;
  for (const auto& [name, group] : groups) list.push_back({name, score(group)});
  return list;
}

std::vector<GroupScores> score_by_age(const std::vector<ScoredCase>& cases) {
  constexpr std::pair<double, const char*> kBands[] = {{1, "under 1"}, {16, "1 to 15"}, {40, "16 to 39"}, {65, "40 to 64"}, {1e9, "65 and more"}};
  std::vector<GroupScores> list;
  double from = 0;
  for (const auto& [below, name] : kBands) {
    std::vector<ScoredCase> group;
    for (const ScoredCase& scored : cases)
      if (scored.age_years >= from && scored.age_years < below) group.push_back(scored);
    if (!group.empty()) list.push_back({name, score(group)});
    from = below;
  }
  return list;
}

}  // namespace osler::evaluate
