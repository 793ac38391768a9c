// `osler-train image`: from a configuration file to films, parts and a network.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "train/image/augmentation.h"
#include "train/image/splits.h"
#include "train/network/image_network.h"

namespace osler::train {

/// Everything a run holds. Not thread-safe.
class ImageRun {
 public:
  /// Reads the configuration's sources, divides the films and makes the network; decodes nothing yet. Says what it found. Errors of read_films(),
  /// check_labels_in_parts(), check_labels_in_folds() and ImageNetwork::load_backbone().
  static Result<std::unique_ptr<ImageRun>> prepare(const ImageTrainingConfig& config, const std::function<void(const std::string&)>& say);
  /// Decodes the films of fit and selection, the only ones that training looks at.
  Result<void> load(const std::function<void(const std::string&)>& say);

  /// Positions in `records.films`.
  std::vector<std::size_t> films_in(Part part) const;
  /// Those that a cross-validation divides, and whose features are cached: fit, then selection.
  std::vector<std::size_t> films_to_fold() const;
  /// [chosen][side][side]: film i as copy `copy` of it; copy 0 is unchanged (lost proportions at their fixed value), others are augmented, always the same for
  /// the same film and copy.
  torch::Tensor grey(std::span<const std::size_t> chosen, std::span<const std::uint64_t> copies) const;
  std::vector<std::size_t> labels_of(std::span<const std::size_t> chosen) const;

  const ImageTrainingConfig config;
  FilmRecords records;
  std::vector<Part> parts;
  std::vector<StoredFilm> stored;      // empty where not decoded
  std::string identity;                // of the films, their division and the network's shape
  std::string backbone_hash;           // SHA-256 of the file that the network begins with; empty: from scratch
  std::unique_ptr<ImageNetwork> network;

 private:
  explicit ImageRun(const ImageTrainingConfig& configuration) : config(configuration) {}
  Result<void> check_folds(std::size_t folds) const;
  Result<void> make_network();
};

}  // namespace osler::train
