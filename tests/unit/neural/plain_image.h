// DenseNet121 and MobileNetV2 as the papers write them, in doubles, step by step: what ImageNetwork is held against.
#pragma once

#include "random_image.h"

namespace osler::neural {

struct PlainMap {
  std::size_t channels = 0, side = 0;
  std::vector<double> values;  // [channels][side][side]
};

struct PlainWindow {
  std::size_t stride = 1, before = 0, after = 0;  // zeros above and left, below and right
};

/// weight is [outputs][map.channels or, depthwise, 1][kernel][kernel]; bias is [outputs], or empty.
PlainMap plain_convolution(const PlainMap& map, const RandomTensor& weight, const std::vector<float>& bias, const PlainWindow& window);
PlainMap plain_max_pool(const PlainMap& map);   // three by three around every second place
PlainMap plain_mean_pool(const PlainMap& map);  // two by two

struct PlainImage {
  std::vector<double> logits, features;
  PlainMap map;
};
/// Tensors of any spelling but the old names.
PlainImage plain_image(const ImageNetworkConfig& config, const RandomTensors& tensors, const std::vector<float>& grey);

}  // namespace osler::neural
