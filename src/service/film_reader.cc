#include "service/film_reader.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace osler::service {

namespace {

imaging::GrayImage turned_over(imaging::GrayImage square) {
  for (std::size_t y = 0; y < square.height / 2; ++y)
    std::swap_ranges(square.pixels.begin() + static_cast<std::ptrdiff_t>(y * square.width), square.pixels.begin() + static_cast<std::ptrdiff_t>((y + 1) * square.width),
                     square.pixels.begin() + static_cast<std::ptrdiff_t>((square.height - 1 - y) * square.width));
  return square;
}

double outlier_share_of(const models::ImageModel& model, const neural::ImageOutput& output) {
  return model.outlier().score(output.features) / model.calibration().outlier_threshold;
}

}  // namespace

/// Workspaces that nobody uses now. There are as many as calls were ever at once.
struct FilmReader::Idle {
  std::mutex mutex;
  std::vector<neural::ImageWorkspace> workspaces;

  neural::ImageWorkspace take(const neural::ImageNetwork& network) {
    const std::lock_guard guard(mutex);
    if (workspaces.empty()) return network.make_workspace();
    neural::ImageWorkspace workspace = std::move(workspaces.back());
    workspaces.pop_back();
    return workspace;
  }
  void give_back(neural::ImageWorkspace workspace) {
    const std::lock_guard guard(mutex);
    workspaces.push_back(std::move(workspace));
  }
};

FilmReader::FilmReader(const models::ImageModel& model) : model_(model), idle_(std::make_unique<Idle>()) { CHECK(model.is_calibrated()); }
FilmReader::~FilmReader() = default;

FilmReader::Seen FilmReader::look(const imaging::GrayImage& shown, const imaging::GrayImage& square) const {
  neural::ImageWorkspace workspace = idle_->take(model_.network());
  const neural::ImageOutput output = model_.network().run(square.pixels, workspace);
  Seen seen;
  seen.log_odds = model_.log_odds(output.logits);
  seen.outlier_share = outlier_share_of(model_, output);
  const neural::ClassActivation towards = model_.network().class_activation(output, 1), away = model_.network().class_activation(output, 0);
  seen.activation = {towards.side, towards.side, towards.map};
  for (std::size_t i = 0; i < away.map.size(); ++i) seen.activation.values[i] -= away.map[i];
  seen.appearance = appearance(model_, shown, square, seen.outlier_share, workspace);
  idle_->give_back(std::move(workspace));
  return seen;
}

std::vector<models::FurtherEvaluation> appearance(const models::ImageModel& model, const imaging::GrayImage& shown, const imaging::GrayImage& square, double outlier_share,
                                                  neural::ImageWorkspace& workspace) {
  std::vector<models::FurtherEvaluation> result;
  if (imaging::mediastinum_contrast(shown) < 0) result.push_back(models::FurtherEvaluation::inverted);
  const double turned = outlier_share_of(model, model.network().run(turned_over(square).pixels, workspace));
  if (turned <= 1 && turned < outlier_share) result.push_back(models::FurtherEvaluation::upside_down);
  return result;
}

Result<FilmReading> FilmReader::read(const imaging::Film& film, std::optional<double> age_years) const {
  FilmReading reading;
  reading.quality = TRY(imaging::check_attributes(film));
  const imaging::GrayImage shown = imaging::display(film);
  const std::vector<imaging::QualityFinding> seen_in_picture = TRY(imaging::check_picture(shown, film.pixel_aspect));
  reading.quality.insert(reading.quality.end(), seen_in_picture.begin(), seen_in_picture.end());
  reading.side = model_.network().config().side;
  reading.placement = imaging::place_in_square(film.width, film.height, film.pixel_aspect, reading.side);
  const imaging::GrayImage square = imaging::fit_into_square(shown, film.pixel_aspect, reading.side);
  Seen seen = look(shown, square);
  reading.activation = std::move(seen.activation);
  reading.outlier_share = seen.outlier_share;
  reading.error_rate = model_.calibration().conformal.error_rate;
  reading.pneumonia = models::film_probability(seen.log_odds, model_.calibration());
  reading.decision = models::decide(reading.pneumonia, seen.outlier_share * model_.calibration().outlier_threshold, age_years, model_.calibration(), std::move(seen.appearance));
  return reading;
}

}  // namespace osler::service
