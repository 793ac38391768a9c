// Films and an image model with random weights, for tests of what is made of them.
#pragma once

#include <random>

#include "../models/tiny_encoder.h"
#include "../models/tiny_image.h"
#include "imaging/png.h"
#include "service/film_reader.h"

namespace osler::service {

/// A film of smooth shapes, as a DX of a chest says it is.
inline imaging::Film made_film(std::mt19937& random, std::size_t side = 256) {
  const std::vector<float> grey = neural::random_film(side, random);
  imaging::Film film;
  film.width = film.height = side;
  for (const float value : grey) film.values.push_back(static_cast<std::uint16_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 65535)));
  film.display.resize(65536);
  for (std::size_t i = 0; i < film.display.size(); ++i) film.display[i] = static_cast<std::uint16_t>(i);
  film.window_centre = 32768;
  film.window_width = 65536;
  film.attributes.modality = "DX";
  film.attributes.body_part = "CHEST";
  film.attributes.view_position = "PA";
  return film;
}

/// The film as a grey PNG: what somebody uploads to try it out.
inline std::string png_of(const imaging::Film& film) {
  std::vector<std::uint8_t> pixels;
  for (const std::uint16_t value : film.values) pixels.insert(pixels.end(), 3, static_cast<std::uint8_t>(value >> 8));
  const Bytes bytes = imaging::write_png(film.width, film.height, 3, pixels);
  return std::string(as_text(bytes));
}

struct FilmWorld {
  explicit FilmWorld(unsigned seed = 3) : random(seed), tiny(random) {}

  /// Of `tiny` as it is now; call once.
  FilmReader& reader() {
    tiny.write_to(folder.at("1"));
    model = models::ImageModel::load(*make_file_system(), folder.at("1"), neural::Precision::fp32).value();
    made = std::make_unique<FilmReader>(*model);
    return *made;
  }

  std::mt19937 random;
  models::TemporaryFolder folder;
  models::TinyImageModel tiny;
  std::unique_ptr<models::ImageModel> model;
  std::unique_ptr<FilmReader> made;
};

}  // namespace osler::service
