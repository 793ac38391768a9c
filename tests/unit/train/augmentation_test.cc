#include "train/image/augmentation.h"

#include <gtest/gtest.h>

#include "../random_seed.h"
#include "imaging/resample.h"

namespace osler::train {
namespace {

StoredFilm film_of(std::size_t width, std::size_t height, bool proportions_lost, Random& random) {
  StoredFilm film{width, height, std::vector<std::uint8_t>(width * height), proportions_lost};
  for (std::uint8_t& pixel : film.pixels) pixel = static_cast<std::uint8_t>(20 + random.below(200));
  return film;
}

double mean_of(const std::vector<float>& pixels) {
  double sum = 0;
  for (const float pixel : pixels) sum += pixel;
  return sum / static_cast<double>(pixels.size());
}

TEST(AugmentationTest, WithoutAChangeItIsWhatTheServerSees) {
  Random random(fresh_seed());
  const StoredFilm film = film_of(60, 40, false, random);
  imaging::GrayImage image{60, 40, {}};
  for (const std::uint8_t pixel : film.pixels) image.pixels.push_back(static_cast<float>(pixel) / 255);
  const imaging::GrayImage expected = imaging::fit_into_square(image, 1, 48);
  const std::vector<float> seen = seen_by_network(film, {}, 48);
  ASSERT_EQ(seen.size(), expected.pixels.size());
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_NEAR(seen[i], expected.pixels[i], 1e-6);
}

TEST(AugmentationTest, ALostProportionIsGivenBackAndTheRestIsBlack) {
  Random random(fresh_seed());
  const StoredFilm film = film_of(64, 64, true, random);
  Change change;
  change.proportion = 2;
  const std::vector<float> seen = seen_by_network(film, change, 64);
  for (std::size_t y = 0; y < 64; ++y)
    for (std::size_t x = 0; x < 64; ++x) EXPECT_EQ(seen[y * 64 + x] > 0, y >= 16 && y < 48) << x << " " << y;
}

TEST(AugmentationTest, PaddingStaysBlackWhateverHappensToTheGreys) {
  Random random(fresh_seed());
  const StoredFilm film = film_of(64, 32, false, random);
  Change change;
  change.brightness = 0.3;
  change.noise = 0.1;
  change.blur = 0.5;
  const std::vector<float> seen = seen_by_network(film, change, 64);
  for (std::size_t i = 0; i < 64 * 16; ++i) ASSERT_EQ(seen[i], 0.0f);
  EXPECT_GT(mean_of(seen), mean_of(seen_by_network(film, {}, 64)));
}

TEST(AugmentationTest, ATurnMovesWhatItShould) {
  StoredFilm film{5, 5, std::vector<std::uint8_t>(25, 0), false};
  film.pixels[2 * 5 + 4] = 255;  // right of the middle
  Change quarter;
  quarter.radians = 3.14159265358979323846 / 2;
  const std::vector<float> turned = seen_by_network(film, quarter, 5);
  EXPECT_NEAR(turned[4 * 5 + 2], 1, 1e-5);  // below it, as y grows downwards
  Change moved;
  moved.shift_x = -0.2;
  EXPECT_NEAR(seen_by_network(film, moved, 5)[2 * 5 + 3], 1, 1e-5);
  Change larger;
  larger.scale = 2;
  EXPECT_NEAR(mean_of(seen_by_network(film, larger, 5)), 0, 1e-6);  // it left the square
}

TEST(AugmentationTest, ErasingPaintsItsRectangleAlone) {
  StoredFilm film{10, 10, std::vector<std::uint8_t>(100, 255), false};
  Change change;
  change.erased_x = 0.2;
  change.erased_y = 0.1;
  change.erased_width = 0.3;
  change.erased_height = 0.2;
  change.erased_grey = 0.5;
  const std::vector<float> seen = seen_by_network(film, change, 10);
  for (std::size_t y = 0; y < 10; ++y)
    for (std::size_t x = 0; x < 10; ++x) EXPECT_FLOAT_EQ(seen[y * 10 + x], x >= 2 && x < 5 && y >= 1 && y < 3 ? 0.5f : 1.0f);
}

TEST(AugmentationTest, DrawsStayWithinTheSettingsAndRepeat) {
  const unsigned seed = fresh_seed();
  const AugmentationSettings settings;
  const ProportionSettings proportions;
  bool wide = false, erased = false;
  for (std::uint64_t i = 0; i < 500; ++i) {
    Random first(seed, i), second(seed, i);
    const Change change = draw_change(settings, proportions, first), again = draw_change(settings, proportions, second);
    EXPECT_EQ(change.radians, again.radians);
    EXPECT_EQ(change.noise_seed, again.noise_seed);
    EXPECT_LE(std::abs(change.radians), 10 * 3.1416 / 180);
    EXPECT_GE(change.proportion, 1.0 - 1e-12);
    EXPECT_LE(change.proportion, 1.9 + 1e-12);
    EXPECT_GE(change.scale, 1 / 1.1 - 1e-12);
    EXPECT_LE(change.scale, 1.1 + 1e-12);
    EXPECT_LE(change.erased_x + change.erased_width, 1 + 1e-12);
    EXPECT_LE(change.erased_y + change.erased_height, 1 + 1e-12);
    EXPECT_GE(std::min(change.erased_x, change.erased_y), 0);
    wide = wide || change.proportion > 1.6;
    erased = erased || change.erased_width > 0;
  }
  EXPECT_TRUE(wide && erased);
}

TEST(AugmentationTest, FilmsAreStoredNoLargerThanTheyAreSeen) {
  imaging::GrayImage image{100, 50, std::vector<float>(5000, 0.5f)};
  const StoredFilm kept = store_film(image, 1, false, 32);
  EXPECT_EQ(kept.width, 32u);
  EXPECT_EQ(kept.height, 16u);
  EXPECT_EQ(kept.pixels[0], 128);
  const StoredFilm tall = store_film(image, 4, false, 32);  // pixels four times as high as wide
  EXPECT_EQ(tall.width, 16u);
  EXPECT_EQ(tall.height, 32u);
  const StoredFilm lost = store_film(image, 1, true, 64);
  EXPECT_EQ(lost.width, 64u);
  EXPECT_EQ(lost.height, 50u);
}

}  // namespace
}  // namespace osler::train
