// Whether probabilities mean what they say, and how they are made to. Pure functions: any thread may call them.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "evaluate/films/film_points.h"

namespace osler::evaluate {

/// log-odds = slope x + intercept.
struct Line {
  double slope = 1, intercept = 0;
};
double sigmoid(double log_odds);
/// The points with their log-odds made probabilities.
FilmPoints probabilities(const FilmPoints& log_odds, const Line& line);

/// Logistic regression of class on score, towards Platt's targets (N+ + 1)/(N+ + 2) and 1/(N- + 2) (Platt 1999), so that classes which do not overlap give a
/// finite line; Newton's method with step halving (Lin et al. 2007). ErrorCode::invalid without both classes, or when the scores rank
/// pneumonia below normal or are not finite.
Result<Line> fit_platt(const FilmPoints& log_odds);
/// The intercept alone, beside the slope given, likewise.
Result<Line> fit_intercept(const FilmPoints& log_odds, double slope);

/// `points` hold probabilities. 95 % intervals by bootstrap over patients. CHECKs that both classes are there.
struct CalibrationScores {
  Interval ece;                          // 10 equal-mass bins
  double perfect_low = 0, perfect_high = 0;  // 95 % interval of the ECE of a perfectly calibrated model at this number of films
  Interval brier;
  /// Logistic, on the log-odds: 1 and 0 when calibrated. None where the classes do not overlap, since no line is the best then; an end of an interval may
  /// be infinite, where draws did not.
  std::optional<Interval> slope, intercept;
  Interval observed_over_expected;       // films with pneumonia over the sum of probabilities
  double mean_probability = 0;
  std::vector<ReliabilityBin> bins;      // 10, equal mass
};
CalibrationScores calibration_scores(const FilmPoints& points, std::size_t resamples, unsigned seed = 1);

enum class Recalibration { none, intercept, slope_and_intercept };
const char* name_of(Recalibration kind);

/// A site's probabilities after recalibration, each by a line fitted on the other folds' patients, so that the scores of it are honest; and the line fitted
/// on all of them. Errors of fit_platt().
struct Recalibrated {
  Recalibration kind = Recalibration::none;
  Line line;          // what a site would put into calibration.json, on the network's log-odds
  FilmPoints points;  // probabilities, cross-fitted
};
Result<Recalibrated> recalibrate(const FilmPoints& log_odds, const Line& as_it_stands, Recalibration kind, std::size_t folds);

/// Net benefit in true positives a film (Vickers and Elkin 2006), of acting on a probability of at least `threshold`.
struct NetBenefit {
  double threshold = 0;
  double model = 0, all = 0;  // of acting on nobody: 0
};
/// At 0.01, 0.02 ... 0.99. Without points, nothing.
std::vector<NetBenefit> decision_curve(const FilmPoints& points);

}  // namespace osler::evaluate
