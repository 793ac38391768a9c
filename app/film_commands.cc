// osler fit-image and osler evaluate images.
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/engine.h"
#include "app/film_engine.h"
#include "app/film_predictions.h"
#include "app/model_copy.h"
#include "evaluate/films/film_calibration_fit.h"
#include "evaluate/films/film_report.h"
#include "train/image/film_sets.h"
#include "train/image/same_division.h"
#include "train/image/splits.h"

namespace osler::app {

using namespace evaluate;

namespace {

struct LoadedModel {
  std::unique_ptr<models::ImageModel> model;
  imaging::FilmDecoder decoder;
};

Result<LoadedModel> load_model(FileSystem& files, const Config& config, const std::string& folder) {
  return LoadedModel{TRY(models::ImageModel::load(files, folder, image_precision(config))), imaging::FilmDecoder(decoder_program(config))};
}

std::vector<FilmPrediction> part_of(const std::vector<FilmPrediction>& predictions, const std::vector<train::Part>& parts, train::Part wanted) {
  std::vector<FilmPrediction> result;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i] == wanted) result.push_back(predictions[i]);
  return result;
}

/// The films that the calibration is for: those of one source where the request names it.
Result<train::ImageTrainingConfig> calibrated_films(const FitImageRequest& request) {
  train::ImageTrainingConfig config = TRY(train::parse_image_config(TRY(read_text(request.films)), request.films));
  if (request.source.empty()) return config;
  std::erase_if(config.sources, [&](const train::FilmSourceSettings& source) { return source.name != request.source; });
  if (config.sources.empty()) return make_error(ErrorCode::not_found, request.films + " has no source called " + request.source + ".");
  return config;
}

/// A calibration is for films such as are answered.
Result<void> require_none_refused(const std::vector<FilmPrediction>& predictions) {
  for (const FilmPrediction& prediction : predictions)
    if (!prediction.refusal.empty())
      return make_error(ErrorCode::invalid, prediction.id + ": " + prediction.refusal + " The server would refuse this film: take it out of the films to calibrate with.");
  return ok();
}

FilmCalibrationOptions options_of(const FitImageRequest& request) {
  FilmCalibrationOptions options;
  options.error_rate = request.error_rate;
  if (request.least_age && request.most_age) options.age = models::AgeRange{*request.least_age, *request.most_age};
  options.population = request.population;
  options.date = today();
  options.note = "Fitted by osler fit-image on films held back from training. Local validation comes before any clinical use.";
  return options;
}

Json summary_of(const FilmCalibrationFit& fit, const std::array<std::size_t, 3>& films) {
  const models::FilmCalibration& calibration = fit.calibration;
  return {{"films_fit", films[0]}, {"films_selection", films[1]}, {"films_calibration", films[2]},
          {"threshold", calibration.operating_point.threshold}, {"sensitivity_at_selection", calibration.operating_point.sensitivity},
          {"specificity_at_selection", calibration.operating_point.specificity}, {"slope", calibration.slope}, {"intercept", calibration.intercept},
          {"error_rate", calibration.conformal.error_rate}, {"set_thresholds", calibration.conformal.thresholds}, {"outlier_threshold", calibration.outlier_threshold}};
}

Result<void> fit(const Config& config, const FitImageRequest& request) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  TRY_VOID(check_copy(*files, request.population, request.card, request.out_folder));
  const train::ImageTrainingConfig films = TRY(calibrated_films(request));
  const LoadedModel loaded = TRY(load_model(*files, config, request.model));
  if (films.labels != loaded.model->network().config().labels) return make_error(ErrorCode::configuration, request.films + ": /labels are not those of the model, normal and pneumonia.");
  const train::FilmRecords records = TRY(train::read_films(films));
  const std::vector<train::Part> parts = train::split_by_patient(records.films, films.split);
  if (files->exists(request.model + "/training.json"))
    TRY_VOID(train::check_same_division(TRY(models::read_model_json(*files, request.model, "training.json")), films, records, parts));
  const std::vector<FilmPrediction> predictions = TRY(predict_films(loaded.decoder, *loaded.model, films, records.films));
  TRY_VOID(require_none_refused(predictions));
  const auto fit_films = part_of(predictions, parts, train::Part::fit), selection = part_of(predictions, parts, train::Part::selection),
             calibration = part_of(predictions, parts, train::Part::calibration);
  const FilmCalibrationFit fitted = TRY(fit_film_calibration(fit_films, selection, calibration, options_of(request)));
  const Json summary = summary_of(fitted, {fit_films.size(), selection.size(), calibration.size()});
  const std::vector<std::byte> outlier = models::write_outlier(fitted.outlier);
  ModelCopy copy{request.model, request.out_folder, "osler-cxr", "image", request.card};
  copy.made["calibration.json"] = models::write_film_calibration(fitted.calibration).dump(2) + "\n";
  copy.made["outlier.safetensors"] = std::string(reinterpret_cast<const char*>(outlier.data()), outlier.size());
  copy.card_facts = {{"fit", summary},
                     {"intended_use", "Decision support for health professionals who read every film themselves; never an autonomous diagnosis, not for clinical use without local validation."},
                     {"population", request.population}};
  TRY_VOID(write_model_copy(*files, copy));
  std::cout << summary.dump(2) << '\n';
  return ok();
}

Result<FilmReport> evaluate(const Config& config, const EvaluateImagesRequest& request) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  const train::FilmSetsSettings settings = TRY(train::parse_film_sets(TRY(read_text(request.sets)), request.sets));
  const std::string folder = request.model.empty() ? TRY(newest_model_folder(*files, config, "cxr")) : request.model;
  const LoadedModel loaded = TRY(load_model(*files, config, folder));
  if (!loaded.model->is_calibrated()) return make_error(ErrorCode::configuration, "The image model in " + folder + " has no calibration.json: `osler fit-image` makes one.");
  std::vector<FilmSet> sets;
  for (const train::FilmSetSettings& set : settings.sets) {
    const train::FilmRecords records = TRY(train::read_films(set.films));
    sets.push_back({set.name, set.source, set.outcome, TRY(predict_films(loaded.decoder, *loaded.model, set.films, records.films))});
  }
  FilmReportOptions options;
  options.model_version = loaded.model->version();
  options.date = today();
  options.predictors = settings.predictors;
  options.training = settings.training;
  return make_film_report(sets, loaded.model->calibration(), &loaded.model->outlier(), options);
}

Result<void> write_report(const FilmReport& report, const std::string& folder) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  TRY_VOID(files->make_folders(folder));
  TRY_VOID(files->write_atomically(folder + "/films.json", as_bytes(film_report_json(report).dump(2) + "\n"), 0644));
  return files->write_atomically(folder + "/films.html", as_bytes(film_report_html(report)), 0644);
}

}  // namespace

int fit_image(const Config& config, const FitImageRequest& request) {
  const Result<void> done = fit(config, request);
  return done ? 0 : refuse(done.error());
}

int evaluate_images(const Config& config, const EvaluateImagesRequest& request, Output output) {
  const Result<FilmReport> report = evaluate(config, request);
  if (!report) return refuse(report.error());
  std::cout << (output == Output::json ? film_report_json(*report).dump(2) + "\n" : film_report_text(*report));
  if (request.folder.empty()) return 0;
  const Result<void> written = write_report(*report, request.folder);
  return written ? 0 : refuse(written.error());
}

}  // namespace osler::app
