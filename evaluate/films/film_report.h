// What an image model is worth: on films like those it was made with and on films from elsewhere, side by side. In the order of TRIPOD+AI (Collins et al. 2024): data,
// participants, predictors, outcome, sample size, missing data, performance, updating, groups.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "evaluate/films/conformal.h"
#include "evaluate/films/film_points.h"
#include "evaluate/films/recalibration.h"
#include "evaluate/films/roc.h"
#include "models/film_calibration.h"
#include "models/outlier.h"

namespace osler::evaluate {

/// Films to report on. The first set is the internal one.
struct FilmSet {
  std::string name;         // "internal", "external"
  std::string source;       // whose films, when, where
  std::string outcome;      // how the reference came about
  std::vector<FilmPrediction> films;  // those refused are counted and are in no other figure
};

struct FilmReportOptions {
  std::string model_version, date;                     // `date` ISO 8601
  std::string predictors;                              // what the network sees, in a sentence
  std::string training;                                // what it was trained on, in a sentence
  std::vector<double> prevalences = {0.05, 0.2, 0.5};  // for which predictive values are given
  std::size_t folds = 5;                               // of recalibration
  std::size_t least_of_a_class = 10;                   // groups with fewer films of a class get no figures
  std::size_t least_of_a_class_in_view = 5;            // likewise views: what a view alone would give must be seen beside the area within each
  std::size_t resamples = 1000;
  unsigned seed = 1;
};

/// Films and what is known of them.
struct FilmMix {
  std::size_t films = 0, patients = 0, pneumonia = 0;
  std::map<std::string, std::size_t> refused;                 // films that are in none of the figures, by why the server would refuse them
  Interval prevalence;                                        // by patient
  std::optional<std::array<double, 3>> ages;                  // least, median, most
  std::map<std::string, std::map<std::string, std::size_t>> values;  // attribute -> value -> films; "not stated" where empty
};

struct FilmDiscrimination {
  Auc by_film, by_patient;
  Interval average_precision;  // by bootstrap over patients
  std::vector<RocPoint> roc;
  std::vector<PrecisionRecall> precision_recall;
};

/// The frozen operating point.
struct FilmOperation {
  ThresholdScores scores;
  std::vector<PredictiveValues> values;
};

struct FilmRecalibration {
  Recalibration kind = Recalibration::none;
  Line line;
  CalibrationScores scores;
  ThresholdScores at_threshold;  // the frozen threshold on these probabilities
};

/// How often there is an answer, and how right it is; with the rule on age as it is served, or with everybody taken to be within the range.
struct FilmAbstention {
  Interval answered, right;            // shares, by patient; `right` of those answered: nothing of no film, as wilson()
  Interval sensitivity, specificity;   // among those answered
  std::map<std::string, std::size_t> grounds;  // films by ground, several for one film counted each
  std::size_t films = 0, films_answered = 0, pneumonia_answered = 0, pneumonia_not_answered = 0;
};

/// A view by itself, and the model within it.
struct FilmViewScores {
  std::optional<Auc> view_alone;                          // only where two views or more are known; the direction that separates better
  std::vector<std::pair<std::string, std::optional<Auc>>> within;  // none: too few films of a class
};

struct FilmGroup {
  std::string attribute, value;
  std::size_t films = 0, patients = 0, pneumonia = 0;
  bool too_few = false;                                   // of a class; then nothing below is given
  Auc auc;
  Interval sensitivity, specificity;                      // at the frozen threshold, by patient
  double mean_probability = 0;
  Interval answered;
};

struct FilmSetReport {
  std::string name, source, outcome;
  FilmMix mix;
  FilmDiscrimination discrimination;
  FilmOperation operation;
  std::vector<FilmRecalibration> calibrations;            // as it stands; intercept; slope and intercept, cross-fitted over patients
  std::vector<std::string> not_recalibrated;              // a sentence for each that could not be fitted
  std::vector<NetBenefit> decision;
  std::array<std::vector<std::size_t>, 2> histogram;      // films by probability, 20 bins, by class
  ConformalScores conformal;
  FilmAbstention abstention, abstention_without_age;
  FilmViewScores views;
  std::vector<FilmGroup> groups;
};

struct FilmReport {
  FilmReportOptions options;
  models::FilmCalibration calibration;
  std::vector<FilmSetReport> sets;
};

/// Every figure of the sets. `outlier` may be null: then no film counts as an outlier, nor does one without features. Deterministic; any thread may call it.
/// ErrorCode::invalid, naming the set, without sets, without both classes, with log-odds that are not finite, or with features of another length than the outlier model's.
Result<FilmReport> make_film_report(const std::vector<FilmSet>& sets, const models::FilmCalibration& calibration, const models::OutlierScorer* outlier,
                                    const FilmReportOptions& options);

/// Totals alone, no film and no patient.
Json film_report_json(const FilmReport& report);
std::string film_report_text(const FilmReport& report);
/// A page that needs nothing else, with its plots.
std::string film_report_html(const FilmReport& report);

}  // namespace osler::evaluate
