#include "service/film_reader.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace osler::service {

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

FilmReader::Seen FilmReader::look(const imaging::GrayImage& square, bool wants_map) const {
  neural::ImageWorkspace workspace = idle_->take(model_.network());
  const neural::ImageOutput output = model_.network().run(square.pixels, workspace);
  Seen seen;
  seen.log_odds = model_.log_odds(output.logits);
  seen.outlier_share = model_.outlier().score(output.features) / model_.calibration().outlier_threshold;
  if (wants_map) {
    const neural::ClassActivation towards = model_.network().class_activation(output, 1), away = model_.network().class_activation(output, 0);
    seen.activation = {towards.side, towards.side, towards.map};
    for (std::size_t i = 0; i < away.map.size(); ++i) seen.activation.values[i] -= away.map[i];
  }
  idle_->give_back(std::move(workspace));
  return seen;
}

/// Inside the film only: the black around it has no negative. Told by comparing the two, since a score by itself notices few inverted films
/// (docs/adr/0018-look-again.md).
double FilmReader::outlier_share_of_negative(imaging::GrayImage square, const imaging::Placement& placement) const {
  for (std::size_t y = placement.top; y < placement.top + placement.height; ++y)
    for (std::size_t x = placement.left; x < placement.left + placement.width; ++x) square.pixels[y * square.width + x] = 1 - square.pixels[y * square.width + x];
  return look(square, false).outlier_share;
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
  Seen seen = look(square, true);
  reading.activation = std::move(seen.activation);
  reading.outlier_share = seen.outlier_share;
  reading.error_rate = model_.calibration().conformal.error_rate;
  reading.pneumonia = models::film_probability(seen.log_odds, model_.calibration());
  const bool inverted = outlier_share_of_negative(square, reading.placement) < seen.outlier_share;
  reading.decision = models::decide(reading.pneumonia, seen.outlier_share * model_.calibration().outlier_threshold, age_years, model_.calibration(), inverted);
  return reading;
}

}  // namespace osler::service
