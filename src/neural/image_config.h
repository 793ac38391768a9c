// What the config.json of an image network says, checked (docs/formats/model_directory.md, kind "image").
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace osler::neural {

/// Huang et al. 2017; Sandler et al. 2018.
enum class ImageArchitecture { densenet121, mobilenet_v2 };

/// What stands around a map where a window hangs over its border: half of the window on each side, as PyTorch does it, or what
/// TensorFlow calls SAME: as much in all as ceil(side / stride) places need, the odd one below and to the right.
enum class ImagePadding { symmetric, tensorflow };

/// A film is [side][side] of grey values from 0, black, to 1. It stands in all three channels of colour, each of which becomes
/// (grey - mean) / deviation. Values of parse_image_config() are within base/limits.h.
struct ImageNetworkConfig {
  ImageArchitecture architecture = ImageArchitecture::mobilenet_v2;
  std::size_t side = 224;
  std::array<float, 3> mean{}, deviation{1, 1, 1};
  ImagePadding padding = ImagePadding::symmetric;  // tensorflow for mobilenet_v2 alone
  std::size_t hidden = 0;                          // 0, and no labels: a backbone alone
  std::vector<std::string> labels;

  bool has_head() const { return hidden > 0; }
};

/// {"architecture": "densenet121" | "mobilenet_v2", "side": 224, "mean": [m, m, m], "deviation": [d, d, d],
///  "padding": "symmetric" | "tensorflow", "hidden": 256, "labels": ["normal", "pneumonia"]}; a mean or deviation may be one number
/// for all channels; without "hidden" and "labels" it is a backbone alone. Other keys are left alone.
/// ErrorCode::corrupted, naming the key and what would be right, for a missing, mistyped or impossible value. Thread-safe.
Result<ImageNetworkConfig> parse_image_config(const Json& json);

}  // namespace osler::neural
