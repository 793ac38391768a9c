#include "imaging/film.h"

#include "base/check.h"

namespace osler::imaging {

GrayImage display(const Film& film) {
  CHECK(film.display.size() == 65536 && film.values.size() == film.width * film.height);
  GrayImage image{film.width, film.height, std::vector<float>(film.values.size())};
  std::vector<float> shown(film.display.size());
  for (std::size_t i = 0; i < shown.size(); ++i) shown[i] = static_cast<float>(film.display[i]) / 65535.0f;
  for (std::size_t i = 0; i < film.values.size(); ++i) image.pixels[i] = shown[film.values[i]];
  return image;
}

}  // namespace osler::imaging
