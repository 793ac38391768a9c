#include "evaluate/films/film_calibration_fit.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/limits.h"
#include "evaluate/films/conformal.h"
#include "evaluate/films/outlier_fit.h"
#include "evaluate/films/recalibration.h"

namespace osler::evaluate {

namespace {

using Films = std::vector<FilmPrediction>;

Error refused(const std::string& what) { return make_error(ErrorCode::invalid, "The image model was not calibrated: " + what + "."); }

std::set<std::string> patients_of(const Films& films) {
  std::set<std::string> patients;
  for (const FilmPrediction& film : films)
    if (!film.patient.empty()) patients.insert(film.patient);
  return patients;
}

Result<void> check_sets(const Films& fit, const Films& selection, const Films& calibration) {
  const std::pair<const char*, const Films*> sets[] = {{"fit", &fit}, {"selection", &selection}, {"calibration", &calibration}};
  std::set<std::string> seen;
  for (const auto& [name, films] : sets) {
    if (films->empty()) return refused(std::string("the set '") + name + "' has no film");
    std::size_t shared = 0;
    for (const std::string& patient : patients_of(*films)) shared += !seen.insert(patient).second;
    if (shared > 0) return refused(std::to_string(shared) + " patients of the set '" + name + "' are in another set too; a patient may be in one");
  }
  const auto positives = static_cast<std::size_t>(std::count_if(selection.begin(), selection.end(), [](const FilmPrediction& film) { return film.pneumonia; }));
  if (positives == 0 || positives == selection.size()) return refused("the set 'selection' needs films of both classes");
  return ok();
}

Result<models::AgeRange> age_range(const Films& films, const FilmCalibrationOptions& options) {
  if (options.age) return *options.age;
  std::optional<double> least, most;
  for (const FilmPrediction& film : films) {
    if (!film.age_years) continue;
    least = std::min(least.value_or(*film.age_years), *film.age_years);
    most = std::max(most.value_or(*film.age_years), *film.age_years);
  }
  if (!least || *least < 0 || *most > limits::kMaxAgeYears) return refused("no age range was given, and the films of 'fit' have no usable ages");
  return models::AgeRange{static_cast<int>(std::floor(*least)), static_cast<int>(std::floor(*most))};
}

models::OperatingPoint operating_point(const FilmPoints& selection, const FilmCalibrationOptions& options) {
  models::OperatingPoint point;
  point.threshold = operating_threshold(selection, options.rule, options.least_sensitivity);
  const ThresholdScores scores = scores_at(selection, point.threshold);
  point.rule = describe(options.rule, options.least_sensitivity);
  point.chosen_on = "selection: " + std::to_string(selection.size()) + " films of " + std::to_string(count_patients(selection)) + " patients";
  point.sensitivity = scores.sensitivity.value;
  point.specificity = scores.specificity.value;
  return point;
}

Result<double> outlier_threshold(const models::OutlierScorer& scorer, const Films& films, double quantile) {
  std::vector<double> scores;
  for (const FilmPrediction& film : films) {
    if (film.features.size() != scorer.channels()) return refused("a film of the set 'calibration' has " + std::to_string(film.features.size()) + " features, those of 'fit' have " + std::to_string(scorer.channels()));
    scores.push_back(scorer.score(film.features));
  }
  return quantile_of(scores, quantile);
}

}  // namespace

Result<FilmCalibrationFit> fit_film_calibration(const Films& fit, const Films& selection, const Films& calibration, const FilmCalibrationOptions& options) {
  TRY_VOID(check_sets(fit, selection, calibration));
  if (options.population.empty() || options.date.empty() || options.note.empty()) return refused("population, date and note must say for whom and when it holds");
  const auto logit = [](const FilmPrediction& film) { return film.logit; };
  FilmCalibrationFit result;
  models::FilmCalibration& made = result.calibration;
  const Line line = TRY(fit_platt(film_points(calibration, logit)));
  made.slope = line.slope;
  made.intercept = line.intercept;
  const auto probability = [&](const FilmPrediction& film) { return models::film_probability(film.logit, made); };
  made.operating_point = operating_point(film_points(selection, probability), options);
  const Films independent = one_film_a_patient(calibration);
  made.conformal = TRY(fit_conformal(film_points(independent, probability), options.error_rate));

  Features features;
  for (const FilmPrediction& film : fit) features.push_back(film.features);
  result.outlier = TRY(fit_outlier(features, options.outlier_components));
  made.outlier_threshold = TRY(outlier_threshold(TRY(models::OutlierScorer::create(result.outlier)), independent, options.outlier_quantile));
  made.outlier_quantile = options.outlier_quantile;
  made.age = TRY(age_range(fit, options));
  made.record = {options.population, static_cast<int>(calibration.size()), options.date, options.note};
  TRY(models::parse_film_calibration(models::write_film_calibration(made)));  // what the server would refuse is not written
  return result;
}

}  // namespace osler::evaluate
