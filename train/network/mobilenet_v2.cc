// MobileNetV2 (Sandler et al. 2018), width 1.0, with batch norm folded and TensorFlow's padding, as its ImageNet weights come.
#include "train/network/image_network.h"

namespace osler::train {

namespace {

constexpr std::int64_t kWidth = 1280;

/// Table 2 of the paper: expansion, channels, repeats, stride of the first.
struct Stage {
  std::int64_t expansion, channels, repeats, stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

/// ReLU6. Torch's own gradient of clamp() compares twice and selects, none of it vectorised for bfloat16: nearly half of the time of a step.
struct Bounded : torch::autograd::Function<Bounded> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x) {
    const torch::Tensor y = torch::clamp(x, 0, 6);
    context->save_for_backward({y});
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients) {
    const torch::Tensor y = context->get_saved_variables().front();
    return {at::threshold_backward(at::threshold_backward(gradients.front(), y, 0), 6 - y, 0)};
  }
};

class MobileNetV2 final : public Backbone {
 public:
  MobileNetV2(NamedTensors& tensors, bool mixed) : tensors_(tensors), mixed_(mixed) {
    add("features.0.0", 32, 3, 3);
    std::int64_t in = 32, index = 1;
    for (const Stage& stage : kStages)
      for (std::int64_t i = 0; i < stage.repeats; ++i) {
        const std::string name = "features." + std::to_string(index++) + ".conv";
        const std::int64_t wide = in * stage.expansion;
        if (stage.expansion > 1) add(name + ".0.0", wide, in, 1);
        add(name + (stage.expansion > 1 ? ".1.0" : ".0.0"), wide, 1, 3);
        add(name + (stage.expansion > 1 ? ".2" : ".1"), stage.channels, wide, 1);
        in = stage.channels;
      }
    add("features.18.0", kWidth, in, 1);
  }

  std::int64_t width() const override { return kWidth; }

  torch::Tensor pooled(const torch::Tensor& input, bool) override {
    torch::Tensor x = bounded(convolve(mixed_ ? input.to(torch::kBFloat16) : input, "features.0.0", 2, 1));
    std::int64_t in = 32, index = 1;
    for (const Stage& stage : kStages)
      for (std::int64_t i = 0; i < stage.repeats; ++i) {
        const std::string name = "features." + std::to_string(index++) + ".conv";
        const std::int64_t stride = i == 0 ? stage.stride : 1, wide = in * stage.expansion;
        torch::Tensor y = stage.expansion > 1 ? bounded(convolve(x, name + ".0.0", 1, 1)) : x;
        y = bounded(convolve(y, name + (stage.expansion > 1 ? ".1.0" : ".0.0"), stride, wide));
        y = convolve(y, name + (stage.expansion > 1 ? ".2" : ".1"), 1, 1);
        x = stride == 1 && in == stage.channels ? x + y : y;
        in = stage.channels;
      }
    return bounded(convolve(x, "features.18.0", 1, 1)).mean(at::IntArrayRef{2, 3}, false, torch::kFloat);
  }

 private:
  void add(const std::string& name, std::int64_t out, std::int64_t in, std::int64_t kernel) {
    const double deviation = std::sqrt(2.0 / static_cast<double>(in * kernel * kernel));
    tensors_.parameters[name + ".weight"] = (torch::randn({out, in, kernel, kernel}) * deviation).requires_grad_(true);
    tensors_.parameters[name + ".bias"] = torch::zeros({out}).requires_grad_(true);
  }

  static torch::Tensor bounded(const torch::Tensor& x) { return Bounded::apply(x); }

  torch::Tensor convolve(const torch::Tensor& x, const std::string& name, std::int64_t stride, std::int64_t groups) const {
    torch::Tensor weight = tensors_.parameters.at(name + ".weight"), bias = tensors_.parameters.at(name + ".bias");
    if (mixed_) {
      weight = weight.to(torch::kBFloat16);
      bias = bias.to(torch::kBFloat16);
    }
    const std::int64_t kernel = weight.size(2);
    if (kernel == 1 || stride == 1) return torch::conv2d(x, weight, bias, at::IntArrayRef{stride}, at::IntArrayRef{(kernel - 1) / 2}, at::IntArrayRef{1}, groups);
    // SAME: as much padding as the last position needs, the odd one below and to the right.
    const auto total = [&](std::int64_t length) { return std::max<std::int64_t>(((length + stride - 1) / stride - 1) * stride + kernel - length, 0); };
    const std::int64_t rows = total(x.size(2)), columns = total(x.size(3));
    const torch::Tensor padded = torch::constant_pad_nd(x, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
    return torch::conv2d(padded, weight, bias, at::IntArrayRef{stride}, at::IntArrayRef{0}, at::IntArrayRef{1}, groups);
  }

  NamedTensors& tensors_;
  bool mixed_;
};

}  // namespace

std::unique_ptr<Backbone> make_mobilenet_v2(NamedTensors& tensors, bool mixed) { return std::make_unique<MobileNetV2>(tensors, mixed); }

}  // namespace osler::train
