// "imaging/heat_map.h" and "imaging/png.h": what is drawn is read back with libpng.
#include "imaging/heat_map.h"

#include <gtest/gtest.h>
#include <png.h>

#include "imaging/png.h"

namespace osler::imaging {
namespace {

struct Picture {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // RGBA
  const std::uint8_t* at(std::size_t x, std::size_t y) const { return pixels.data() + (y * width + x) * 4; }
};

Picture read_back(const Bytes& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
  image.format = PNG_FORMAT_RGBA;
  Picture picture{image.width, image.height, std::vector<std::uint8_t>(std::size_t{image.width} * image.height * 4)};
  EXPECT_TRUE(png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr));
  return picture;
}

TEST(WritePng, EveryByteComesBack) {
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < 5 * 3 * 3; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 37));
  const Picture picture = read_back(write_png(5, 3, 3, pixels));
  ASSERT_EQ(picture.width, 5u);
  ASSERT_EQ(picture.height, 3u);
  for (std::size_t i = 0; i < 15; ++i)
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(picture.pixels[i * 4 + c], pixels[i * 3 + c]);
}

TEST(HeatMap, RedSpeaksForBlueAgainstAndZeroIsTransparent) {
  const ActivationMap map{3, 1, {2, 0, -1}};
  const Picture picture = read_back(draw_heat_map(map, {0, 0, 90, 90}, 90, 90));
  ASSERT_EQ(picture.width, 90u);
  const std::uint8_t* left = picture.at(2, 45);
  EXPECT_GT(left[0], left[2]);
  EXPECT_EQ(left[3], 128);  // the largest: one half
  EXPECT_LE(picture.at(45, 45)[3], 2);
  const std::uint8_t* right = picture.at(88, 45);
  EXPECT_GT(right[2], right[0]);
  EXPECT_EQ(right[3], 64);  // half as large
}

TEST(HeatMap, OnlyTheFilmsPartInItsProportions) {
  // A film twice as wide as high in the middle of the square: what lies above and below it is not drawn.
  const ActivationMap map{2, 4, {9, 9, 1, 1, 1, 1, 9, 9}};
  const Picture picture = read_back(draw_heat_map(map, {0, 56, 224, 112}, 224, 512));
  EXPECT_EQ(picture.width, 512u);
  EXPECT_EQ(picture.height, 256u);
  EXPECT_LE(picture.at(256, 128)[3], 15);                              // the middle holds the small value
  EXPECT_GT(picture.at(256, 1)[3], picture.at(256, 128)[3]);           // rising towards the border
}

TEST(HeatMap, AMapOfNothingIsTransparent) {
  const Picture picture = read_back(draw_heat_map({2, 2, {0, 0, 0, 0}}, {0, 0, 8, 8}, 8, 16));
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) EXPECT_EQ(picture.pixels[i], 0);
}

}  // namespace
}  // namespace osler::imaging
