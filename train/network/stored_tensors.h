// Trained tensors in the form in which a model directory keeps them (docs/formats/safetensors.md).
#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "neural/safetensors.h"

namespace osler::train {

/// How weights are stored: as they are, in bfloat16, or as int8 with one scale a row. Vectors (biases, normalisation) always stay as they are.
enum class Storage { fp32, bf16, int8 };

/// Tensors with the bytes they own, under the names that are served. Not thread-safe.
class StoredTensors {
 public:
  explicit StoredTensors(Storage storage) : storage_(storage) {}

  /// fp32, of any shape; the first dimension counts the rows.
  void add(const std::string& name, const torch::Tensor& tensor);
  /// The file's bytes.
  std::vector<std::byte> bytes() const;

 private:
  struct Owned {
    neural::TensorType type;
    std::vector<std::size_t> shape;
    std::vector<std::byte> bytes;
  };
  void put(const std::string& name, neural::TensorType type, const std::vector<std::size_t>& shape, std::span<const std::byte> bytes);

  Storage storage_;
  std::map<std::string, Owned> tensors_;
};

/// int8 = round(value / scale), scale = the row's largest magnitude / 127 (1 for a row of zeros).
struct QuantisedRows {
  std::vector<std::int8_t> values;
  std::vector<float> scales;
};
QuantisedRows quantise_rows(std::span<const float> values, std::size_t rows);

}  // namespace osler::train
