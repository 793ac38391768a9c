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

TEST(FilmReader, AFilmWhoseNegativeIsKnownIsToBeLookedAtAgain) {
  FilmWorld world;
  const imaging::Film film = made_film(world.random);
  // An outlier model around the features of the negative alone.
  imaging::GrayImage negative = imaging::fit_into_square(imaging::display(film), 1, 224);
  for (float& pixel : negative.pixels) pixel = 1 - pixel;
  {
    FilmWorld same;
    same.reader();
    neural::ImageWorkspace workspace = same.model->network().make_workspace();
    const auto features = same.model->network().run(negative.pixels, workspace).features;
    world.tiny.outlier.mean.assign(features.begin(), features.end());
  }
  world.tiny.outlier.residual_variance = 1e-9f;
  world.tiny.outlier.variances = {1e-9f};
  world.tiny.calibration.outlier_threshold = 10;
  const auto reading = world.reader().read(film, 4.0);
  ASSERT_TRUE(reading);
  EXPECT_NE(std::find(reading->decision.grounds.begin(), reading->decision.grounds.end(), models::FurtherEvaluation::inverted), reading->decision.grounds.end());
  EXPECT_EQ(reading->decision.diagnosis, models::FilmDiagnosis::requires_further_evaluation);
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
