#include "imaging/film_checks.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace osler::imaging {
namespace {

Film film_of(const std::string& modality, const std::string& part, const std::string& view) {
  Film film;
  film.attributes.modality = modality;
  film.attributes.body_part = part;
  film.attributes.view_position = view;
  return film;
}

std::string codes(const std::vector<QualityFinding>& findings) {
  std::string result;
  for (const QualityFinding& finding : findings) result += finding.code + " ";
  return result;
}

/// A picture of a bright body on a dark ground.
GrayImage body(std::size_t width = 200, std::size_t height = 200) {
  GrayImage image{width, height, std::vector<float>(width * height)};
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      image.pixels[y * width + x] = x > width / 4 && x < width * 3 / 4 ? 0.3f + 0.5f * static_cast<float>(y) / static_cast<float>(height) : 0.02f + 0.1f * static_cast<float>(x) / static_cast<float>(width);
  return image;
}

TEST(CheckAttributes, FrontalChestRadiographsPass) {
  for (const char* modality : {"CR", "DX", "dx", "RG"})
    for (const char* part : {"CHEST", "chest", "PORT CHEST", "THORAX", "LUNG"})
      for (const char* view : {"PA", "AP", "ap"}) {
        const auto findings = check_attributes(film_of(modality, part, view));
        ASSERT_TRUE(findings) << modality << part << view;
        EXPECT_TRUE(findings->empty());
      }
}

TEST(CheckAttributes, WhatTheFileDoesNotSayIsSaid) {
  EXPECT_EQ(codes(*check_attributes(film_of("", "", ""))), "modality_unknown body_part_unknown view_unknown ");
  EXPECT_EQ(codes(*check_attributes(film_of("OT", "CHEST", "PA"))), "modality_unknown ");
  Film film = film_of("DX", "CHEST", "PA");
  film.attributes.burned_in_annotation = true;
  EXPECT_EQ(codes(*check_attributes(film)), "burned_in_annotation ");
  film.attributes.burned_in_annotation = false;
  film.attributes.presentation_intent = "FOR PROCESSING";
  EXPECT_EQ(codes(*check_attributes(film)), "for_processing ");
  film.attributes.presentation_intent = "FOR PRESENTATION";
  EXPECT_EQ(codes(*check_attributes(film)), "");
  Film picture;
  picture.source = FilmSource::png;  // has a warning of its own
  EXPECT_TRUE(check_attributes(picture)->empty());
}

TEST(CheckAttributes, AnythingElseIsRefusedWithTheReason) {
  const auto refusal = [](const Film& film) {
    const auto findings = check_attributes(film);
    return findings ? std::string("passed") : findings.error().external;
  };
  EXPECT_NE(refusal(film_of("CT", "CHEST", "")).find("modality CT"), std::string::npos);
  EXPECT_NE(refusal(film_of("Jane Doe", "CHEST", "PA")).find("another modality"), std::string::npos);
  EXPECT_EQ(refusal(film_of("Jane Doe", "CHEST", "PA")).find("Jane"), std::string::npos);
  EXPECT_NE(refusal(film_of("DX", "HAND", "PA")).find("another part of the body"), std::string::npos);
  for (const char* part : {"CSPINE", "ABDOMEN", "THORAX SPINE", "CHESTABDOMEN", "CHESTABDPELVIS", "NECKCHESTABDPELV"}) EXPECT_NE(refusal(film_of("DX", part, "PA")).find("another part"), std::string::npos) << part;
  for (const char* view : {"LL", "RL", "LATERAL", "LLD"}) EXPECT_NE(refusal(film_of("DX", "CHEST", view)).find("lateral"), std::string::npos) << view;
  for (const char* view : {"RLO", "LPO", "TOWNES"}) EXPECT_NE(refusal(film_of("DX", "CHEST", view)).find("neither an AP nor a PA"), std::string::npos) << view;
}

TEST(CheckPicture, APictureOfABodyPasses) { EXPECT_TRUE(check_picture(body(), 1)->empty()); }

TEST(CheckPicture, BlankAndSmallPicturesAreRefused) {
  GrayImage blank{200, 200, std::vector<float>(40'000, 0.4f)};
  blank.pixels[7] = 1;  // a marker does not make a film of it
  EXPECT_EQ(check_picture(blank, 1).error().code, ErrorCode::invalid);
  EXPECT_NE(check_picture(blank, 1).error().external.find("blank"), std::string::npos);
  EXPECT_TRUE(check_picture(body(limits::kMinFilmSide, limits::kMinFilmSide), 1));
  EXPECT_NE(check_picture(body(limits::kMinFilmSide - 1, 400), 1).error().external.find("127 x 400"), std::string::npos);
}

TEST(CheckPicture, OddProportionsAndHardContrastAreMarked) {
  EXPECT_EQ(codes(*check_picture(body(200, 520), 1)), "odd_proportions ");
  EXPECT_EQ(codes(*check_picture(body(200, 200), 2.6)), "odd_proportions ");
  EXPECT_EQ(codes(*check_picture(body(200, 520), 0.5)), "");
  GrayImage hard = body();
  for (float& pixel : hard.pixels) pixel = pixel > 0.3f ? 1.0f : 0.0f;
  EXPECT_EQ(codes(*check_picture(hard, 1)), "hard_contrast ");
}

TEST(MediastinumContrast, IsTheStripLessTheLungFields) {
  GrayImage image{100, 100, std::vector<float>(10'000, 0.2f)};
  for (std::size_t y = 25; y < 75; ++y) std::fill_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(y * 100 + 44), 12, 0.9f);
  for (std::size_t y = 25; y < 60; ++y) std::fill_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(y * 100 + 18), 18, 0.4f);
  EXPECT_NEAR(mediastinum_contrast(image), 0.9 - (0.4 + 0.2) / 2, 1e-6);
  for (float& pixel : image.pixels) pixel = 1 - pixel;
  EXPECT_NEAR(mediastinum_contrast(image), -0.6, 1e-6);
}

}  // namespace
}  // namespace osler::imaging
