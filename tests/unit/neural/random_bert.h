// BERTs with random weights, in files of their own, for tests and benchmarks.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "neural/bert.h"

namespace osler::neural {

struct RandomTensor {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
using RandomTensors = std::map<std::string, RandomTensor>;

/// Tensors named as Hugging Face names them, without prefix: matrices about 0 with a spread of 1 / sqrt(inputs), layer norms near 1.
RandomTensors random_tensors(const BertConfig& config, std::mt19937& random, bool with_pooler = true);

/// "bert." before each name; LayerNorm.gamma and .beta for .weight and .bias.
RandomTensors with_prefix(const RandomTensors& tensors);
RandomTensors with_old_names(const RandomTensors& tensors);

/// A temporary file of tensors, opened; gone from the disk at once.
SafetensorsFile file_of(const RandomTensors& tensors);
SafetensorsFile file_of_views(const std::map<std::string, TensorView>& views);

std::vector<std::vector<TokenId>> random_sequences(const BertConfig& config, const std::vector<std::size_t>& lengths, std::mt19937& random);

/// The same as spans, for BertEncoder::forward.
std::vector<std::span<const TokenId>> spans_of(const std::vector<std::vector<TokenId>>& sequences);

}  // namespace osler::neural
