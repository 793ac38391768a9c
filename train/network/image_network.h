// The networks that are trained on films, on libtorch. Parameters carry the names of the files that src/neural/ reads: MobileNetV2 with batch norm folded
// into its convolutions, as its ImageNet weights come; DenseNet121 as torchvision names it, batch norm and all.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <torch/torch.h>

#include "base/result.h"
#include "train/image/image_config.h"

namespace osler::train {

/// In fp32, contiguous. Buffers are not learned by gradient: the running statistics of batch norm.
struct NamedTensors {
  std::map<std::string, torch::Tensor> parameters, buffers;
};

/// Everything before the head. Not thread-safe.
class Backbone {
 public:
  virtual ~Backbone() = default;
  /// [films][3][side][side], normalised -> [films][width], fp32: the mean over positions of the last feature map. `training`: batch norm by the batch's own
  /// statistics, which also move the running ones.
  virtual torch::Tensor pooled(const torch::Tensor& input, bool training) = 0;
  virtual std::int64_t width() const = 0;
};

/// Add their tensors, drawn at random from torch's seed. The tensors outlive them. `mixed`: convolutions in bfloat16.
std::unique_ptr<Backbone> make_mobilenet_v2(NamedTensors& tensors, bool mixed);
std::unique_ptr<Backbone> make_densenet121(NamedTensors& tensors, bool mixed);

/// How grey 0 (black) to 1 (white) becomes the backbone's input: repeated to three channels, (grey - mean) / deviation.
struct Normalisation {
  std::array<double, 3> mean{}, deviation{};
};
Normalisation normalisation_of(const std::string& architecture);

/// Backbone and head: pooled features -> head.hidden -> ReLU -> dropout -> head.classes. Not thread-safe.
class ImageNetwork {
 public:
  /// Drawn at random from torch's seed.
  ImageNetwork(const ImageNetworkSettings& settings, std::size_t labels);
  ImageNetwork(const ImageNetwork&) = delete;
  ImageNetwork& operator=(const ImageNetwork&) = delete;

  /// Takes every tensor of the backbone from a safetensors file; tensors of a classifier are passed over. The SHA-256 of the file; ErrorCode::corrupted or
  /// not_found, naming file and tensor.
  Result<std::string> load_backbone(const std::string& path);

  /// [films][side][side] grey -> [films][width()].
  torch::Tensor features(const torch::Tensor& grey, bool training);
  /// [films][width()] -> [films][labels].
  torch::Tensor logits(const torch::Tensor& features, bool training) const;

  std::int64_t width() const { return backbone_->width(); }
  NamedTensors& tensors() { return tensors_; }
  const NamedTensors& tensors() const { return tensors_; }
  /// Whether gradients reach the backbone.
  void train_base(bool yes);
  static bool is_head(const std::string& name) { return name.starts_with("head."); }

 private:
  const ImageNetworkSettings settings_;
  NamedTensors tensors_;
  std::unique_ptr<Backbone> backbone_;
  torch::Tensor mean_, deviation_;
};

}  // namespace osler::train
