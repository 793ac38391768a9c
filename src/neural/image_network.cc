#include "neural/image_network.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/check.h"
#include "neural/aligned_buffer.h"
#include "neural/bert.h"
#include "neural/image_plan.h"

namespace osler::neural {

namespace {

constexpr std::size_t kLeastSide = 32;  // both networks halve it five times

struct Head {
  DenseHead hidden, classes;
};

Result<std::optional<Head>> read_head(const SafetensorsFile& file, const ImageNetworkConfig& config, std::size_t channels) {
  if (!config.has_head()) return std::optional<Head>();
  Head head;
  head.hidden = TRY(DenseHead::create(file, "head.hidden", channels, config.hidden));
  head.classes = TRY(DenseHead::create(file, "head.classes", config.hidden, config.labels.size()));
  return std::optional<Head>(std::move(head));
}

void run_channels(const RowKernels& kernels, const ChannelStep& step, const std::byte* from, std::byte* to) {
  const std::size_t width = channels_of_a_block(), blocks = step.input.channels / width;
  ChannelBlock block{.bfloats = step.input.type == MapType::bfloats, .side = step.input.side, .width = width};
  for (std::size_t i = 0; i < blocks; ++i) {
    block.in = from + step.input.bytes() / blocks * i;
    block.out = to + step.output.bytes() / blocks * i;
    if (!step.scale.scale.empty()) {
      block.scale = &step.scale.scale[i * width];
      block.shift = &step.scale.shift[i * width];
    }
    (kernels.*step.kernel)(block);
  }
}

/// Out of its blocks, as [channels][side][side] floats; with a scale also max(0, value * scale + shift).
template <class Element, class ToFloat>
void read_map(const Element* from, const MapShape& shape, const ChannelScale& scale, ToFloat to_float, float* to) {
  const std::size_t width = channels_of_a_block(), places = shape.side * shape.side;
  for (std::size_t channel = 0; channel < shape.channels; ++channel) {
    const Element* const first = from + channel / width * width * places + channel % width;
    float* const out = to + channel * places;
    for (std::size_t i = 0; i < places; ++i) out[i] = to_float(first[i * width]);
    if (scale.scale.empty()) continue;
    for (std::size_t i = 0; i < places; ++i) out[i] = std::max(0.0F, out[i] * scale.scale[channel] + scale.shift[channel]);
  }
}

}  // namespace

struct ImageNetwork::Weights {
  ImageNetworkConfig config;
  Precision precision = Precision::fp32;
  const RowKernels* kernels = nullptr;
  ImagePlan plan;
  std::optional<Head> head;
};

struct ImageWorkspace::Buffers {
  explicit Buffers(const dnnl::engine& engine) : stream(engine) {}

  std::byte* at(Place place) { return static_cast<std::byte*>(maps[place.buffer].at_least(0)) + place.offset; }

  dnnl::stream stream;
  std::vector<AlignedBuffer> maps;
  AlignedBuffer scratch;
  std::vector<Convolution::Handles> handles;  // of each convolution in turn
  std::vector<float> centred;                 // [side][side]
  std::vector<float> last_map, features, logits;
};

Result<ImageNetwork> ImageNetwork::create(const SafetensorsFile& weights, const ImageNetworkConfig& config, Precision precision) {
  CHECK(config.side >= kLeastSide && config.has_head() == !config.labels.empty());
  if (precision == Precision::int8) return make_error(ErrorCode::configuration, "Image networks run in fp32 or bf16, not in int8.");
  const OneThread one_thread;  // oneDNN plans for as many threads as it is made with
  PlanBuilder builder(weights, config, precision);
  if (config.architecture == ImageArchitecture::densenet121) TRY_VOID(plan_densenet121(builder));
  else TRY_VOID(plan_mobilenet_v2(builder));
  auto made = std::make_unique<Weights>();
  made->config = config;
  made->precision = precision;
  made->kernels = row_kernels_here().front();
  made->plan = builder.take();
  made->head = TRY(read_head(weights, config, made->plan.last_shape.channels));
  return ImageNetwork(std::move(made));
}

ImageWorkspace ImageNetwork::make_workspace() const {
  const ImagePlan& plan = weights_->plan;
  auto made = std::make_unique<ImageWorkspace::Buffers>(plan.engine);
  for (const std::size_t bytes : plan.buffer_bytes) made->maps.emplace_back().at_least(bytes);
  void* const scratch = made->scratch.at_least(plan.scratch_bytes);
  for (const auto& step : plan.steps)
    if (const auto* convolution = std::get_if<ConvolutionStep>(&step))
      made->handles.push_back(convolution->convolution.bind(made->at(convolution->from), made->at(convolution->to), scratch));
  const std::size_t pixels = plan.input.side * plan.input.side;
  made->centred.resize(pixels, 1);
  if (plan.input.channels == 2) write_plane(*made, 1);
  made->last_map.resize(plan.last_shape.channels * plan.last_shape.side * plan.last_shape.side);
  made->features.resize(plan.last_shape.channels);
  return ImageWorkspace(std::move(made));
}

/// The values of `centred`, as the first convolution takes them.
void ImageNetwork::write_plane(ImageWorkspace::Buffers& buffers, std::size_t plane) const {
  const std::size_t pixels = buffers.centred.size();
  std::byte* const first = buffers.at({0, 0});
  if (weights_->plan.input.type == MapType::bfloats)
    weights_->kernels->to_bfloats(buffers.centred.data(), pixels, reinterpret_cast<std::uint16_t*>(first) + plane * pixels);
  else
    std::copy(buffers.centred.begin(), buffers.centred.end(), reinterpret_cast<float*>(first) + plane * pixels);
}

ImageOutput ImageNetwork::run(std::span<const float> grey, ImageWorkspace& workspace) const {
  const ImagePlan& plan = weights_->plan;
  ImageWorkspace::Buffers& buffers = *workspace.buffers_;
  CHECK(grey.size() == plan.input.side * plan.input.side && buffers.features.size() == plan.last_shape.channels);
  const OneThread one_thread;
  std::transform(grey.begin(), grey.end(), buffers.centred.begin(), [&](float value) { return value - plan.centre; });
  write_plane(buffers, 0);
  auto handles = buffers.handles.begin();
  for (const auto& step : plan.steps) {
    if (const auto* convolution = std::get_if<ConvolutionStep>(&step)) {
      convolution->convolution.run(*handles++, buffers.stream);
    } else {
      const auto& channels = std::get<ChannelStep>(step);
      run_channels(*weights_->kernels, channels, buffers.at(channels.from), buffers.at(channels.to));
    }
  }
  return conclude(buffers);
}

ImageOutput ImageNetwork::conclude(ImageWorkspace::Buffers& buffers) const {
  const ImagePlan& plan = weights_->plan;
  const MapShape& shape = plan.last_shape;
  const std::byte* const last = buffers.at(plan.last);
  if (shape.type == MapType::bfloats)
    read_map(reinterpret_cast<const std::uint16_t*>(last), shape, plan.last_scale, float_from_bfloat16, buffers.last_map.data());
  else
    read_map(reinterpret_cast<const float*>(last), shape, plan.last_scale, [](float value) { return value; }, buffers.last_map.data());
  const std::size_t places = shape.side * shape.side;
  for (std::size_t channel = 0; channel < shape.channels; ++channel) {
    const float* const first = &buffers.last_map[channel * places];
    buffers.features[channel] = static_cast<float>(std::accumulate(first, first + places, 0.0) / static_cast<double>(places));
  }
  if (weights_->head) {
    std::vector<float> hidden = weights_->head->hidden.apply(buffers.features);
    for (float& value : hidden) value = std::max(value, 0.0F);
    buffers.logits = weights_->head->classes.apply(hidden);
  }
  return {buffers.logits, buffers.features, buffers.last_map, shape.side};
}

ClassActivation ImageNetwork::class_activation(const ImageOutput& output, std::size_t label) const {
  CHECK(weights_->head && label < weights_->config.labels.size() && output.features.size() == channels());
  const DenseHead &hidden = weights_->head->hidden, &classes = weights_->head->classes;
  const std::vector<float> sums = hidden.apply(output.features);
  std::vector<float> direction(channels());  // of the logit, in the space of the channels
  ClassActivation activation{.map = std::vector<float>(output.map_side * output.map_side), .side = output.map_side, .constant = classes.bias()[label]};
  for (std::size_t unit = 0; unit < sums.size(); ++unit) {
    if (sums[unit] <= 0) continue;
    const float weight = classes.weight()[label * sums.size() + unit];
    activation.constant += weight * hidden.bias()[unit];
    for (std::size_t channel = 0; channel < direction.size(); ++channel) direction[channel] += weight * hidden.weight()[unit * direction.size() + channel];
  }
  for (std::size_t channel = 0; channel < direction.size(); ++channel)
    for (std::size_t i = 0; i < activation.map.size(); ++i) activation.map[i] += direction[channel] * output.map[channel * activation.map.size() + i];
  return activation;
}

std::size_t ImageNetwork::resident_bytes() const {
  std::size_t bytes = 0;
  for (const auto& step : weights_->plan.steps) {
    if (const auto* convolution = std::get_if<ConvolutionStep>(&step)) bytes += convolution->convolution.resident_bytes();
    else bytes += 2 * sizeof(float) * std::get<ChannelStep>(step).scale.scale.size();
  }
  if (weights_->head)
    for (const DenseHead* head : {&weights_->head->hidden, &weights_->head->classes}) bytes += sizeof(float) * (head->weight().size() + head->bias().size());
  return bytes;
}

std::size_t ImageWorkspace::resident_bytes() const {
  std::size_t bytes = buffers_->scratch.size();
  for (const AlignedBuffer& map : buffers_->maps) bytes += map.size();
  return bytes + sizeof(float) * (buffers_->centred.size() + buffers_->last_map.size() + buffers_->features.size() + buffers_->logits.size());
}

ImageWorkspace::ImageWorkspace(std::unique_ptr<Buffers> buffers) : buffers_(std::move(buffers)) {}
ImageWorkspace::ImageWorkspace(ImageWorkspace&&) noexcept = default;
ImageWorkspace& ImageWorkspace::operator=(ImageWorkspace&&) noexcept = default;
ImageWorkspace::~ImageWorkspace() = default;

ImageNetwork::ImageNetwork(std::unique_ptr<const Weights> weights) : weights_(std::move(weights)) {}
ImageNetwork::ImageNetwork(ImageNetwork&&) noexcept = default;
ImageNetwork& ImageNetwork::operator=(ImageNetwork&&) noexcept = default;
ImageNetwork::~ImageNetwork() = default;

const ImageNetworkConfig& ImageNetwork::config() const { return weights_->config; }
Precision ImageNetwork::precision() const { return weights_->precision; }
std::size_t ImageNetwork::channels() const { return weights_->plan.last_shape.channels; }

}  // namespace osler::neural
