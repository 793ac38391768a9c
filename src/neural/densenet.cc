// DenseNet121 (Huang et al. 2017) by torchvision's names. Every layer appends its 32 channels to its block's buffer, so what the paper
// concatenates is never copied; but it normalises all channels so far, each layer anew, which is a pass of its own (norm1). Every other
// normalisation is folded into the convolution before it. A transition's mean of two by two comes before its convolution, not after:
// the two commute, and a quarter of the products is left.
#include "base/check.h"
#include "neural/image_plan.h"

namespace osler::neural {

namespace {

constexpr std::size_t kBlockLayers[] = {6, 12, 24, 16};
constexpr std::size_t kGrowth = 32, kBottleneck = 4 * kGrowth, kStemChannels = 2 * kGrowth;

constexpr Place kBlock{1, 0}, kScaled{2, 0}, kNarrow{3, 0};

/// "norm1", or "norm.1" as in files of torchvision's first releases.
std::string part(const PlanBuilder& builder, const std::string& layer, const std::string& kind, int number) {
  const bool old = builder.has("features.denseblock1.denselayer1.norm.1.weight");
  return layer + "." + kind + (old ? "." : "") + std::to_string(number);
}

/// Appends kGrowth channels to the map in kBlock.
Result<void> add_dense_layer(PlanBuilder& builder, const std::string& name, MapShape& map) {
  const MapShape scaled = TRY(builder.scale_relu(part(builder, name, "norm", 1), map, kBlock, kScaled));
  const Layer first{.name = part(builder, name, "conv", 1), .norm = part(builder, name, "norm", 2), .outputs = kBottleneck, .finish = Finish::relu};
  const MapShape narrow = TRY(builder.convolve(first, scaled, kScaled, kNarrow));
  CHECK(map.channels % channels_of_a_block() == 0);
  const Layer second{.name = part(builder, name, "conv", 2), .norm = "", .outputs = kGrowth, .kernel = 3};
  const MapShape grown = TRY(builder.convolve(second, narrow, kNarrow, {kBlock.buffer, map.bytes()}));
  map.channels += grown.channels;
  return ok();
}

}  // namespace

Result<void> plan_densenet121(PlanBuilder& builder) {
  const Layer first{.name = "features.conv0", .norm = "features.norm0", .outputs = kStemChannels, .kernel = 7, .stride = 2, .finish = Finish::relu};
  const MapShape stem = TRY(builder.stem(first, kScaled));
  MapShape map = builder.max_pool(stem, kScaled, kBlock);
  for (std::size_t block = 0; block < std::size(kBlockLayers); ++block) {
    const std::string number = std::to_string(block + 1);
    for (std::size_t layer = 0; layer < kBlockLayers[block]; ++layer)
      TRY_VOID(add_dense_layer(builder, "features.denseblock" + number + ".denselayer" + std::to_string(layer + 1), map));
    if (block + 1 == std::size(kBlockLayers)) break;
    const std::string transition = "features.transition" + number;
    const MapShape scaled = TRY(builder.scale_relu(transition + ".norm", map, kBlock, kScaled, true));
    map = TRY(builder.convolve({.name = transition + ".conv", .norm = "", .outputs = map.channels / 2}, scaled, kScaled, kBlock));
  }
  return builder.end("features.norm5", map, kBlock);
}

}  // namespace osler::neural
