#include "imaging/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "../random_seed.h"

namespace osler::imaging {
namespace {

TEST(ResampleTest, HalfTheSizeIsTheMeanOfFour) {
  const GrayImage half = resample_by_area({4, 2, {0, 1, 2, 3, 4, 5, 6, 7}}, 2, 1);
  EXPECT_EQ(half.pixels, (std::vector<float>{2.5f, 4.5f}));
}

TEST(ResampleTest, PartsOfPixelsCountByTheirArea) {  // three to two: 1 and half of 2, half of 2 and 3
  const GrayImage two = resample_by_area({3, 1, {3, 6, 9}}, 2, 1);
  EXPECT_NEAR(two.pixels[0], 4, 1e-6);
  EXPECT_NEAR(two.pixels[1], 8, 1e-6);
}

TEST(ResampleTest, LargerInventsNothing) {
  EXPECT_EQ(resample_by_area({2, 1, {1, 5}}, 4, 2).pixels, (std::vector<float>{1, 1, 5, 5, 1, 1, 5, 5}));
}

TEST(ResampleTest, TheMeanStaysWhateverTheSizes) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 50; ++i) {
    GrayImage image{1 + random() % 40, 1 + random() % 40, {}};
    for (std::size_t k = 0; k < image.width * image.height; ++k) image.pixels.push_back(static_cast<float>(random() % 1000) / 1000.0f);
    const GrayImage other = resample_by_area(image, 1 + random() % 60, 1 + random() % 60);
    const auto mean = [](const GrayImage& of) { return std::accumulate(of.pixels.begin(), of.pixels.end(), 0.0) / static_cast<double>(of.pixels.size()); };
    EXPECT_NEAR(mean(image), mean(other), 1e-4);
  }
}

TEST(ResampleTest, PlacementKeepsProportions) {
  const Placement wide = place_in_square(200, 100, 1, 50);
  EXPECT_EQ(wide.width, 50u);
  EXPECT_EQ(wide.height, 25u);
  EXPECT_EQ(wide.left, 0u);
  EXPECT_EQ(wide.top, 12u);
  const Placement tall_pixels = place_in_square(200, 100, 2, 50);  // pixels twice as high as wide
  EXPECT_EQ(tall_pixels.width, 50u);
  EXPECT_EQ(tall_pixels.height, 50u);
  EXPECT_EQ(place_in_square(10000, 1, 1, 50).height, 1u);
}

TEST(ResampleTest, TheSquareIsBlackAroundTheFilm) {
  const GrayImage square = fit_into_square({2, 1, {1, 1}}, 1, 4);
  EXPECT_EQ(square.pixels, (std::vector<float>{0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace osler::imaging
