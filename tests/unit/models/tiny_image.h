// Directories of image models with random weights, for tests.
#pragma once

#include <random>
#include <string>

#include "../neural/random_image.h"
#include "models/film_calibration.h"
#include "models/outlier.h"

namespace osler::models {

/// What stands in a directory of a MobileNetV2 of 224. Change what a test needs, then write_to().
struct TinyImageModel {
  explicit TinyImageModel(std::mt19937& random);

  Json config;
  neural::RandomTensors tensors;
  FilmCalibration calibration;  // every film is in distribution, every age within the range
  OutlierModel outlier;
  bool calibrated = true;

  /// Makes the folder, with a manifest: "osler-cxr" of that version.
  void write_to(const std::string& folder, const std::string& version = "1") const;
};

}  // namespace osler::models
