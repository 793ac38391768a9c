#include "service/film_reader.h"

#include <gtest/gtest.h>

#include <thread>

#include "film_world.h"

namespace osler::service {
namespace {

TEST(FilmReader, TheActivationAndItsConstantMakeTheLogOdds) {
  FilmWorld world;
  const FilmReader& reader = world.reader();
  const imaging::Film film = made_film(world.random);
  const auto reading = reader.read(film, 4.0);
  ASSERT_TRUE(reading) << describe(reading.error());
  const imaging::GrayImage square = imaging::fit_into_square(imaging::display(film), 1, 224);
  neural::ImageWorkspace workspace = world.model->network().make_workspace();
  const neural::ImageOutput output = world.model->network().run(square.pixels, workspace);
  EXPECT_DOUBLE_EQ(reading->pneumonia, models::film_probability(world.model->log_odds(output.logits), world.model->calibration()));
  double sum = 0;
  for (const float value : reading->activation.values) sum += value;
  const double constant = world.model->network().class_activation(output, 1).constant - world.model->network().class_activation(output, 0).constant;
  EXPECT_NEAR(sum / static_cast<double>(reading->activation.values.size()) + constant, world.model->log_odds(output.logits), 1e-3);
}

TEST(FilmReader, AFilmOutsideTheTrainingFilmsIsToBeLookedAtAgain) {
  FilmWorld world;
  world.tiny.calibration.outlier_threshold = 1e-6;
  const auto reading = world.reader().read(made_film(world.random), 4.0);
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->decision.diagnosis, models::FilmDiagnosis::requires_further_evaluation);
  EXPECT_GT(reading->outlier_share, 1);
}

bool has_ground(const FilmReading& reading, models::FurtherEvaluation ground) {
  return std::find(reading.decision.grounds.begin(), reading.decision.grounds.end(), ground) != reading.decision.grounds.end();
}

TEST(FilmReader, AFilmWithLungsBrighterThanTheHeartIsInverted) {
  FilmWorld world;
  const FilmReader& reader = world.reader();
  imaging::Film film = made_film(world.random);
  for (std::size_t y = 0; y < film.height; ++y)
    for (std::size_t x = 0; x < film.width; ++x) film.values[y * film.width + x] = x > 100 && x < 156 ? 50'000 : static_cast<std::uint16_t>(10'000 + 3 * x + 7 * y);
  EXPECT_FALSE(has_ground(*reader.read(film, 4.0), models::FurtherEvaluation::inverted));
  std::reverse(film.display.begin(), film.display.end());
  const auto reading = reader.read(film, 4.0);
  EXPECT_TRUE(has_ground(*reading, models::FurtherEvaluation::inverted));
  EXPECT_EQ(reading->decision.diagnosis, models::FilmDiagnosis::requires_further_evaluation);
}

TEST(FilmReader, AFilmThatIsMoreFamiliarTurnedOverIsUpsideDown) {
  FilmWorld world;
  const imaging::Film film = made_film(world.random);
  imaging::Film turned = film;
  for (std::size_t y = 0; y < film.height; ++y)
    std::copy_n(film.values.begin() + static_cast<std::ptrdiff_t>((film.height - 1 - y) * film.width), film.width, turned.values.begin() + static_cast<std::ptrdiff_t>(y * film.width));
  // An outlier model around the features of the film the right way round.
  {
    FilmWorld same;
    same.reader();
    neural::ImageWorkspace workspace = same.model->network().make_workspace();
    const auto features = same.model->network().run(imaging::fit_into_square(imaging::display(film), 1, 224).pixels, workspace).features;
    world.tiny.outlier.mean.assign(features.begin(), features.end());
  }
  const FilmReader& reader = world.reader();
  EXPECT_FALSE(has_ground(*reader.read(film, 4.0), models::FurtherEvaluation::upside_down));
  EXPECT_TRUE(has_ground(*reader.read(turned, 4.0), models::FurtherEvaluation::upside_down));
}

TEST(FilmReader, WhatIsNoChestFilmIsRefusedBeforeTheNetworkSeesIt) {
  FilmWorld world;
  const FilmReader& reader = world.reader();
  imaging::Film film = made_film(world.random);
  film.attributes.body_part = "HAND";
  EXPECT_EQ(reader.read(film, 4.0).error().code, ErrorCode::invalid);
  imaging::Film blank = made_film(world.random);
  std::fill(blank.values.begin(), blank.values.end(), std::uint16_t{9});
  EXPECT_EQ(reader.read(blank, 4.0).error().code, ErrorCode::invalid);
}

TEST(FilmReader, ThreadsGetTheSameBits) {
  FilmWorld world;
  const FilmReader& reader = world.reader();
  const imaging::Film film = made_film(world.random);
  const double alone = reader.read(film, 4.0)->pneumonia;
  std::vector<double> together(4);
  std::vector<std::thread> threads;
  for (double& result : together) threads.emplace_back([&] { result = reader.read(film, 4.0)->pneumonia; });
  for (std::thread& thread : threads) thread.join();
  for (const double result : together) EXPECT_EQ(result, alone);
}

}  // namespace
}  // namespace osler::service
