#include "service/film_answer.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "imaging/png.h"
#include "imaging/resample.h"

namespace osler::service {

namespace {

constexpr std::size_t kHeatMapSide = 512, kFilmSide = 1536;

/// Whoever waits for a second pair of eyes comes first; who is called normal with one class in the set can wait for the ordinary round.
const char* review_urgency(const models::FilmDecision& decision) {
  return decision.diagnosis == models::FilmDiagnosis::normal ? "routine" : "priority";
}

Json described(const imaging::Film& film) {
  const imaging::FilmAttributes& attributes = film.attributes;
  Json json;
  json["source"] = film.source == imaging::FilmSource::dicom ? "dicom" : film.source == imaging::FilmSource::png ? "png" : "jpeg";
  json["width"] = film.width;
  json["height"] = film.height;
  json["pixel_aspect"] = film.pixel_aspect;
  for (const auto& [name, value] : {std::pair{"modality", &attributes.modality}, {"view", &attributes.view_position}, {"photometric", &attributes.photometric},
                                    {"transfer_syntax", &attributes.transfer_syntax}})
    if (!value->empty()) json[name] = *value;
  return json;
}

/// Modality values in 16 bits as red * 256 + green, since a browser reads no more than 8 bits of a channel; pixels made square.
Json film_picture(const imaging::Film& film) {
  imaging::GrayImage values{film.width, film.height, std::vector<float>(film.values.begin(), film.values.end())};
  const auto longer = static_cast<double>(std::max(film.width, film.height)) * std::max(1.0, film.pixel_aspect);
  const imaging::Placement size = imaging::place_in_square(film.width, film.height, film.pixel_aspect, std::min(kFilmSide, static_cast<std::size_t>(std::lround(longer))));
  const imaging::GrayImage small = imaging::resample_by_area(values, size.width, size.height);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(small.pixels.size() * 3);
  for (const float pixel : small.pixels) {
    const auto value = static_cast<unsigned>(std::clamp(std::lround(pixel), 0L, 65535L));
    pixels.insert(pixels.end(), {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value & 255), 0});
  }
  Json json;
  json["png"] = to_base64(imaging::write_png(small.width, small.height, 3, pixels));
  json["encoding"] = "value = red * 256 + green";
  json["width"] = small.width;
  json["height"] = small.height;
  json["value_intercept"] = film.value_intercept;
  json["value_slope"] = film.value_slope;
  json["window_centre"] = film.window_centre;
  json["window_width"] = film.window_width;
  json["inverted"] = film.inverted;
  return json;
}

Json heat_map_picture(const FilmReading& reading) {
  float largest = 0;
  for (const float value : reading.activation.values) largest = std::max(largest, std::abs(value));
  Json json;
  json["png"] = to_base64(imaging::draw_heat_map(reading.activation, reading.placement, reading.side, kHeatMapSide));
  json["towards"] = "pneumonia";
  json["largest"] = largest;
  json["note"] = "Red speaks for pneumonia, blue against it. Each place's share of the log-odds by the network's last feature map, some " +
                 std::to_string(reading.activation.width) + " by " + std::to_string(reading.activation.height) + " places in a square: where it looked, not an outline of disease.";
  return json;
}

}  // namespace

Json film_answer(const imaging::Film& film, const FilmReading& reading) {
  const models::FilmDecision& decision = reading.decision;
  Json json;
  json["diagnosis"] = models::name_of(decision.diagnosis);
  json["confidence"] = decision.confidence;
  json["all_probabilities"] = {1 - reading.pneumonia, reading.pneumonia};
  json["labels"] = Json::array();
  for (const models::FilmLabel label : models::kFilmLabels) json["labels"].push_back(models::name_of(label));
  json["error_rate"] = reading.error_rate;
  json["prediction_set"] = Json::array();
  for (const models::FilmLabel label : decision.prediction_set) json["prediction_set"].push_back(models::name_of(label));
  json["reason"] = decision.reason;
  json["grounds"] = Json::array();
  for (const models::FurtherEvaluation ground : decision.grounds) json["grounds"].push_back(models::name_of(ground));
  json["review_urgency"] = review_urgency(decision);
  json["outlier_share"] = reading.outlier_share;
  json["quality"] = Json::array();
  for (const imaging::QualityFinding& finding : reading.quality) json["quality"].push_back({{"code", finding.code}, {"text", finding.text}});
  json["film"] = described(film);
  json["warnings"] = film.warnings;
  for (const std::string& warning : decision.warnings) json["warnings"].push_back(warning);
  json["disclaimer"] = "Decision support for health professionals. Every film is read by one of them; this answer is no report.";
  return json;
}

Json film_pictures(const imaging::Film& film, const FilmReading& reading, const FilmOptions& options) {
  Json json = Json::object();
  if (options.heat_map) json["heatmap"] = heat_map_picture(reading);
  if (options.film) json["film_picture"] = film_picture(film);
  return json;
}

}  // namespace osler::service
