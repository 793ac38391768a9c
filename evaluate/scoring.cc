#include "evaluate/scoring.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace osler::evaluate {

namespace {

using Predictions = std::vector<std::pair<double, bool>>;

double logit(double p) {
  const double clipped = std::clamp(p, 1e-6, 1 - 1e-6);
  return std::log(clipped / (1 - clipped));
}

Interval share(const std::vector<ScoredCase>& cases, std::mt19937& random, const std::function<bool(const ScoredCase&)>& hit) {
  constexpr int kResamples = 1000;
  Interval interval;
  if (cases.empty()) return interval;
  std::vector<double> hits;
  for (const ScoredCase& scored : cases) hits.push_back(hit(scored) ? 1 : 0);
  const auto mean_of = [&](auto&& pick) {
    double sum = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) sum += hits[pick(i)];
    return sum / static_cast<double>(hits.size());
  };
  interval.value = mean_of([](std::size_t i) { return i; });
  std::uniform_int_distribution<std::size_t> any(0, hits.size() - 1);
  std::vector<double> means;
  for (int i = 0; i < kResamples; ++i) means.push_back(mean_of([&](std::size_t) { return any(random); }));
  std::sort(means.begin(), means.end());
  interval.low = means[kResamples / 40];
  interval.high = means[kResamples - 1 - kResamples / 40];
  return interval;
}

void add_calibration(const std::vector<ScoredCase>& cases, std::mt19937& random, Scores& scores) {
  constexpr std::size_t kBins = 5;
  constexpr int kResamples = 1000;
  Predictions first, pairs;
  for (const ScoredCase& scored : cases) {
    first.emplace_back(scored.first_confidence, scored.first_is_right);
    pairs.insert(pairs.end(), scored.pairs.begin(), scored.pairs.end());
    const double error = scored.first_confidence - (scored.first_is_right ? 1 : 0);
    scores.brier += error * error / static_cast<double>(cases.size());
  }
  scores.ece = calibration_error(first, kBins);
  std::tie(scores.calibration_intercept, scores.calibration_slope) = calibration_line(pairs);
  std::vector<double> perfect;
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int i = 0; i < kResamples; ++i) {
    for (auto& [confidence, right] : first) right = uniform(random) < confidence;
    perfect.push_back(calibration_error(first, kBins));
  }
  std::sort(perfect.begin(), perfect.end());
  scores.ece_perfect_low = perfect[kResamples / 40];
  scores.ece_perfect_high = perfect[kResamples - 1 - kResamples / 40];
}

int level_of(const std::string& urgency) {
  if (urgency == "emergency") return 3;
  if (urgency == "urgent") return 2;
  return urgency == "routine" ? 1 : 0;
}

void add_triage(const std::vector<ScoredCase>& cases, Scores& scores) {
  for (const ScoredCase& scored : cases) {
    if (scored.urgency_expected.empty()) continue;
    ++scores.urgency_cases;
    const int expected = level_of(scored.urgency_expected), given = level_of(scored.urgency_given);
    scores.emergencies += expected == 3;
    scores.emergencies_sent_lower += expected == 3 && given < 3;
    scores.over_triaged += given > expected;
  }
}

}  // namespace

double calibration_error(Predictions predictions, std::size_t bins) {
  if (predictions.empty()) return 0;
  std::stable_sort(predictions.begin(), predictions.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  double error = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t begin = bin * predictions.size() / bins, end = (bin + 1) * predictions.size() / bins;
    double gap = 0;
    for (std::size_t i = begin; i < end; ++i) gap += predictions[i].first - (predictions[i].second ? 1 : 0);
    error += std::abs(gap);
  }
  return error / static_cast<double>(predictions.size());
}

std::pair<double, double> calibration_line(const Predictions& predictions) {
  double intercept = 0, slope = 1;
  for (int step = 0; step < 50; ++step) {
    double g0 = 0, g1 = 0, h00 = 1e-9, h01 = 0, h11 = 1e-9;
    for (const auto& [confidence, right] : predictions) {
      const double x = logit(confidence);
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
    intercept += (h11 * g0 - h01 * g1) / determinant;
    slope += (h00 * g1 - h01 * g0) / determinant;
  }
  return {intercept, slope};
}

Scores score(const std::vector<ScoredCase>& cases, unsigned seed) {
  Scores scores;
  scores.cases = cases.size();
  if (cases.empty()) return scores;
  std::mt19937 random(seed);
  const auto within = [](std::size_t k) {
    return [k](const ScoredCase& scored) { return scored.rank >= 1 && scored.rank <= k; };
  };
  scores.coverage = share(cases, random, [](const ScoredCase& scored) { return scored.covered; });
  scores.top1 = share(cases, random, within(1));
  scores.top3 = share(cases, random, within(3));
  scores.top5 = share(cases, random, within(5));
  scores.top10 = share(cases, random, within(10));
  for (const ScoredCase& scored : cases) {
    scores.covered += scored.covered;
    if (scored.rank > 0) scores.mean_reciprocal_rank += 1.0 / static_cast<double>(scored.rank) / static_cast<double>(cases.size());
  }
  add_calibration(cases, random, scores);
  add_triage(cases, scores);
  return scores;
}

}  // namespace osler::evaluate
