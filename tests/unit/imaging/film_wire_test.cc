// What passes between the processes: the same after writing and reading; anything else is refused ("imaging/film.h", docs/formats/film.md).
#include "imaging/film_wire.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

#include "../random_seed.h"

namespace osler::imaging {
namespace {

Film small_film() {
  Film film;
  film.width = 3;
  film.height = 2;
  film.values = {0, 1, 2, 3, 400, 65535};
  film.display.resize(65536);
  for (std::size_t i = 0; i < film.display.size(); ++i) film.display[i] = static_cast<std::uint16_t>(65535 - i);
  film.value_intercept = -1024;
  film.value_slope = 0.5;
  film.window_centre = 40;
  film.window_width = 400;
  film.inverted = true;
  film.pixel_aspect = 1.25;
  film.attributes = {"DX", "CHEST", "PA", "MONOCHROME1", "1.2.840.10008.1.2.1", "1.2.840.10008.5.1.4.1.1.1.1", "Maker", "Model", "FOR PRESENTATION", "F", 4.5, 3, true};
  film.warnings = {"One.", "Two."};
  return film;
}

Bytes message_of(const Result<Film>& outcome) {
  Bytes message;
  EXPECT_TRUE(write_film(outcome, [&](ByteView piece) {
    message.insert(message.end(), piece.begin(), piece.end());
    return true;
  }));
  return message;
}

ErrorCode code_of(ByteView message) {
  const Result<Film> film = read_film(message);
  return film ? ErrorCode::internal : film.error().code;
}

/// A film of which one thing is not as an honest decoder makes it.
ErrorCode code_with(const std::function<void(Film&)>& change) {
  Film film = small_film();
  change(film);
  return code_of(message_of(film));
}

TEST(FilmWireTest, AFilmComesBackAsItWas) {
  const Film film = small_film(), again = read_film(message_of(film)).value();
  EXPECT_EQ(again.source, film.source);
  EXPECT_EQ(again.width, film.width);
  EXPECT_EQ(again.height, film.height);
  EXPECT_EQ(again.values, film.values);
  EXPECT_EQ(again.display, film.display);
  EXPECT_EQ(again.value_intercept, film.value_intercept);
  EXPECT_EQ(again.value_slope, film.value_slope);
  EXPECT_EQ(again.window_centre, film.window_centre);
  EXPECT_EQ(again.window_width, film.window_width);
  EXPECT_EQ(again.inverted, film.inverted);
  EXPECT_EQ(again.pixel_aspect, film.pixel_aspect);
  EXPECT_EQ(again.warnings, film.warnings);
  EXPECT_EQ(again.attributes.modality, "DX");
  EXPECT_EQ(again.attributes.presentation_intent, "FOR PRESENTATION");
  EXPECT_EQ(again.attributes.sex, "F");
  EXPECT_EQ(again.attributes.age_years, 4.5);
  EXPECT_EQ(again.attributes.frames, 3u);
  EXPECT_TRUE(again.attributes.burned_in_annotation);
}

TEST(FilmWireTest, ARefusalComesBackAsItWas) {
  for (const ErrorCode code : {ErrorCode::malformed, ErrorCode::invalid, ErrorCode::too_large, ErrorCode::unsupported_media}) {
    const Error error = read_film(message_of(make_error(code, "No.", "why"))).error();
    EXPECT_EQ(error.code, code);
    EXPECT_EQ(error.external, "No.");
    EXPECT_EQ(error.internal, "why");
  }
}

TEST(FilmWireTest, TextsAreCutAndPlain) {
  Film film = small_film();
  film.warnings.assign(limits::kMaxFilmWarnings + 5, std::string(limits::kMaxFilmMessageCharacters + 5, 'x'));
  film.attributes.model = std::string(limits::kMaxFilmTextCharacters, 'm') + "cut";
  film.attributes.manufacturer = "a\nb\x80";
  const Film again = read_film(message_of(film)).value();
  EXPECT_EQ(again.warnings.size(), limits::kMaxFilmWarnings);
  EXPECT_EQ(again.warnings[0].size(), limits::kMaxFilmMessageCharacters);
  EXPECT_EQ(again.attributes.model, std::string(limits::kMaxFilmTextCharacters, 'm'));
  EXPECT_EQ(again.attributes.manufacturer, "a?b?");
}

TEST(FilmWireTest, WhatNoHonestDecoderWritesIsRefused) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(code_with([](Film&) {}), ErrorCode::internal);  // read
  EXPECT_EQ(code_with([](Film& film) { film.value_slope = 0; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.value_intercept = kNan; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.window_width = -1; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.window_centre = std::numeric_limits<double>::infinity(); }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.pixel_aspect = limits::kMaxPixelAspect * 1.01; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.pixel_aspect = 0.99 / limits::kMaxPixelAspect; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.attributes.sex = "X"; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.attributes.age_years = 151; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.attributes.age_years = -1; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.attributes.frames = 0; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.attributes.frames = limits::kMaxFrames + 1; }), ErrorCode::corrupted);
  EXPECT_EQ(code_with([](Film& film) { film.source = static_cast<FilmSource>(3); }), ErrorCode::corrupted);
  EXPECT_EQ(code_of(message_of(make_error(ErrorCode::invalid, ""))), ErrorCode::corrupted);  // a refusal without a word
}

TEST(FilmWireTest, SizesAreBounded) {  // width and height lie behind head, kind, source and flags
  const Bytes good = message_of(small_film());
  const auto with_size = [&](std::uint32_t width, std::uint32_t height) {
    Bytes message = good;
    std::memcpy(message.data() + kFilmMessageHeadBytes + 3, &width, 4);
    std::memcpy(message.data() + kFilmMessageHeadBytes + 7, &height, 4);
    return code_of(message);
  };
  EXPECT_EQ(with_size(3, 2), ErrorCode::internal);  // read
  EXPECT_EQ(with_size(2, 3), ErrorCode::internal);
  EXPECT_EQ(with_size(0, 2), ErrorCode::corrupted);
  EXPECT_EQ(with_size(3, 3), ErrorCode::corrupted);
  EXPECT_EQ(with_size(limits::kMaxFilmSide + 1, 1), ErrorCode::corrupted);
  EXPECT_EQ(with_size(0xffffffff, 0xffffffff), ErrorCode::corrupted);
}

TEST(FilmWireTest, EveryLengthButTheRightOneIsRefused) {
  const Bytes film = message_of(small_film()), refusal = message_of(make_error(ErrorCode::invalid, "No."));
  for (std::size_t length = 0; length < refusal.size(); ++length) EXPECT_EQ(code_of(ByteView(refusal).first(length)), ErrorCode::corrupted);
  for (std::size_t length = 0; length < film.size(); length += 97) EXPECT_EQ(code_of(ByteView(film).first(length)), ErrorCode::corrupted);
  for (Bytes longer : {film, refusal}) {
    longer.push_back(0);
    EXPECT_EQ(code_of(longer), ErrorCode::corrupted);
    longer[8] += 1;  // its length says so
    EXPECT_EQ(code_of(longer), ErrorCode::corrupted);
  }
}

TEST(FilmWireTest, LengthsAreBounded) {
  Bytes head = message_of(small_film());
  head.resize(kFilmMessageHeadBytes);
  EXPECT_EQ(message_length(head), kFilmMessageHeadBytes + (message_of(small_film()).size() - kFilmMessageHeadBytes));
  const std::uint32_t too_long = kMaxFilmMessageBytes;
  std::memcpy(head.data() + 8, &too_long, 4);
  EXPECT_FALSE(message_length(head));
  EXPECT_FALSE(message_length(ByteView(head).first(11)));
  head[0] = 'X';
  EXPECT_FALSE(message_length(head));
}

TEST(FilmWireTest, ChangedBytesNeverBreakTheReader) {
  std::mt19937 random(fresh_seed());
  const Bytes good = message_of(small_film());
  for (int i = 0; i < 2000; ++i) {
    Bytes message = good;
    for (int k = 0; k < 3; ++k) message[random() % 400] = static_cast<std::uint8_t>(random());
    const Result<Film> film = read_film(message);
    if (film) { EXPECT_EQ(film->values.size(), film->width * film->height); }
  }
}

TEST(FilmWireTest, WritingStopsWhenNobodyListens) {
  int calls = 0;
  EXPECT_FALSE(write_film(small_film(), [&](ByteView) { return ++calls < 2; }));
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace osler::imaging
