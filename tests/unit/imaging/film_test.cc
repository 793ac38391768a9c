#include "imaging/film.h"

#include <gtest/gtest.h>

namespace osler::imaging {
namespace {

TEST(FilmTest, DisplayLooksEachValueUp) {
  Film film;
  film.width = 3;
  film.height = 1;
  film.values = {0, 7, 65535};
  film.display.assign(65536, 0);
  film.display[7] = 65535;
  film.display[65535] = 13107;
  const GrayImage image = display(film);  // "imaging/gray_image.h"
  EXPECT_EQ(image.width, 3u);
  EXPECT_EQ(image.pixels, (std::vector<float>{0.0f, 1.0f, 0.2f}));
}

TEST(FilmDeathTest, AnIncompleteTableIsABrokenInvariant) {
  Film film;
  film.width = film.height = 1;
  film.values = {0};
  film.display.assign(256, 0);
  EXPECT_DEATH(display(film), "65536");
}

}  // namespace
}  // namespace osler::imaging
