// MobileNetV2 (Sandler et al. 2018) by torchvision's names; batch normalisations are tensors of their own or, where a convolution has
// a bias, were folded into it before. A block's residual is added to its input where that lies.
#include "base/check.h"
#include "neural/image_plan.h"

namespace osler::neural {

namespace {

struct Stage {
  std::size_t expansion, channels, blocks, stride;  // t, c, n, s of the paper's table 2
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr std::size_t kStemChannels = 32, kLastChannels = 1280;

constexpr Place kMap{1, 0}, kExpanded{2, 0}, kFiltered{3, 0};

/// `name` ends with the number of a module; its batch normalisation is the next.
Layer layer_of(const PlanBuilder& builder, const std::string& name, std::size_t outputs, Finish finish) {
  Layer layer{.name = name, .norm = "", .outputs = outputs, .finish = finish};
  if (!builder.has(name + ".bias")) {
    layer.norm = name;
    ++layer.norm.back();
  }
  return layer;
}

/// Expansion, depthwise filter, projection; `map` is the input's and then the output's shape, both in kMap.
Result<void> add_block(PlanBuilder& builder, const std::string& name, const Stage& stage, std::size_t stride, MapShape& map) {
  MapShape wide = map;
  if (stage.expansion > 1)
    wide = TRY(builder.convolve(layer_of(builder, name + ".0.0", map.channels * stage.expansion, Finish::relu6), map, kMap, kExpanded));
  const std::size_t next = stage.expansion > 1 ? 1 : 0;
  Layer filter = layer_of(builder, name + "." + std::to_string(next) + ".0", wide.channels, Finish::relu6);
  filter.kernel = 3;
  filter.stride = stride;
  filter.depthwise = true;
  const MapShape filtered = TRY(builder.convolve(filter, wide, next ? kExpanded : kMap, kFiltered));
  const Finish finish = stride == 1 && map.channels == stage.channels ? Finish::add : Finish::none;
  map = TRY(builder.convolve(layer_of(builder, name + "." + std::to_string(next + 1), stage.channels, finish), filtered, kFiltered, kMap));
  return ok();
}

}  // namespace

Result<void> plan_mobilenet_v2(PlanBuilder& builder) {
  Layer first = layer_of(builder, "features.0.0", kStemChannels, Finish::relu6);
  first.kernel = 3;
  first.stride = 2;
  MapShape map = TRY(builder.stem(first, kMap));
  std::size_t number = 1;
  for (const Stage& stage : kStages)
    for (std::size_t block = 0; block < stage.blocks; ++block, ++number)
      TRY_VOID(add_block(builder, "features." + std::to_string(number) + ".conv", stage, block == 0 ? stage.stride : 1, map));
  const Layer last = layer_of(builder, "features." + std::to_string(number) + ".0", kLastChannels, Finish::relu6);
  map = TRY(builder.convolve_last(last, map, kMap, kExpanded));
  return builder.end("", map, kExpanded);
}

}  // namespace osler::neural
