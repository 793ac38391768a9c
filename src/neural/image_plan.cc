#include "neural/image_plan.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace osler::neural {

namespace {

constexpr float kNormEpsilon = 1e-5F;  // of torchvision's batch normalisations
constexpr std::size_t kColours = 3;

struct Zeros {
  std::size_t before = 0, after = 0;
};

Zeros padding_of(ImagePadding padding, std::size_t side, std::size_t kernel, std::size_t stride) {
  if (padding == ImagePadding::symmetric) return {kernel / 2, kernel / 2};
  const std::size_t places = (side + stride - 1) / stride, covered = (places - 1) * stride + kernel;
  const std::size_t missing = covered > side ? covered - side : 0;
  return {missing / 2, missing - missing / 2};
}

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

Error refused(const SafetensorsFile& file, const std::string& what) {
  return make_error(ErrorCode::corrupted, "A model file was refused.", file.path() + ": " + what);
}

}  // namespace

PlanBuilder::PlanBuilder(const SafetensorsFile& file, const ImageNetworkConfig& config, Precision precision)
    : file_(file), config_(config), type_(precision == Precision::bf16 ? MapType::bfloats : MapType::floats) {}

Result<ChannelScale> PlanBuilder::read_norm(const std::string& name, std::size_t channels) const {
  std::vector<float> scale = TRY(file_.floats(name + ".weight", {channels}));
  std::vector<float> shift = TRY(file_.floats(name + ".bias", {channels}));
  const std::vector<float> mean = TRY(file_.floats(name + ".running_mean", {channels}));
  const std::vector<float> variance = TRY(file_.floats(name + ".running_var", {channels}));
  for (std::size_t i = 0; i < channels; ++i) {
    if (variance[i] < 0) return refused(file_, "tensor \"" + name + ".running_var\" holds a variance below 0");
    scale[i] /= std::sqrt(variance[i] + kNormEpsilon);
    shift[i] -= mean[i] * scale[i];
  }
  if (!all_finite(scale) || !all_finite(shift)) return refused(file_, "the batch normalisation \"" + name + "\" is beyond a float's range");
  return ChannelScale{std::move(scale), std::move(shift)};
}

Result<PlanBuilder::Folded> PlanBuilder::read(const Layer& layer, std::size_t inputs) const {
  Folded folded;
  folded.weight = TRY(file_.floats(layer.name + ".weight", {layer.outputs, layer.depthwise ? 1 : inputs, layer.kernel, layer.kernel}));
  if (has(layer.name + ".bias")) folded.bias = TRY(file_.floats(layer.name + ".bias", {layer.outputs}));
  else folded.bias.resize(layer.outputs);
  if (layer.norm.empty()) return folded;
  const ChannelScale norm = TRY(read_norm(layer.norm, layer.outputs));
  const std::size_t each = folded.weight.size() / layer.outputs;
  for (std::size_t i = 0; i < folded.weight.size(); ++i) folded.weight[i] *= norm.scale[i / each];
  for (std::size_t i = 0; i < layer.outputs; ++i) folded.bias[i] = folded.bias[i] * norm.scale[i] + norm.shift[i];
  if (!all_finite(folded.weight) || !all_finite(folded.bias))
    return refused(file_, "\"" + layer.name + "\" and its batch normalisation are beyond a float's range");
  return folded;
}

/// Colours are (grey - mean) / deviation = (grey - centre) / deviation + (centre - mean) / deviation of one grey plane, so their kernels
/// are one of that plane and one of a plane of ones. Ones, not a bias: beyond the border both are 0, as normalised colours are.
void PlanBuilder::fold_colours(Folded& folded, std::size_t kernel) {
  const auto& [mean, deviation] = std::pair(config_.mean, config_.deviation);
  plan_.centre = (mean[0] + mean[1] + mean[2]) / kColours;
  const bool one_plane = mean[0] == mean[1] && mean[1] == mean[2];
  if (one_plane) plan_.centre = mean[0];
  const std::size_t planes = one_plane ? 1 : 2, window = kernel * kernel, outputs = folded.bias.size();
  std::vector<float> weight(outputs * planes * window);
  for (std::size_t i = 0; i < folded.weight.size(); ++i) {
    const std::size_t output = i / window / kColours, colour = i / window % kColours, place = i % window;
    float* const to = &weight[output * planes * window + place];
    to[0] += folded.weight[i] / deviation[colour];
    if (planes == 2) to[window] += folded.weight[i] * (plan_.centre - mean[colour]) / deviation[colour];
  }
  folded.weight = std::move(weight);
  plan_.input = {planes, config_.side, type_, true};
}

Result<MapShape> PlanBuilder::stem(const Layer& layer, Place to) {
  Folded folded = TRY(read(layer, kColours));
  fold_colours(folded, layer.kernel);
  use({0, 0}, plan_.input);
  return append(layer, plan_.input, {0, 0}, to, folded, type_);
}

Result<MapShape> PlanBuilder::convolve(const Layer& layer, const MapShape& input, Place from, Place to) {
  const Folded folded = TRY(read(layer, input.channels));
  return append(layer, input, from, to, folded, type_);
}

Result<MapShape> PlanBuilder::convolve_last(const Layer& layer, const MapShape& input, Place from, Place to) {
  const Folded folded = TRY(read(layer, input.channels));
  return append(layer, input, from, to, folded, MapType::floats);
}

Result<MapShape> PlanBuilder::append(const Layer& layer, const MapShape& input, Place from, Place to, const Folded& folded, MapType output) {
  const Zeros zeros = padding_of(config_.padding, input.side, layer.kernel, layer.stride);
  const ConvolutionShape shape{.input = input, .outputs = layer.outputs, .depthwise = layer.depthwise, .kernel = layer.kernel,
                               .stride = layer.stride, .before = zeros.before, .after = zeros.after, .finish = layer.finish, .output_type = output};
  Convolution convolution = TRY(Convolution::create(plan_.engine, shape, folded.weight, folded.bias));
  plan_.scratch_bytes = std::max(plan_.scratch_bytes, convolution.scratch_bytes());
  use(to, shape.output());
  plan_.steps.push_back(ConvolutionStep{std::move(convolution), from, to});
  return shape.output();
}

Result<MapShape> PlanBuilder::scale_relu(const std::string& norm, const MapShape& input, Place from, Place to, bool mean) {
  ChannelStep step{mean ? &RowKernels::scale_relu_mean : &RowKernels::scale_relu, input, input, {}, from, to};
  step.scale = TRY(read_norm(norm, input.channels));
  if (mean) step.output.side /= 2;
  use(to, step.output);
  plan_.steps.emplace_back(step);
  return step.output;
}

MapShape PlanBuilder::max_pool(const MapShape& input, Place from, Place to) {
  ChannelStep step{&RowKernels::max_pool, input, input, {}, from, to};
  step.output.side = (input.side + 1) / 2;
  use(to, step.output);
  plan_.steps.emplace_back(step);
  return step.output;
}

Result<void> PlanBuilder::end(const std::string& norm, const MapShape& map, Place at) {
  plan_.last = at;
  plan_.last_shape = map;
  if (!norm.empty()) plan_.last_scale = TRY(read_norm(norm, map.channels));
  return ok();
}

void PlanBuilder::use(Place place, const MapShape& map) {
  if (plan_.buffer_bytes.size() <= place.buffer) plan_.buffer_bytes.resize(place.buffer + 1);
  std::size_t& bytes = plan_.buffer_bytes[place.buffer];
  bytes = std::max(bytes, place.offset + map.bytes());
}

}  // namespace osler::neural
