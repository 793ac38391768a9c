#include "app/film_predictions.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "app/case_files.h"
#include "base/files.h"
#include "base/limits.h"
#include "imaging/film_checks.h"
#include "imaging/resample.h"
#include "service/film_reader.h"

namespace osler::app {

namespace {

/// Why the server would refuse the film; empty where it would not.
std::string refusal_of(const imaging::Film& film, const imaging::GrayImage& shown, double pixel_aspect) {
  if (const auto found = imaging::check_attributes(film); !found) return found.error().external;
  if (const auto found = imaging::check_picture(shown, pixel_aspect); !found) return found.error().external;
  return {};
}

/// The films that are still to do, and the first thing that went wrong.
class Work {
 public:
  Work(const imaging::FilmDecoder& decoder, const models::ImageModel& model, const train::ImageTrainingConfig& config, const std::vector<train::FilmRecord>& films)
      : decoder_(decoder), model_(model), config_(config), films_(films), predictions_(films.size()) {}

  void take_part() {
    neural::ImageWorkspace workspace = model_.network().make_workspace();
    for (std::size_t i = next_++; i < films_.size() && !failed_; i = next_++) {
      Result<evaluate::FilmPrediction> prediction = predict(films_[i], workspace);
      const std::lock_guard guard(mutex_);
      if (prediction) predictions_[i] = std::move(*prediction);
      else if (!failed_.exchange(true)) error_ = std::move(prediction).error();
      show_progress("films", ++done_, films_.size());
    }
  }

  Result<std::vector<evaluate::FilmPrediction>> finish() && {
    if (failed_) return std::move(error_);
    return std::move(predictions_);
  }

 private:
  Result<evaluate::FilmPrediction> predict(const train::FilmRecord& record, neural::ImageWorkspace& workspace) const {
    const Bytes bytes = TRY(make_file_system()->read(record.path, limits::kMaxFilmFileBytes));
    const Result<imaging::Film> film = decoder_.decode(bytes);
    if (!film) return make_error(film.error().code, record.path + ": " + film.error().external, film.error().internal);
    const train::FilmSourceSettings& source = config_.sources[record.source];
    const double aspect = source.proportions_lost ? 1 / config_.proportions.evaluation : film->pixel_aspect;
    const imaging::GrayImage shown = imaging::display(*film);
    evaluate::FilmPrediction prediction;
    prediction.id = record.path;
    prediction.patient = record.patient;
    prediction.pneumonia = record.label == 1;
    prediction.refusal = refusal_of(*film, shown, aspect);
    if (!prediction.refusal.empty()) return prediction;
    const imaging::GrayImage square = imaging::fit_into_square(shown, aspect, model_.network().config().side);
    const neural::ImageOutput output = model_.network().run(square.pixels, workspace);
    prediction.logit = model_.log_odds(output.logits);
    prediction.features.assign(output.features.begin(), output.features.end());
    prediction.age_years = record.age_years ? record.age_years : film->attributes.age_years;
    prediction.sex = record.sex.empty() ? film->attributes.sex : record.sex;
    prediction.view = record.view.empty() ? film->attributes.view_position : record.view;
    prediction.subtype = record.subtype;
    prediction.site = record.site.empty() ? source.name : record.site;
    prediction.equipment = record.equipment.empty() ? film->attributes.manufacturer : record.equipment;
    if (model_.is_calibrated())  // last: it uses the workspace, where the output lies, anew
      prediction.appearance = service::appearance(model_, shown, square, model_.outlier().score(prediction.features) / model_.calibration().outlier_threshold, workspace);
    return prediction;
  }

  const imaging::FilmDecoder& decoder_;
  const models::ImageModel& model_;
  const train::ImageTrainingConfig& config_;
  const std::vector<train::FilmRecord>& films_;
  std::vector<evaluate::FilmPrediction> predictions_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::size_t done_ = 0;
  Error error_;
};

}  // namespace

Result<std::vector<evaluate::FilmPrediction>> predict_films(const imaging::FilmDecoder& decoder, const models::ImageModel& model,
                                                            const train::ImageTrainingConfig& config, const std::vector<train::FilmRecord>& films) {
  Work work(decoder, model, config, films);
  std::vector<std::thread> others;
  for (unsigned i = 1; i < std::max(1u, std::thread::hardware_concurrency()); ++i) others.emplace_back([&work] { work.take_part(); });
  work.take_part();
  for (std::thread& other : others) other.join();
  return std::move(work).finish();
}

}  // namespace osler::app
