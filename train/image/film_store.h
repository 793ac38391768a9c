// All films of a run in memory: decoded once, 8-bit grey, no larger than the network sees them.
#pragma once

#include <functional>

#include "imaging/gray_image.h"
#include "train/image/film_records.h"

namespace osler::train {

struct StoredFilm {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;   // [height][width], 0 black to 255 white
  bool proportions_lost = false;      // a squashed square: its width over height must be drawn or assumed
};

/// At most `side` pixels each way: where proportions are kept, with the pixel's aspect undone. Thread-safe.
StoredFilm store_film(const imaging::GrayImage& image, double pixel_aspect, bool proportions_lost, std::size_t side);

/// Reads and decodes every film (PNG, JPEG, DICOM of one frame), on as many threads as the machine has cores. The first file that cannot be read or decoded is an error that names it.
/// `say` is told how many there are.
Result<std::vector<StoredFilm>> load_films(const ImageTrainingConfig& config, const std::vector<FilmRecord>& films, const std::function<void(const std::string&)>& say);

}  // namespace osler::train
