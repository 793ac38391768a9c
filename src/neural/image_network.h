// DenseNet121 and MobileNetV2 forward passes on oneDNN: a film of grey values to features, logits, and maps of where they come from.
// One film at a time, on the calling thread alone. docs/adr/0017-image-networks.md.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "neural/image_config.h"
#include "neural/precision.h"
#include "neural/safetensors.h"

namespace osler::neural {

/// What one thread needs to run: buffers, made at once and kept. Not thread-safe: one for each thread. For the network that made it.
class ImageWorkspace {
 public:
  ImageWorkspace(ImageWorkspace&&) noexcept;
  ImageWorkspace& operator=(ImageWorkspace&&) noexcept;
  ~ImageWorkspace();

  /// Bytes of its buffers.
  std::size_t resident_bytes() const;

 private:
  friend class ImageNetwork;
  struct Buffers;
  explicit ImageWorkspace(std::unique_ptr<Buffers> buffers);
  std::unique_ptr<Buffers> buffers_;
};

struct ImageOutput {
  std::span<const float> logits;    // [labels], before softmax; empty of a backbone alone
  std::span<const float> features;  // [channels], the mean of each channel of the map
  std::span<const float> map;       // [channels][map_side][map_side], the last feature map, after its ReLU
  std::size_t map_side = 0;         // 7 for a film of 224
};

/// Where a logit comes from: it is the mean of `map` plus `constant`, up to rounding.
struct ClassActivation {
  std::vector<float> map;  // [side][side], row by row from the top left
  std::size_t side = 0;
  float constant = 0;
};

class ImageNetwork {
 public:
  /// Tensors are named as torchvision names them (features.conv0.weight, features.denseblock1.denselayer1.norm1.weight ...;
  /// features.0.0.weight, features.1.conv.0.0.weight ...), stored as SafetensorsFile::floats() reads them; of MobileNetV2 a
  /// convolution with a bias has its batch normalisation folded in already. The head is head.hidden and head.classes, .weight and
  /// .bias each: features, dense, ReLU, dense. Others are left alone. ErrorCode::corrupted, naming file and tensor, for a missing
  /// tensor, a wrong shape, a value that is not finite; ErrorCode::configuration where oneDNN cannot do the precision here, and for
  /// int8, which image networks do not have. `config` is as parse_image_config() checks it, except that a side may be any from 32 on
  /// (CHECKed). In bf16 weights and maps are bfloat16, sums, last map and head floats.
  static Result<ImageNetwork> create(const SafetensorsFile& weights, const ImageNetworkConfig& config, Precision precision);

  ImageNetwork(ImageNetwork&&) noexcept;
  ImageNetwork& operator=(ImageNetwork&&) noexcept;
  ~ImageNetwork();

  const ImageNetworkConfig& config() const;
  Precision precision() const;
  /// 1024 of DenseNet121, 1280 of MobileNetV2.
  std::size_t channels() const;
  /// Bytes of weights in memory.
  std::size_t resident_bytes() const;

  ImageWorkspace make_workspace() const;

  /// `grey` is [side][side], row by row from the top left, 0 black to 1 white (its size is CHECKed). The output lives in the workspace
  /// until its next use. The same film gives the same bits in every thread. Thread-safe with a workspace for each thread.
  ImageOutput run(std::span<const float> grey, ImageWorkspace& workspace) const;

  /// Zhou et al. 2016, exact with a hidden layer too: of one film each hidden unit is either 0 or its sum, so the logit is linear in
  /// the map. `output` is of this network, which has a head, and `label` one of its labels (CHECKed). Thread-safe.
  ClassActivation class_activation(const ImageOutput& output, std::size_t label) const;

 private:
  struct Weights;
  explicit ImageNetwork(std::unique_ptr<const Weights> weights);
  void write_plane(ImageWorkspace::Buffers& buffers, std::size_t plane) const;
  ImageOutput conclude(ImageWorkspace::Buffers& buffers) const;
  std::unique_ptr<const Weights> weights_;
};

}  // namespace osler::neural
