// Everything that stands in the calibration.json of an image model, and its outlier model, from what the network says of three sets of films.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evaluate/films/film_points.h"
#include "evaluate/films/roc.h"
#include "models/film_calibration.h"
#include "models/outlier.h"

namespace osler::evaluate {

struct FilmCalibrationOptions {
  OperatingRule rule = OperatingRule::specificity_at_sensitivity;
  double least_sensitivity = 0.97;
  double error_rate = 0.05;                 // of the prediction sets
  std::size_t outlier_components = 32;
  double outlier_quantile = 0.99;
  std::optional<models::AgeRange> age;      // of the patients trained on; else from the ages of the films of `fit`
  std::string population, date, note;       // none empty; `date` ISO 8601
};

struct FilmCalibrationFit {
  models::FilmCalibration calibration;
  models::OutlierModel outlier;
};

/// Probabilities (Platt) from all calibration films; prediction sets and the outlier threshold from one of them a patient; the operating point from `selection`; the
/// outlier score from `fit`, whose films alone need no log-odds. The sets keep their guarantee although the probabilities come from the same films: a rising line through
/// the log-odds changes no order, and nothing else counts. No set may be empty or share a patient with another. Deterministic; any thread may call it.
/// ErrorCode::invalid, saying which set and what it lacks; errors of fit_platt(), fit_conformal() and fit_outlier().
Result<FilmCalibrationFit> fit_film_calibration(const std::vector<FilmPrediction>& fit, const std::vector<FilmPrediction>& selection,
                                                const std::vector<FilmPrediction>& calibration, const FilmCalibrationOptions& options);

}  // namespace osler::evaluate
