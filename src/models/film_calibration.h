// calibration.json of an image model, and the rule that makes an answer of what its network says of a film: normal, pneumonia, or look
// again. docs/formats/model_directory.md has the file; docs/adr/0018-look-again.md has the reasons. Pure functions: any thread may call them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "reasoning/parameters.h"

namespace osler::models {

/// The classes of a film, in the order of the network's outputs and of every array by class.
enum class FilmLabel { normal, pneumonia };
inline constexpr std::array<FilmLabel, 2> kFilmLabels = {FilmLabel::normal, FilmLabel::pneumonia};
std::string_view name_of(FilmLabel label);

/// Where a yes or no is wanted of every film: pneumonia from this probability on. Chosen once, then frozen.
struct OperatingPoint {
  double threshold = 0.5;  // of the calibrated probability
  std::string rule;        // how it was chosen, in words
  std::string chosen_on;   // on which films
  double sensitivity = 0, specificity = 0;  // there
};

/// Split-conformal prediction sets, by class (Vovk 2012, "Conditional validity of inductive conformal predictors"): a class is in the set of a film when its
/// score is at most the class's threshold. Of future films of a class, drawn like the calibration films, at most `error_rate` lack it.
struct ConformalThresholds {
  double error_rate = 0.05;
  std::array<double, 2> thresholds = {1, 1};  // of conformal_score()
  std::array<std::size_t, 2> films = {0, 0};  // one a patient
};

/// In completed years, both ends included.
struct AgeRange {
  int least_years = 0, most_years = 0;
};

struct FilmCalibration {
  double slope = 1, intercept = 0;  // Platt: log-odds = slope * the network's + intercept
  OperatingPoint operating_point;
  ConformalThresholds conformal;
  double outlier_threshold = 1;     // of OutlierScorer::score(); above it a film is unlike those of training
  double outlier_quantile = 0.99;   // of the calibration films, whose scores gave the threshold
  AgeRange age;                     // of the patients trained on
  reasoning::CalibrationRecord record;
};

/// Every member is checked against its range; one that is missing or not known is refused too. ErrorCode::corrupted, naming the member.
Result<FilmCalibration> parse_film_calibration(const Json& json);
Json write_film_calibration(const FilmCalibration& calibration);

/// The calibrated probability of pneumonia. `log_odds`: of the network, pneumonia's logit less normal's.
double film_probability(double log_odds, const FilmCalibration& calibration);

/// How badly a class fits: 1 - its probability.
double conformal_score(double probability_of_pneumonia, FilmLabel label);

/// The classes that fit at the error rate: none, one or both.
std::vector<FilmLabel> prediction_set(double probability_of_pneumonia, const ConformalThresholds& conformal);

enum class FilmDiagnosis { normal, pneumonia, requires_further_evaluation };
std::string_view name_of(FilmDiagnosis diagnosis);

/// Why a film requires further evaluation.
enum class FurtherEvaluation { both_fit, none_fits, less_likely, outlier, inverted, upside_down, age };
std::string_view name_of(FurtherEvaluation ground);

struct FilmDecision {
  FilmDiagnosis diagnosis = FilmDiagnosis::requires_further_evaluation;
  double confidence = 0;                      // probability of the diagnosis; of the likelier class where there is none
  std::vector<FilmLabel> prediction_set;
  std::vector<FurtherEvaluation> grounds;     // empty when a class is the answer
  std::string reason;                         // for a clinician: a sentence for each ground, or what the answer rests on
  std::vector<std::string> warnings;          // a sentence each
};

/// One class in the set, the likelier of the two, a film like those of training, the right way round, and an age within theirs: that class. Anything else requires further evaluation.
/// `appearance`: inverted, upside_down, where the film looks so.
/// An age that is not known cannot be compared: a warning. CHECKs that `probability` is within [0, 1] and `outlier_score` a number.
FilmDecision decide(double probability_of_pneumonia, double outlier_score, std::optional<double> age_years, const FilmCalibration& calibration,
                    std::vector<FurtherEvaluation> appearance = {});

}  // namespace osler::models
