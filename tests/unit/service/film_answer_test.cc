#include "service/film_answer.h"

#include <gtest/gtest.h>
#include <png.h>

#include "film_world.h"

namespace osler::service {
namespace {

FilmReading pneumonia_reading() {
  FilmReading reading;
  reading.pneumonia = 0.93;
  reading.error_rate = 0.05;
  reading.outlier_share = 0.4;
  reading.decision = {models::FilmDiagnosis::pneumonia, 0.93, {models::FilmLabel::pneumonia}, {}, "One class fits.", {"The age is not known."}};
  reading.quality = {{"view_unknown", "The file does not say from where the film was taken."}};
  reading.activation = {2, 2, {1, -2, 0, 0.5f}};
  reading.placement = {0, 0, 224, 224};
  reading.side = 224;
  return reading;
}

Bytes from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Bytes bytes;
  unsigned held = 0, bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    held = held << 6 | static_cast<unsigned>(digits.find(c));
    if ((bits += 6) >= 8) bytes.push_back(static_cast<std::uint8_t>(held >> (bits -= 8)));
  }
  return bytes;
}

TEST(FilmAnswer, SaysWhatTheRequirementsName) {
  std::mt19937 random(1);
  imaging::Film film = made_film(random);
  film.warnings = {"A warning of the file."};
  const Json json = film_answer(film, pneumonia_reading());
  EXPECT_EQ(json["diagnosis"], "pneumonia");
  EXPECT_EQ(json["confidence"], 0.93);
  EXPECT_NEAR(json["all_probabilities"][0].get<double>() + json["all_probabilities"][1].get<double>(), 1, 1e-12);
  EXPECT_EQ(json["all_probabilities"][1], 0.93);
  EXPECT_EQ(json["labels"], Json({"normal", "pneumonia"}));
  EXPECT_EQ(json["prediction_set"], Json({"pneumonia"}));
  EXPECT_EQ(json["error_rate"], 0.05);
  EXPECT_EQ(json["review_urgency"], "priority");
  EXPECT_EQ(json["quality"][0]["code"], "view_unknown");
  EXPECT_EQ(json["film"]["modality"], "DX");
  EXPECT_EQ(json["warnings"], Json({"A warning of the file.", "The age is not known."}));
  EXPECT_FALSE(json["film"].contains("sex"));
}

TEST(FilmAnswer, LookingAgainHasItsReasonAndItsPriority) {
  std::mt19937 random(1);
  FilmReading reading = pneumonia_reading();
  reading.decision = {models::FilmDiagnosis::requires_further_evaluation, 0.93, {}, {models::FurtherEvaluation::none_fits}, "Neither class fits.", {}};
  const Json json = film_answer(made_film(random), reading);
  EXPECT_EQ(json["diagnosis"], "requires_further_evaluation");
  EXPECT_EQ(json["reason"], "Neither class fits.");
  EXPECT_EQ(json["grounds"], Json({"none_fits"}));
  EXPECT_EQ(json["review_urgency"], "priority");
  reading.decision.diagnosis = models::FilmDiagnosis::normal;
  EXPECT_EQ(film_answer(made_film(random), reading)["review_urgency"], "routine");
}

TEST(FilmAnswer, PicturesOnlyWhereAskedFor) {
  std::mt19937 random(1);
  const imaging::Film film = made_film(random);
  EXPECT_TRUE(film_pictures(film, pneumonia_reading(), {}).empty());
  const Json both = film_pictures(film, pneumonia_reading(), {.frame = {}, .heat_map = true, .film = true});
  EXPECT_EQ(both["heatmap"]["towards"], "pneumonia");
  EXPECT_EQ(both["heatmap"]["largest"], 2.0);
  EXPECT_EQ(both["film_picture"]["width"], 256);
}

TEST(FilmAnswer, TheFilmsValuesSurviveThePicture) {
  std::mt19937 random(1);
  const imaging::Film film = made_film(random);
  const Json picture = film_pictures(film, pneumonia_reading(), {.frame = {}, .heat_map = false, .film = true})["film_picture"];
  const Bytes bytes = from_base64(picture["png"]);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_TRUE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> pixels(std::size_t{image.width} * image.height * 3);
  ASSERT_TRUE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr));
  ASSERT_EQ(pixels.size(), film.values.size() * 3);
  for (std::size_t i = 0; i < film.values.size(); ++i) ASSERT_EQ(pixels[i * 3] * 256 + pixels[i * 3 + 1], film.values[i]) << i;
}

TEST(FilmAnswer, LargeFilmsAreShownSmallerWithSquarePixels) {
  imaging::Film film;
  film.width = 2000;
  film.height = 1000;
  film.pixel_aspect = 2;  // seen, it is a square
  film.values.assign(film.width * film.height, 1000);
  film.display.resize(65536);
  const Json picture = film_pictures(film, pneumonia_reading(), {.frame = {}, .heat_map = false, .film = true})["film_picture"];
  EXPECT_EQ(picture["width"], 1536);
  EXPECT_EQ(picture["height"], 1536);
}

}  // namespace
}  // namespace osler::service
