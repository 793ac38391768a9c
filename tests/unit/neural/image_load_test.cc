// What ImageNetwork::create of "neural/image_network.h" takes and refuses, and the backbone of the shared data.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "../random_seed.h"
#include "neural/bert.h"
#include "plain_image.h"

namespace osler::neural {
namespace {

using enum ImageArchitecture;

std::string refusal(const RandomTensors& tensors, const ImageNetworkConfig& config) {
  const SafetensorsFile file = file_of(tensors);
  const Result<ImageNetwork> network = ImageNetwork::create(file, config, Precision::fp32);
  if (network) return "";
  EXPECT_EQ(network.error().code, ErrorCode::corrupted);
  EXPECT_NE(network.error().internal.find(file.path()), std::string::npos) << describe(network.error());
  return network.error().internal;
}

TEST(ImageLoad, NamesTheTensorThatIsMissingOrOfAnotherShape) {
  std::mt19937 random(fresh_seed());
  const std::pair<ImageArchitecture, std::vector<std::string>> needed[] = {
      {densenet121, {"features.conv0.weight", "features.denseblock1.denselayer6.norm1.running_var", "features.transition1.conv.weight", "features.norm5.bias"}},
      {mobilenet_v2, {"features.0.0.weight", "features.1.conv.2.weight", "features.17.conv.1.1.running_mean", "head.hidden.weight", "head.classes.bias"}}};
  for (const auto& [architecture, names] : needed) {
    const ImageNetworkConfig config = random_image_config(architecture, 64, 8);
    const RandomTensors tensors = random_image_tensors(config, random);
    for (const std::string& name : names) {
      RandomTensors changed = tensors;
      ASSERT_EQ(changed.erase(name), 1u) << name;
      EXPECT_NE(refusal(changed, config).find("\"" + name + "\" is missing"), std::string::npos) << refusal(changed, config);
      changed[name] = {{5}, {1, 2, 3, 4, 5}};
      EXPECT_NE(refusal(changed, config).find("\"" + name + "\" has the shape [5]"), std::string::npos) << refusal(changed, config);
    }
  }
}

TEST(ImageLoad, RefusesValuesThatNoNetworkHas) {
  std::mt19937 random(fresh_seed());
  const ImageNetworkConfig config = random_image_config(mobilenet_v2, 64, 8);
  RandomTensors changed = random_image_tensors(config, random);
  const auto with = [&](const std::string& name, float value) {
    changed.at(name).values[1] = value;
    return refusal(changed, config);
  };
  EXPECT_NE(with("features.3.conv.3.running_var", -1e-3F).find("\"features.3.conv.3.running_var\" holds a variance below 0"), std::string::npos);
  EXPECT_EQ(with("features.3.conv.3.running_var", 0), "");
  EXPECT_NE(with("features.3.conv.3.weight", 3e38F).find("\"features.3.conv.3\" is beyond a float's range"), std::string::npos);
  EXPECT_NE(with("features.3.conv.2.weight", NAN).find("not finite"), std::string::npos);
}

TEST(ImageLoad, HasNoInt8) {
  std::mt19937 random(fresh_seed());
  const ImageNetworkConfig config = random_image_config(mobilenet_v2, 64, 8);
  const Result<ImageNetwork> network = ImageNetwork::create(file_of(random_image_tensors(config, random)), config, Precision::int8);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, ErrorCode::configuration);
  EXPECT_NE(network.error().external.find("fp32 or bf16"), std::string::npos);
}

/// Kernels and matrices of one byte a weight with a scale a row, and what they stand for as floats.
class Bytes {
 public:
  explicit Bytes(const RandomTensors& tensors) : floats(tensors) {
    for (auto& [name, tensor] : floats) {
      views[name] = {TensorType::f32, tensor.shape, std::as_bytes(std::span(tensor.values))};
      if (tensor.shape.size() < 2) continue;
      std::vector<std::int8_t>& bytes = bytes_[name];
      std::vector<float>& scales = scales_[name];
      const std::size_t width = tensor.values.size() / tensor.shape[0];
      for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        if (i % width == 0) scales.push_back(std::abs(*std::max_element(&tensor.values[i], &tensor.values[i] + width, [](float a, float b) { return std::abs(a) < std::abs(b); })) / 127);
        bytes.push_back(static_cast<std::int8_t>(std::nearbyint(tensor.values[i] / scales.back())));
        tensor.values[i] = static_cast<float>(bytes.back()) * scales.back();
      }
      views[name] = {TensorType::i8, tensor.shape, std::as_bytes(std::span(bytes))};
      views[name + ".scale"] = {TensorType::f32, {tensor.shape[0]}, std::as_bytes(std::span(scales))};
    }
  }

  RandomTensors floats;
  std::map<std::string, TensorView> views;

 private:
  std::map<std::string, std::vector<std::int8_t>> bytes_;
  std::map<std::string, std::vector<float>> scales_;
};

std::vector<float> logits_of(const SafetensorsFile& file, const ImageNetworkConfig& config, const std::vector<float>& film) {
  const ImageNetwork network = ImageNetwork::create(file, config, Precision::fp32).value();
  ImageWorkspace workspace = network.make_workspace();
  const ImageOutput output = network.run(film, workspace);
  return {output.logits.begin(), output.logits.end()};
}

TEST(ImageLoad, TakesBfloatsAndBytes) {
  std::mt19937 random(fresh_seed());
  const ImageNetworkConfig config = random_image_config(mobilenet_v2, 64, 8);
  const std::vector<float> film = random_film(config.side, random);
  const Bytes bytes(random_image_tensors(config, random));
  EXPECT_EQ(logits_of(file_of_views(bytes.views), config, film), logits_of(file_of(bytes.floats), config, film));
  RandomTensors rounded = bytes.floats;
  std::map<std::string, std::vector<std::uint16_t>> bits;
  std::map<std::string, TensorView> views;
  for (auto& [name, tensor] : rounded) {
    for (float& value : tensor.values) {
      bits[name].push_back(bfloat16_from_float(value));
      value = float_from_bfloat16(bits[name].back());
    }
    views[name] = {TensorType::bf16, tensor.shape, std::as_bytes(std::span(bits[name]))};
  }
  EXPECT_EQ(logits_of(file_of_views(views), config, film), logits_of(file_of(rounded), config, film));
}

TEST(ImageLoad, TheSharedBackboneIsThePlainOne) {
  const std::filesystem::path path = std::filesystem::path(OSLER_SOURCE_DIR) / "../shared/data/imaging/backbones/mobilenet_v2_imagenet.safetensors";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "not here: " << path.lexically_normal().string();
  ImageNetworkConfig config = random_image_config(mobilenet_v2, 224, 0);
  config.mean = config.deviation = {0.5F, 0.5F, 0.5F};
  config.padding = ImagePadding::tensorflow;
  const SafetensorsFile file = SafetensorsFile::open(path.string()).value();
  RandomTensors tensors;
  for (const auto& [name, view] : file.tensors()) tensors[name] = {view.shape, file.floats(name, view.shape).value()};
  std::mt19937 random(fresh_seed());
  const std::vector<float> film = random_film(config.side, random);
  const PlainImage plain = plain_image(config, tensors, film);
  const DenseHead classes = DenseHead::create(file, "classifier.1", 1280, 1001).value();
  const std::vector<float> plain_logits = classes.apply(std::vector<float>(plain.features.begin(), plain.features.end()));
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    if (!is_fast_here(precision)) continue;
    const ImageNetwork network = ImageNetwork::create(file, config, precision).value();
    ImageWorkspace workspace = network.make_workspace();
    const std::vector<float> logits = classes.apply(network.run(film, workspace).features);
    double furthest = 0, largest = 0, product = 0, size = 0, plain_size = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      furthest = std::max(furthest, std::abs(double{logits[i]} - plain_logits[i]));
      largest = std::max(largest, std::abs(double{plain_logits[i]}));
      product += double{logits[i]} * plain_logits[i];
      size += double{logits[i]} * logits[i];
      plain_size += double{plain_logits[i]} * plain_logits[i];
    }
    const double cosine = product / std::sqrt(size * plain_size);
    std::cout << name_of(precision) << ": logits off by " << furthest << ", the largest is " << largest << ", cosine " << cosine << "\n";
    EXPECT_GT(cosine, 0.99);
    if (precision == Precision::fp32) {
      EXPECT_LT(furthest / largest, 1e-4);
      EXPECT_EQ(std::max_element(logits.begin(), logits.end()) - logits.begin(), std::max_element(plain_logits.begin(), plain_logits.end()) - plain_logits.begin());
    }
  }
}

}  // namespace
}  // namespace osler::neural
