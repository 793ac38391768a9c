#include "evaluate/films/recalibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/check.h"
#include "evaluate/films/roc.h"

namespace osler::evaluate {

namespace {

constexpr std::size_t kBins = 10;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// log(1 + e^x) without overflow.
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

/// Platt's loss and its derivatives by intercept and slope.
class PlattLoss {
 public:
  explicit PlattLoss(const FilmPoints& points) : points_(points) {
    const auto positives = static_cast<double>(count_positives(points)), negatives = static_cast<double>(points.size()) - positives;
    target_[0] = 1 / (negatives + 2);
    target_[1] = (positives + 1) / (positives + 2);
  }

  double at(const Line& line) const {
    double sum = 0;
    for (const FilmPoint& point : points_) {
      const double x = line.slope * point.score + line.intercept;
      sum += softplus(x) - target_[point.positive] * x;
    }
    return sum;
  }

  /// What Newton's method would take away.
  Line step(const Line& line, bool with_slope) const {
    double g0 = 0, g1 = 0, h00 = 1e-12, h01 = 0, h11 = 1e-12;
    for (const FilmPoint& point : points_) {
      const double p = sigmoid(line.slope * point.score + line.intercept), weight = p * (1 - p), residual = p - target_[point.positive];
      g0 += residual;
      g1 += residual * point.score;
      h00 += weight;
      h01 += weight * point.score;
      h11 += weight * point.score * point.score;
    }
    if (!with_slope) return {0, g0 / h00};
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 0)) return {0, g0 / h00};
    return {(h00 * g1 - h01 * g0) / determinant, (h11 * g0 - h01 * g1) / determinant};
  }

 private:
  const FilmPoints& points_;
  double target_[2];
};

Result<Line> fit(const FilmPoints& points, Line line, bool with_slope) {
  const std::size_t positives = count_positives(points);
  if (positives == 0 || positives == points.size()) return make_error(ErrorCode::invalid, "Probabilities cannot be fitted: films of both classes are needed.");
  for (const FilmPoint& point : points)
    if (!std::isfinite(point.score)) return make_error(ErrorCode::invalid, "Probabilities cannot be fitted: a film's log-odds are not finite.");
  const PlattLoss loss(points);
  for (int iteration = 0; iteration < 100; ++iteration) {
    const Line step = loss.step(line, with_slope);
    const double before = loss.at(line);
    double share = 1;
    Line next = line;
    for (int halving = 0; halving < 40; ++halving, share /= 2) {
      next = {line.slope - share * step.slope, line.intercept - share * step.intercept};
      if (loss.at(next) <= before) break;
    }
    if (loss.at(next) > before) break;
    line = next;
    if (std::abs(step.slope) + std::abs(step.intercept) < 1e-10) break;
  }
  if (!(line.slope > 0)) return make_error(ErrorCode::invalid, "Probabilities cannot be fitted: they would fall where the network's log-odds rise, so it does not tell the classes apart here.");
  return line;
}

std::vector<std::pair<double, bool>> pairs_of(const FilmPoints& points) {
  std::vector<std::pair<double, bool>> pairs;
  for (const FilmPoint& point : points) pairs.emplace_back(point.score, point.positive);
  return pairs;
}

double brier(const FilmPoints& points) {
  double sum = 0;
  for (const FilmPoint& point : points) sum += (point.score - point.positive) * (point.score - point.positive);
  return sum / static_cast<double>(points.size());
}

double mean_of(const FilmPoints& points) {
  double sum = 0;
  for (const FilmPoint& point : points) sum += point.score;
  return sum / static_cast<double>(points.size());
}

/// Least and largest score of each class.
struct Extent {
  double least[2] = {kInfinity, kInfinity}, most[2] = {-kInfinity, -kInfinity};
  bool overlap() const { return least[1] < most[0] && least[0] < most[1]; }
};
Extent extent_of(const FilmPoints& points) {
  Extent extent;
  for (const FilmPoint& point : points) {
    extent.least[point.positive] = std::min(extent.least[point.positive], point.score);
    extent.most[point.positive] = std::max(extent.most[point.positive], point.score);
  }
  return extent;
}

/// (intercept, slope). Without overlap the steeper line is the better one, so both are infinite; it is 0 in the gap, which says the intercept's sign.
std::pair<double, double> line_of(const FilmPoints& points) {
  const Extent extent = extent_of(points);
  if (extent.overlap()) return calibration_line(pairs_of(points));
  const bool rises = extent.least[1] >= extent.most[0];
  const double gap = rises ? (extent.least[1] + extent.most[0]) / 2 : (extent.least[0] + extent.most[1]) / 2;
  return {(gap > 0.5) == rises ? -kInfinity : kInfinity, rises ? kInfinity : -kInfinity};
}

std::vector<double> statistics(const FilmPoints& points) {
  const auto pairs = pairs_of(points);
  const auto [intercept, slope] = line_of(points);
  const double share = static_cast<double>(count_positives(points)) / static_cast<double>(points.size());
  return {calibration_error(pairs, kBins), brier(points), slope, intercept, share / mean_of(points)};
}

void add_perfect_ece(const FilmPoints& points, std::size_t resamples, unsigned seed, CalibrationScores& scores) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  auto pairs = pairs_of(points);
  std::vector<double> values;
  for (std::size_t i = 0; i < resamples; ++i) {
    for (auto& [probability, positive] : pairs) positive = uniform(random) < probability;
    values.push_back(calibration_error(pairs, kBins));
  }
  std::sort(values.begin(), values.end());
  scores.perfect_low = values[resamples / 40];
  scores.perfect_high = values[resamples - 1 - resamples / 40];
}

}  // namespace

double sigmoid(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

FilmPoints probabilities(const FilmPoints& log_odds, const Line& line) {
  FilmPoints points = log_odds;
  for (FilmPoint& point : points) point.score = sigmoid(line.slope * point.score + line.intercept);
  return points;
}

Result<Line> fit_platt(const FilmPoints& log_odds) { return fit(log_odds, {0, 0}, true); }
Result<Line> fit_intercept(const FilmPoints& log_odds, double slope) { return fit(log_odds, {slope, 0}, false); }

CalibrationScores calibration_scores(const FilmPoints& points, std::size_t resamples, unsigned seed) {
  const std::vector<Interval> intervals = bootstrap_patients(points, statistics, resamples, seed);
  CalibrationScores scores;
  scores.ece = intervals[0];
  scores.brier = intervals[1];
  if (extent_of(points).overlap()) {
    scores.slope = intervals[2];
    scores.intercept = intervals[3];
  }
  scores.observed_over_expected = intervals[4];
  scores.mean_probability = mean_of(points);
  scores.bins = reliability(pairs_of(points), kBins);
  add_perfect_ece(points, resamples, seed, scores);
  return scores;
}

const char* name_of(Recalibration kind) {
  if (kind == Recalibration::none) return "as it stands";
  return kind == Recalibration::intercept ? "intercept refitted" : "slope and intercept refitted";
}

Result<Recalibrated> recalibrate(const FilmPoints& log_odds, const Line& as_it_stands, Recalibration kind, std::size_t folds) {
  const auto fitted = [&](const FilmPoints& points) -> Result<Line> {
    if (kind == Recalibration::none) return as_it_stands;
    return kind == Recalibration::intercept ? fit_intercept(points, as_it_stands.slope) : fit_platt(points);
  };
  Recalibrated result;
  result.kind = kind;
  result.line = TRY(fitted(log_odds));
  result.points = log_odds;
  const std::vector<std::size_t> fold = patient_folds(log_odds, folds);
  for (std::size_t held = 0; held < folds; ++held) {
    FilmPoints others;
    for (std::size_t i = 0; i < log_odds.size(); ++i)
      if (fold[i] != held) others.push_back(log_odds[i]);
    const Line line = TRY(fitted(others));
    for (std::size_t i = 0; i < log_odds.size(); ++i)
      if (fold[i] == held) result.points[i].score = sigmoid(line.slope * log_odds[i].score + line.intercept);
  }
  return result;
}

std::vector<NetBenefit> decision_curve(const FilmPoints& points) {
  std::vector<NetBenefit> curve;
  const auto films = static_cast<double>(points.size());
  for (int percent = 1; percent < 100 && !points.empty(); ++percent) {
    const double threshold = percent / 100.0, cost = threshold / (1 - threshold);
    const Confusion called = confusion_at(points, threshold);
    const double prevalence = static_cast<double>(count_positives(points)) / films;
    curve.push_back({threshold, static_cast<double>(called.true_positives) / films - cost * static_cast<double>(called.false_positives) / films,
                     prevalence - cost * (1 - prevalence)});
  }
  return curve;
}

}  // namespace osler::evaluate
