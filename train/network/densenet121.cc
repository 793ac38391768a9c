// DenseNet121 (Huang et al. 2017), with torchvision's names and shapes.
#include "train/network/image_network.h"

namespace osler::train {

namespace {

constexpr std::int64_t kGrowth = 32, kBottleneck = 4 * kGrowth, kFirst = 64, kWidth = 1024;
constexpr std::int64_t kLayers[] = {6, 12, 24, 16};
constexpr double kMomentum = 0.1, kEpsilon = 1e-5;  // torchvision's

std::string layer_name(std::size_t block, std::int64_t layer) {
  return "features.denseblock" + std::to_string(block + 1) + ".denselayer" + std::to_string(layer + 1);
}

class DenseNet121 final : public Backbone {
 public:
  DenseNet121(NamedTensors& tensors, bool mixed) : tensors_(tensors), mixed_(mixed) {
    add_convolution("features.conv0", kFirst, 3, 7);
    add_norm("features.norm0", kFirst);
    std::int64_t width = kFirst;
    for (std::size_t block = 0; block < std::size(kLayers); ++block) {
      for (std::int64_t layer = 0; layer < kLayers[block]; ++layer, width += kGrowth) {
        const std::string name = layer_name(block, layer);
        add_norm(name + ".norm1", width);
        add_convolution(name + ".conv1", kBottleneck, width, 1);
        add_norm(name + ".norm2", kBottleneck);
        add_convolution(name + ".conv2", kGrowth, kBottleneck, 3);
      }
      if (block + 1 == std::size(kLayers)) break;
      const std::string name = "features.transition" + std::to_string(block + 1);
      add_norm(name + ".norm", width);
      add_convolution(name + ".conv", width / 2, width, 1);
      width /= 2;
    }
    add_norm("features.norm5", width);
  }

  std::int64_t width() const override { return kWidth; }

  torch::Tensor pooled(const torch::Tensor& input, bool training) override {
    torch::Tensor x = convolve(mixed_ ? input.to(torch::kBFloat16) : input, "features.conv0", 2);
    x = torch::max_pool2d(torch::relu(norm(x, "features.norm0", training)), 3, 2, 1);
    for (std::size_t block = 0; block < std::size(kLayers); ++block) {
      for (std::int64_t layer = 0; layer < kLayers[block]; ++layer) {
        const std::string name = layer_name(block, layer);
        torch::Tensor y = convolve(torch::relu(norm(x, name + ".norm1", training)), name + ".conv1", 1);
        y = convolve(torch::relu(norm(y, name + ".norm2", training)), name + ".conv2", 1);
        x = torch::cat({x, y}, 1);
      }
      if (block + 1 == std::size(kLayers)) break;
      const std::string name = "features.transition" + std::to_string(block + 1);
      x = torch::avg_pool2d(convolve(torch::relu(norm(x, name + ".norm", training)), name + ".conv", 1), 2, 2);
    }
    return torch::relu(norm(x, "features.norm5", training)).mean(at::IntArrayRef{2, 3}, false, torch::kFloat);
  }

 private:
  void add_convolution(const std::string& name, std::int64_t out, std::int64_t in, std::int64_t kernel) {
    const double deviation = std::sqrt(2.0 / static_cast<double>(in * kernel * kernel));  // He et al. 2015
    tensors_.parameters[name + ".weight"] = (torch::randn({out, in, kernel, kernel}) * deviation).requires_grad_(true);
  }

  void add_norm(const std::string& name, std::int64_t width) {
    tensors_.parameters[name + ".weight"] = torch::ones({width}).requires_grad_(true);
    tensors_.parameters[name + ".bias"] = torch::zeros({width}).requires_grad_(true);
    tensors_.buffers[name + ".running_mean"] = torch::zeros({width});
    tensors_.buffers[name + ".running_var"] = torch::ones({width});
  }

  torch::Tensor convolve(const torch::Tensor& x, const std::string& name, std::int64_t stride) const {
    const torch::Tensor& weight = tensors_.parameters.at(name + ".weight");
    return torch::conv2d(x, mixed_ ? weight.to(torch::kBFloat16) : weight, {}, stride, (weight.size(2) - 1) / 2);
  }

  torch::Tensor norm(const torch::Tensor& x, const std::string& name, bool training) const {
    const torch::Tensor &weight = tensors_.parameters.at(name + ".weight"), &bias = tensors_.parameters.at(name + ".bias");
    const torch::Tensor &mean = tensors_.buffers.at(name + ".running_mean"), &variance = tensors_.buffers.at(name + ".running_var");
    const torch::Tensor y = torch::batch_norm(mixed_ ? x.to(torch::kFloat) : x, weight, bias, mean, variance, training, kMomentum, kEpsilon, false);
    return mixed_ ? y.to(torch::kBFloat16) : y;
  }

  NamedTensors& tensors_;
  bool mixed_;
};

}  // namespace

std::unique_ptr<Backbone> make_densenet121(NamedTensors& tensors, bool mixed) { return std::make_unique<DenseNet121>(tensors, mixed); }

}  // namespace osler::train
