#include "train/image/film_store.h"

#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "base/limits.h"
#include "decoder/dicom.h"
#include "decoder/picture.h"
#include "imaging/film.h"
#include "imaging/resample.h"

namespace osler::train {

namespace {

Result<StoredFilm> load_film(FileSystem& files, const FilmRecord& record, bool proportions_lost, std::size_t side) {
  const Bytes bytes = TRY(files.read(record.path, limits::kMaxFilmFileBytes));
  const imaging::Film film = TRY(decoder::is_picture(bytes) ? decoder::decode_picture(bytes) : decoder::decode_dicom(bytes, std::nullopt));
  return store_film(imaging::display(film), film.pixel_aspect, proportions_lost, side);
}

}  // namespace

StoredFilm store_film(const imaging::GrayImage& image, double pixel_aspect, bool proportions_lost, std::size_t side) {
  StoredFilm stored;
  stored.proportions_lost = proportions_lost;
  if (proportions_lost) {
    stored.width = std::min(image.width, side);
    stored.height = std::min(image.height, side);
  } else {
    const imaging::Placement placement = imaging::place_in_square(image.width, image.height, pixel_aspect, side);
    stored.width = placement.width;
    stored.height = placement.height;
  }
  const imaging::GrayImage small = imaging::resample_by_area(image, stored.width, stored.height);
  for (const float value : small.pixels) stored.pixels.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 255)));
  return stored;
}

Result<std::vector<StoredFilm>> load_films(const ImageTrainingConfig& config, const std::vector<FilmRecord>& films, const std::function<void(const std::string&)>& say) {
  std::vector<StoredFilm> stored(films.size());
  std::atomic<std::size_t> next{0};
  std::mutex guard;
  std::optional<Error> fault;
  const std::unique_ptr<FileSystem> files = make_file_system();
  const auto work = [&] {
    for (std::size_t i; (i = next.fetch_add(1)) < films.size();) {
      Result<StoredFilm> one = load_film(*files, films[i], config.sources[films[i].source].proportions_lost, config.side);
      if (one) {
        stored[i] = std::move(*one);
        continue;
      }
      const std::lock_guard lock(guard);
      if (!fault) fault = make_error(one.error().code, films[i].path + ": " + one.error().external, one.error().internal);
      next = films.size();
    }
  };
  say("decoding " + std::to_string(films.size()) + " films");
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  }
  if (fault) return *fault;
  return stored;
}

}  // namespace osler::train
