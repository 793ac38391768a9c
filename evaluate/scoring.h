// Scores of ranked differentials against known diagnoses.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace osler::evaluate {

/// One case as the scores see it.
struct ScoredCase {
  std::string id, specialty;
  bool covered = false;        // the knowledge base knows the diagnosis
  std::size_t rank = 0;        // of the best hit, from 1; 0: no hit among the suspected
  double first_confidence = 0; // of the first suspected condition
  bool first_is_right = false;
  std::string urgency_expected, urgency_given;
  // (confidence, is right) of all conditions with confidence >= 0.02
  std::vector<std::pair<double, bool>> pairs;
};

struct Interval { double value = 0, low = 0, high = 0; };

struct Scores {
  std::size_t cases = 0, covered = 0;
  Interval coverage, top1, top3, top5, top10;  // over all cases; 95 % bootstrap
  double mean_reciprocal_rank = 0;
  double brier = 0;            // of the first condition's confidence
  double ece = 0;              // first condition, 5 equal-mass bins
  double ece_perfect_low = 0, ece_perfect_high = 0;  // 95 % interval of a perfectly calibrated predictor at this n
  double calibration_slope = 0, calibration_intercept = 0;  // logistic, over pairs
  std::size_t emergencies = 0, emergencies_sent_lower = 0, over_triaged = 0, urgency_cases = 0;
};

/// Deterministic for a seed.
Scores score(const std::vector<ScoredCase>& cases, unsigned seed = 1);

/// Expected calibration error in equal-mass bins over (confidence, is right).
double calibration_error(std::vector<std::pair<double, bool>> predictions, std::size_t bins);

/// Logistic regression of `is right` on logit(confidence): (intercept, slope), by Newton's method.
std::pair<double, double> calibration_line(const std::vector<std::pair<double, bool>>& predictions);

}  // namespace osler::evaluate
