#include "train/network/run_image.h"

#include <ATen/Parallel.h>

#include <cstring>
#include <filesystem>

#include "base/check.h"
#include "base/sha256.h"

namespace osler::train {

namespace {

std::string division(const ImageTrainingConfig& config, const FilmRecords& records, const std::vector<Part>& parts) {
  std::string text;
  for (const Part part : {Part::fit, Part::selection, Part::calibration}) {
    std::vector<std::size_t> counts(config.labels.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i] == part) ++counts[records.films[i].label];
    text += std::string(text.empty() ? "" : "; ") + name_of(part);
    for (std::size_t label = 0; label < counts.size(); ++label) text += (label == 0 ? " " : ", ") + std::to_string(counts[label]) + " " + config.labels[label];
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<ImageRun>> ImageRun::prepare(const ImageTrainingConfig& config, const std::function<void(const std::string&)>& say) {
  std::unique_ptr<ImageRun> run(new ImageRun(config));
  run->records = TRY(read_films(config));
  run->parts = split_by_patient(run->records.films, config.split);
  TRY_VOID(check_labels_in_parts(run->records.films, run->parts, config.labels));
  for (const ImagePhase& phase : config.phases)
    if (phase.folds > 0) TRY_VOID(run->check_folds(phase.folds));
  say(std::to_string(run->records.films.size()) + " films: " + division(config, run->records, run->parts));
  std::error_code failure;
  std::filesystem::create_directories(config.work_folder, failure);
  if (failure) return make_error(ErrorCode::unavailable, "The folder " + config.work_folder + " cannot be made.");
  TRY_VOID(run->make_network());
  return run;
}

Result<void> ImageRun::check_folds(std::size_t folds) const {
  const std::vector<std::size_t> films = films_to_fold();
  return check_labels_in_folds(records.films, films, folds_by_patient(records.films, films, folds, config.split.seed), folds, config.labels);
}

Result<void> ImageRun::make_network() {
  torch::manual_seed(config.seed);
  network = std::make_unique<ImageNetwork>(config.network, config.labels.size());
  if (!config.network.backbone.empty()) backbone_hash = TRY(network->load_backbone(config.network.backbone));
  std::string text = config.network.architecture + "/" + std::to_string(config.network.hidden) + "/" + std::to_string(config.side) + "/" + backbone_hash;
  for (const std::string& label : config.labels) text += "/" + label;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += "\n" + records.films[i].path + " " + std::to_string(records.films[i].label) + " " + name_of(parts[i]);
  for (const std::string& hash : records.hashes) text += "\n" + hash;
  identity = to_hex(sha256(as_bytes(text)));
  return ok();
}

Result<void> ImageRun::load(const std::function<void(const std::string&)>& say) {
  std::vector<FilmRecord> wanted;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == Part::calibration) continue;
    wanted.push_back(records.films[i]);
    places.push_back(i);
  }
  std::vector<StoredFilm> loaded = TRY(load_films(config, wanted, say));
  stored.assign(records.films.size(), {});
  for (std::size_t i = 0; i < places.size(); ++i) stored[places[i]] = std::move(loaded[i]);
  return ok();
}

std::vector<std::size_t> ImageRun::films_in(Part part) const {
  std::vector<std::size_t> films;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i] == part) films.push_back(i);
  return films;
}

std::vector<std::size_t> ImageRun::films_to_fold() const {
  std::vector<std::size_t> films = films_in(Part::fit);
  for (const std::size_t film : films_in(Part::selection)) films.push_back(film);
  return films;
}

torch::Tensor ImageRun::grey(std::span<const std::size_t> chosen, std::span<const std::uint64_t> copies) const {
  CHECK(chosen.size() == copies.size());
  const auto count = static_cast<std::int64_t>(chosen.size()), side = static_cast<std::int64_t>(config.side);
  torch::Tensor batch = torch::empty({count, side, side});
  float* out = batch.data_ptr<float>();
  const std::size_t pixels = config.side * config.side;
  at::parallel_for(0, count, 1, [&](std::int64_t first, std::int64_t last) {
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
      Change change;
      change.proportion = config.proportions.evaluation;
      if (copies[i] > 0) {
        Random random(config.seed ^ copies[i] * 0x9E3779B97F4A7C15ULL, chosen[i]);
        change = draw_change(config.augmentation, config.proportions, random);
      }
      const std::vector<float> film = seen_by_network(stored[chosen[i]], change, config.side);
      std::memcpy(out + i * pixels, film.data(), pixels * sizeof(float));
    }
  });
  return batch;
}

std::vector<std::size_t> ImageRun::labels_of(std::span<const std::size_t> chosen) const {
  std::vector<std::size_t> labels;
  for (const std::size_t film : chosen) labels.push_back(records.films[film].label);
  return labels;
}

}  // namespace osler::train
