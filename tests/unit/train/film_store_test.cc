#include "train/image/film_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "imaging/png.h"

namespace osler::train {
namespace {

TEST(FilmStoreTest, DecodesOnceAndNamesTheFileThatIsDamaged) {
  const std::string folder = testing::TempDir() + "/osler_film_store";
  std::filesystem::create_directories(folder);
  std::vector<std::uint8_t> pixels(30 * 20 * 3, 0);
  for (std::size_t i = 0; i < 30 * 10 * 3; ++i) pixels[i] = 200;  // the upper half
  const Bytes png = imaging::write_png(30, 20, 3, pixels);
  std::ofstream(folder + "/good.png", std::ios::binary).write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
  std::ofstream(folder + "/bad.png", std::ios::binary).write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size() / 2));
  ImageTrainingConfig config;
  config.side = 15;
  config.sources.resize(2);
  config.sources[1].proportions_lost = true;
  std::vector<FilmRecord> films(2);
  for (FilmRecord& film : films) film.path = folder + "/good.png";
  films[1].source = 1;
  const auto stored = load_films(config, films, [](const std::string&) {});
  ASSERT_TRUE(stored) << describe(stored.error());
  EXPECT_EQ((*stored)[0].width, 15u);
  EXPECT_EQ((*stored)[0].height, 10u);
  EXPECT_EQ((*stored)[0].pixels.front(), 200);
  EXPECT_EQ((*stored)[0].pixels.back(), 0);
  EXPECT_EQ((*stored)[1].height, 15u);
  films[1].path = folder + "/bad.png";
  const auto refused = load_films(config, films, [](const std::string&) {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().external.starts_with(folder + "/bad.png: ")) << refused.error().external;
  films[1].path = folder + "/none.png";
  EXPECT_FALSE(load_films(config, films, [](const std::string&) {}));
}

}  // namespace
}  // namespace osler::train
