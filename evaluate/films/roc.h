// How well scores tell films with pneumonia from films without: areas, curves, and what a threshold gives. Pure functions: any thread may call them.
// Every function CHECKs that both classes are there unless it says otherwise.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "evaluate/films/film_points.h"

namespace osler::evaluate {

struct Auc {
  Interval interval;         // 95 %, on the logit scale (Pepe 2003, section 5.2.4), so that it stays within 0 and 1
  double standard_error = 0;
};

/// Area under the ROC curve, equal scores counted half; variance of DeLong et al. 1988. Where the area is 0 or 1 there is no variance to be had: the
/// interval is then Wilson's for as many trials as the rarer class has films.
Auc auc_by_film(const FilmPoints& points);
/// The same with the variance of Obuchowski 1997, for which films of one patient need not be independent. Without repeated patients equal to auc_by_film().
Auc auc_by_patient(const FilmPoints& points);

/// Area of the first less that of the second, of the same films in the same order (CHECKed), by DeLong's covariance, clustered by patient.
struct AucDifference {
  Interval interval;   // 95 %
  double p_value = 1;  // two-sided, of no difference
};
AucDifference auc_difference(const FilmPoints& first, const FilmPoints& second);

/// From (0, 0) to (1, 1), one point a distinct score.
struct RocPoint {
  double false_positive_rate = 0, sensitivity = 0;
};
std::vector<RocPoint> roc_curve(const FilmPoints& points);

struct PrecisionRecall {
  double recall = 0, precision = 1;
};
/// One point a distinct score, highest score first.
std::vector<PrecisionRecall> precision_recall_curve(const FilmPoints& points);
/// Area under the precision-recall curve as average precision: the sum of (step in recall) x precision, without interpolation.
double average_precision(const FilmPoints& points);

struct Confusion {
  std::size_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;
};
/// Positive from `threshold` on. Takes any points.
Confusion confusion_at(const FilmPoints& points, double threshold);

/// 95 % interval of a share by Wilson 1927; [0, 1] of nothing. `of` may be an effective number.
Interval wilson(double part, double of);

/// A share of films with its interval: Wilson's for the effective number of films, films / design effect (the variance of a ratio over patients to that of
/// independent films, at least 1). Where all films agree, patients count in place of films. Takes anything.
struct Answer {
  bool yes = false;
  std::size_t patient = 0;
};
Interval share_by_patient(const std::vector<Answer>& answers);

struct ThresholdScores {
  double threshold = 0;
  Confusion confusion;
  Interval sensitivity, specificity;                        // Wilson, by film
  Interval sensitivity_by_patient, specificity_by_patient;  // share_by_patient()
};
ThresholdScores scores_at(const FilmPoints& points, double threshold);

/// What a positive and a negative answer would be worth where so many have pneumonia; 95 % intervals on the logit scale (Mercaldo et al. 2007), half a film
/// added to each count where one is 0.
struct PredictiveValues {
  double prevalence = 0;
  Interval positive, negative;
};
/// CHECKs that 0 < prevalence < 1.
PredictiveValues predictive_values(const Confusion& confusion, double prevalence);

enum class OperatingRule { specificity_at_sensitivity, youden };
/// As it stands in calibration.json, e.g. "highest specificity with a sensitivity of at least 0.97".
std::string describe(OperatingRule rule, double least_sensitivity);
/// The threshold that the rule chooses, of equally good ones the most sensitive; half-way between two neighbouring scores (half-way to 0 below the lowest).
double operating_threshold(const FilmPoints& points, OperatingRule rule, double least_sensitivity);

}  // namespace osler::evaluate
