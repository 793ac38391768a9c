// Image networks with random weights, and films, for tests and benchmarks.
#pragma once

#include "neural/image_network.h"
#include "random_bert.h"

namespace osler::neural {

/// How a file spells a network: DenseNet121 with "norm1" or, as torchvision's first releases, "norm.1"; MobileNetV2 with batch
/// normalisations of their own or folded into convolutions with a bias.
enum class ImageSpelling { usual, old_names, folded };

/// Tensors of config's backbone and, if it has one, head: kernels such that values neither grow nor vanish, normalisations near 1.
RandomTensors random_image_tensors(const ImageNetworkConfig& config, std::mt19937& random, ImageSpelling spelling = ImageSpelling::usual);

/// Three means and deviations of their own, a head of `hidden` units for three labels (0: none).
ImageNetworkConfig random_image_config(ImageArchitecture architecture, std::size_t side, std::size_t hidden);

/// Smooth shapes and noise, from 0 to 1.
std::vector<float> random_film(std::size_t side, std::mt19937& random);

}  // namespace osler::neural
