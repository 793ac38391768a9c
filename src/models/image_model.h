// An image model on disk: a network for films, its calibration, and what films it knows. docs/formats/model_directory.md, kind "image".
#pragma once

#include <memory>
#include <string>

#include "models/film_calibration.h"
#include "models/model_directory.h"
#include "models/outlier.h"
#include "neural/image_network.h"

namespace osler::models {

/// Immutable after loading, so every thread may use it with a workspace of its own.
class ImageModel {
 public:
  /// Reads manifest.json with its hashes, config.json and model.safetensors; calibration.json and outlier.safetensors go together and may both be
  /// missing: then the model may not answer (is_calibrated()). Without a precision, DenseNet121 gets bf16 where that is fast, MobileNetV2 fp32: it is
  /// small, and its logits lose more than its time gains (docs/adr/0017-image-networks.md). ErrorCode::corrupted or not_found, naming file and reason; configuration where this
  /// processor has no code for the precision.
  static Result<std::unique_ptr<ImageModel>> load(FileSystem& files, const std::string& folder, std::optional<neural::Precision> precision);

  /// "osler-cxr-1" and the precision: "osler-cxr-1.bf16".
  const std::string& version() const { return version_; }
  const std::string& folder() const { return folder_; }
  const ModelManifest& manifest() const { return manifest_; }
  const neural::ImageNetwork& network() const { return *network_; }
  /// Pneumonia's logit less normal's.
  double log_odds(std::span<const float> logits) const { return static_cast<double>(logits[1]) - static_cast<double>(logits[0]); }

  bool is_calibrated() const { return calibration_.has_value(); }
  /// CHECKs is_calibrated().
  const FilmCalibration& calibration() const;
  const OutlierScorer& outlier() const;

 private:
  ImageModel() = default;

  std::string folder_, version_;
  ModelManifest manifest_;
  std::optional<neural::ImageNetwork> network_;
  std::optional<FilmCalibration> calibration_;
  std::optional<OutlierScorer> outlier_;
};

}  // namespace osler::models
