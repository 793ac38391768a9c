// Convolutions of one square feature map on oneDNN, weights packed once. Maps lie in blocks of channels, [channels / block][side][side]
// [block]: the first channels of a map are then the first bytes of it, so that maps are put one after the other (DenseNet) without a
// copy and without strides. docs/adr/0017-image-networks.md.
#pragma once

#include <span>

#include "base/result.h"
#include "neural/dnnl_compat.h"

namespace osler::neural {

/// Channels that lie side by side in memory: as many as a vector of this processor holds floats, as oneDNN asks for.
std::size_t channels_of_a_block();

enum class MapType { floats, bfloats };

/// A feature map of one film. Channels are rounded up to whole blocks, those beyond being 0; or, `planes`, [channels][side][side].
struct MapShape {
  std::size_t channels = 0, side = 0;
  MapType type = MapType::floats;
  bool planes = false;

  std::size_t bytes() const;
};

/// What becomes of a sum after its bias: nothing, max(0, sum), that and at most 6, or it is added to what the output holds.
enum class Finish { none, relu, relu6, add };

struct ConvolutionShape {
  MapShape input;
  std::size_t outputs = 0;  // channels
  bool depthwise = false;   // outputs are as many as inputs, each of its own input alone
  std::size_t kernel = 1, stride = 1;
  std::size_t before = 0, after = 0;  // zeros above and left, below and right
  Finish finish = Finish::none;
  MapType output_type = MapType::floats;

  MapShape output() const;
};

/// One convolution with its weights. Immutable, so every thread may use it.
class Convolution {
 public:
  /// oneDNN's views of the memory that one thread runs it on; made once, since each costs an allocation.
  struct Handles {
    dnnl::memory input, output, scratch;
  };

  /// `weight` is [outputs][inputs][kernel][kernel], or [outputs][1][kernel][kernel] if depthwise; `bias` is [outputs].
  /// ErrorCode::configuration where oneDNN has no code for these types on this processor.
  static Result<Convolution> create(const dnnl::engine& engine, const ConvolutionShape& shape, std::span<const float> weight, std::span<const float> bias);

  const ConvolutionShape& shape() const { return shape_; }
  /// oneDNN's name of the code.
  const char* implementation() const { return description_.impl_info_str(); }
  std::size_t resident_bytes() const { return weight_.get_desc().get_size() + bias_.get_desc().get_size(); }
  std::size_t scratch_bytes() const { return description_.scratchpad_desc().get_size(); }

  /// Memory as the shape says, and scratch_bytes(), all aligned to 64; it must outlive the handles.
  Handles bind(void* input, void* output, void* scratch) const;
  void run(const Handles& handles, const dnnl::stream& stream) const;

 private:
  ConvolutionShape shape_;
  dnnl::convolution_forward::primitive_desc description_;
  dnnl::convolution_forward convolution_;
  dnnl::memory weight_, bias_;
};

}  // namespace osler::neural
