// A run on films small enough for a test: bright squares and dark ones, 64 pixels a side, MobileNetV2 from scratch.
#pragma once

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "imaging/png.h"
#include "train/network/run_image.h"

namespace osler::train {

inline void write_film(const std::string& path, std::uint8_t middle, Random& random) {
  constexpr std::size_t kSide = 40;
  std::vector<std::uint8_t> pixels(kSide * kSide * 3);
  for (std::size_t i = 0; i < kSide * kSide; ++i) {
    const std::size_t x = i % kSide, y = i / kSide;
    const bool inside = x > 12 && x < 28 && y > 12 && y < 28;
    const auto grey = static_cast<std::uint8_t>((inside ? middle : 60) + random.below(30));
    std::fill_n(pixels.begin() + static_cast<std::ptrdiff_t>(i * 3), 3, grey);
  }
  const Bytes png = imaging::write_png(kSide, kSide, 3, pixels);
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
}

/// Twelve patients of each label with one film each, in a fresh folder called `name` under the test's temporary one; one trained phase of two epochs.
inline ImageTrainingConfig tiny_films(const std::string& name) {
  at::set_num_threads(1);
  const std::string folder = testing::TempDir() + "/osler_films_" + name;
  std::filesystem::remove_all(folder);
  Random random(4);
  for (const auto& [label, middle] : {std::pair{"normal", 20}, {"pneumonia", 200}}) {
    std::filesystem::create_directories(folder + "/films/" + label);
    for (int i = 0; i < 12; ++i) write_film(folder + "/films/" + label + "/" + label + std::to_string(i) + ".png", static_cast<std::uint8_t>(middle), random);
  }
  ImageTrainingConfig config;
  config.text = "{\"network\": {}}";
  config.name = "tiny";
  config.version = "1";
  config.work_folder = folder + "/work";
  config.seed = 5;
  config.labels = {"normal", "pneumonia"};
  config.side = 64;
  FilmSourceSettings source;
  source.name = "tiny";
  source.kind = "folder";
  source.path = folder + "/films";
  source.labels = {{"normal", "normal"}, {"pneumonia", "pneumonia"}};
  source.proportions_lost = true;
  config.sources = {source};
  config.split = {0.5, 0.25, 0.25, 1};
  config.network = {"mobilenet_v2", "", 16, 0.2, false};
  ImagePhase phase;
  phase.name = "fine-tuning";
  phase.epochs = 2;
  phase.batch = 4;
  phase.base_rate = 1;
  config.phases = {phase};
  return config;
}

/// Ready to train; fails the test when it cannot be made.
inline std::unique_ptr<ImageRun> tiny_image_run(const ImageTrainingConfig& config) {
  const auto quiet = [](const std::string&) {};
  auto run = ImageRun::prepare(config, quiet);
  EXPECT_TRUE(run.has_value()) << (run ? "" : describe(run.error()));
  if (!run) return nullptr;
  const auto loaded = (*run)->load(quiet);
  EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : describe(loaded.error()));
  return std::move(*run);
}

}  // namespace osler::train
