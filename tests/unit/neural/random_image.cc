#include "random_image.h"

#include <algorithm>
#include <cmath>

namespace osler::neural {

namespace {

class Maker {
 public:
  Maker(std::mt19937& random, ImageSpelling spelling) : random_(random), spelling_(spelling) {}

  void dense(const std::string& name, std::size_t outputs, std::size_t inputs) {
    put(name + ".weight", {outputs, inputs}, 0, std::sqrt(6.0F / static_cast<float>(inputs)));
    put(name + ".bias", {outputs}, 0, 0.2F);
  }

  /// `linear`: no ReLU follows, so half the variance keeps the size.
  void convolution(const std::string& name, std::size_t outputs, std::size_t inputs, std::size_t kernel, bool linear) {
    put(name + ".weight", {outputs, inputs, kernel, kernel}, 0, std::sqrt((linear ? 3.0F : 6.0F) / static_cast<float>(inputs * kernel * kernel)));
  }

  void norm(const std::string& name, std::size_t channels) {
    put(name + ".weight", {channels}, 1, 0.3F);
    put(name + ".bias", {channels}, 0, 0.3F);
    put(name + ".running_mean", {channels}, 0, 0.3F);
    put(name + ".running_var", {channels}, 1, 0.5F);
  }

  /// Of MobileNetV2: the normalisation is the next module, or the bias.
  void normed(std::string name, std::size_t outputs, std::size_t inputs, std::size_t kernel, bool linear = false) {
    convolution(name, outputs, inputs, kernel, linear);
    if (spelling_ == ImageSpelling::folded) return put(name + ".bias", {outputs}, 0, 0.3F);
    ++name.back();
    norm(name, outputs);
  }

  std::string part(const char* kind, int number) const {
    return std::string(".") + kind + (spelling_ == ImageSpelling::old_names ? "." : "") + std::to_string(number);
  }

  RandomTensors tensors;

 private:
  void put(const std::string& name, std::vector<std::size_t> shape, float middle, float spread) {
    std::size_t count = 1;
    for (const std::size_t size : shape) count *= size;
    std::vector<float> values(count);
    for (float& value : values) value = middle + spread * (static_cast<float>(random_()) * 0x1p-31F - 1);
    tensors[name] = {std::move(shape), std::move(values)};
  }

  std::mt19937& random_;
  ImageSpelling spelling_;
};

void make_densenet(Maker& maker) {
  maker.convolution("features.conv0", 64, 3, 7, false);
  maker.norm("features.norm0", 64);
  std::size_t channels = 64, block = 1;
  for (const std::size_t layers : {6, 12, 24, 16}) {
    const std::string number = std::to_string(block++);
    for (std::size_t layer = 1; layer <= layers; ++layer, channels += 32) {
      const std::string name = "features.denseblock" + number + ".denselayer" + std::to_string(layer);
      maker.norm(name + maker.part("norm", 1), channels);
      maker.convolution(name + maker.part("conv", 1), 128, channels, 1, false);
      maker.norm(name + maker.part("norm", 2), 128);
      maker.convolution(name + maker.part("conv", 2), 32, 128, 3, false);
    }
    if (layers == 16) break;
    maker.norm("features.transition" + number + ".norm", channels);
    maker.convolution("features.transition" + number + ".conv", channels / 2, channels, 1, false);
    channels /= 2;
  }
  maker.norm("features.norm5", channels);
}

void make_mobilenet(Maker& maker) {
  maker.normed("features.0.0", 32, 3, 3);
  constexpr std::size_t kStages[][3] = {{1, 16, 1}, {6, 24, 2}, {6, 32, 3}, {6, 64, 4}, {6, 96, 3}, {6, 160, 3}, {6, 320, 1}};
  std::size_t channels = 32, number = 1;
  for (const auto& [expansion, outputs, blocks] : kStages)
    for (std::size_t block = 0; block < blocks; ++block, ++number) {
      const std::string name = "features." + std::to_string(number) + ".conv.";
      const std::size_t wide = channels * expansion;
      std::size_t module = 0;
      if (expansion > 1) maker.normed(name + std::to_string(module++) + ".0", wide, channels, 1);
      maker.normed(name + std::to_string(module++) + ".0", wide, 1, 3);
      maker.normed(name + std::to_string(module), outputs, wide, 1, true);
      channels = outputs;
    }
  maker.normed("features.18.0", 1280, channels, 1);
}

}  // namespace

RandomTensors random_image_tensors(const ImageNetworkConfig& config, std::mt19937& random, ImageSpelling spelling) {
  Maker maker(random, spelling);
  const bool densenet = config.architecture == ImageArchitecture::densenet121;
  densenet ? make_densenet(maker) : make_mobilenet(maker);
  if (config.has_head()) {
    maker.dense("head.hidden", config.hidden, densenet ? 1024 : 1280);
    maker.dense("head.classes", config.labels.size(), config.hidden);
  }
  return std::move(maker.tensors);
}

ImageNetworkConfig random_image_config(ImageArchitecture architecture, std::size_t side, std::size_t hidden) {
  ImageNetworkConfig config;
  config.architecture = architecture;
  config.side = side;
  config.mean = {0.485F, 0.456F, 0.406F};
  config.deviation = {0.229F, 0.224F, 0.225F};
  config.hidden = hidden;
  if (hidden > 0) config.labels = {"normal", "pneumonia", "other"};
  return config;
}

std::vector<float> random_film(std::size_t side, std::mt19937& random) {
  const float wave = 5 + static_cast<float>(random() % 20), slope = static_cast<float>(random() % 100) * 0.01F;
  std::vector<float> film(side * side);
  for (std::size_t i = 0; i < film.size(); ++i) {
    const float x = static_cast<float>(i % side), y = static_cast<float>(i / side);
    const float noise = static_cast<float>(random()) * 0x1p-32F;
    film[i] = std::clamp(0.5F + 0.4F * std::sin(x / wave + slope * y / wave) + 0.2F * (noise - 0.5F), 0.0F, 1.0F);
  }
  return film;
}

}  // namespace osler::neural
