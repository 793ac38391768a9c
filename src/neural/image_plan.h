// An image network as a list of steps over a few buffers, made once from its weights and run by every thread on buffers of its own.
// Only image_*.cc and the networks' own files include this.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "neural/convolution.h"
#include "neural/image_config.h"
#include "neural/precision.h"
#include "neural/row_kernels.h"
#include "neural/safetensors.h"

namespace osler::neural {

/// Of a thread's buffers; buffer 0 holds the film.
struct Place {
  std::size_t buffer = 0, offset = 0;  // in bytes, a multiple of 64
};

struct ConvolutionStep {
  Convolution convolution;
  Place from, to;
};

/// A batch normalisation that cannot be folded into a convolution, since others read the same map.
struct ChannelScale {
  std::vector<float> scale, shift;  // [channels]; none: 1 and 0
};

struct ChannelStep {
  void (*RowKernels::*kernel)(const ChannelBlock&) = nullptr;
  MapShape input, output;
  ChannelScale scale;
  Place from, to;
};

struct ImagePlan {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  std::vector<std::variant<ConvolutionStep, ChannelStep>> steps;
  std::vector<std::size_t> buffer_bytes;
  std::size_t scratch_bytes = 0;
  MapShape input;    // one plane of grey - centre, or that and one of ones
  float centre = 0;
  Place last;        // where the last map lies
  MapShape last_shape;
  ChannelScale last_scale;  // then max(0, .), if there is one
};

/// One convolution by its names.
struct Layer {
  std::string name;  // of the tensor "<name>.weight", and "<name>.bias" where the file has one
  std::string norm;  // of the batch normalisation after it, folded into it; empty: none
  std::size_t outputs = 0;
  std::size_t kernel = 1, stride = 1;
  bool depthwise = false;
  Finish finish = Finish::none;
};

/// Reads tensors and appends steps. Errors are those of ImageNetwork::create.
class PlanBuilder {
 public:
  PlanBuilder(const SafetensorsFile& file, const ImageNetworkConfig& config, Precision precision);

  bool has(const std::string& tensor) const { return file_.tensors().contains(tensor); }

  /// The first convolution, of the film itself.
  Result<MapShape> stem(const Layer& layer, Place to);
  Result<MapShape> convolve(const Layer& layer, const MapShape& input, Place from, Place to);
  /// max(0, norm(map)); `mean`: then the mean of each two by two.
  Result<MapShape> scale_relu(const std::string& norm, const MapShape& input, Place from, Place to, bool mean = false);
  MapShape max_pool(const MapShape& input, Place from, Place to);

  /// The last map, as floats in what ImageNetwork gives: in bf16 what is written last need not be rounded.
  Result<MapShape> convolve_last(const Layer& layer, const MapShape& input, Place from, Place to);
  Result<void> end(const std::string& norm, const MapShape& map, Place at);

  ImagePlan take() { return std::move(plan_); }

 private:
  struct Folded {
    std::vector<float> weight, bias;
  };
  Result<ChannelScale> read_norm(const std::string& name, std::size_t channels) const;
  Result<Folded> read(const Layer& layer, std::size_t inputs) const;
  void fold_colours(Folded& folded, std::size_t kernel);
  Result<MapShape> append(const Layer& layer, const MapShape& input, Place from, Place to, const Folded& folded, MapType output);
  void use(Place place, const MapShape& map);

  const SafetensorsFile& file_;
  const ImageNetworkConfig& config_;
  MapType type_;
  ImagePlan plan_;
};

Result<void> plan_densenet121(PlanBuilder& builder);
Result<void> plan_mobilenet_v2(PlanBuilder& builder);

}  // namespace osler::neural
