// ImageNetwork against plain_image in doubles: both networks, every spelling, precision and kind of side.
#include "neural/image_network.h"

#include <filesystem>
#include <thread>

#include "../random_seed.h"
#include "neural/dnnl_compat.h"
#include "plain_image.h"

namespace osler::neural {
namespace {

using enum ImageArchitecture;

/// The largest difference over the largest magnitude expected.
double furthest(std::span<const float> got, const std::vector<double>& expected) {
  EXPECT_EQ(got.size(), expected.size());
  double away = 0, size = 0;
  for (std::size_t i = 0; i < expected.size() && i < got.size(); ++i) {
    away = std::max(away, std::abs(got[i] - expected[i]));
    size = std::max(size, std::abs(expected[i]));
  }
  EXPECT_GT(size, 0);
  return away / size;
}

double cosine(std::span<const float> got, std::span<const float> expected) {
  double product = 0, a = 0, b = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    product += double{got[i]} * expected[i];
    a += double{got[i]} * got[i];
    b += double{expected[i]} * expected[i];
  }
  return product / std::sqrt(a * b);
}

void expect_plain(const ImageNetworkConfig& config, const RandomTensors& tensors, const SafetensorsFile& file, std::mt19937& random) {
  SCOPED_TRACE("side " + std::to_string(config.side));
  const ImageNetwork network = ImageNetwork::create(file, config, Precision::fp32).value();
  ImageWorkspace workspace = network.make_workspace();
  const std::vector<float> film = random_film(config.side, random);
  const ImageOutput output = network.run(film, workspace);
  const PlainImage plain = plain_image(config, tensors, film);
  EXPECT_EQ(output.map_side, plain.map.side);
  EXPECT_EQ(network.channels(), plain.map.channels);
  EXPECT_LT(furthest(output.map, plain.map.values), 1e-4);
  EXPECT_LT(furthest(output.features, plain.features), 1e-4);
  if (config.has_head()) {
    EXPECT_LT(furthest(output.logits, plain.logits), 1e-4);
  } else {
    EXPECT_TRUE(output.logits.empty());
  }
}

TEST(ImageNetwork, DenseNetInFloatsIsThePlainForwardPass) {
  std::mt19937 random(fresh_seed());
  for (const std::size_t side : {64u, 45u}) {
    const ImageNetworkConfig config = random_image_config(densenet121, side, 20);
    const RandomTensors tensors = random_image_tensors(config, random);
    expect_plain(config, tensors, file_of(tensors), random);
  }
}

TEST(ImageNetwork, MobileNetInFloatsIsThePlainForwardPass) {
  std::mt19937 random(fresh_seed());
  for (const ImageSpelling spelling : {ImageSpelling::usual, ImageSpelling::folded})
    for (const ImagePadding padding : {ImagePadding::symmetric, ImagePadding::tensorflow})
      for (const std::size_t side : {64u, 75u}) {
        ImageNetworkConfig config = random_image_config(mobilenet_v2, side, 20);
        config.padding = padding;
        const RandomTensors tensors = random_image_tensors(config, random, spelling);
        expect_plain(config, tensors, file_of(tensors), random);
      }
}

TEST(ImageNetwork, OfOneMeanTakesOnePlaneAndIsTheSame) {
  std::mt19937 random(fresh_seed());
  ImageNetworkConfig config = random_image_config(mobilenet_v2, 64, 0);
  config.mean = {0.5F, 0.5F, 0.5F};
  const RandomTensors tensors = random_image_tensors(config, random);
  expect_plain(config, tensors, file_of(tensors), random);
}

std::vector<float> map_of(const SafetensorsFile& file, const ImageNetworkConfig& config, const std::vector<float>& film) {
  const ImageNetwork network = ImageNetwork::create(file, config, Precision::fp32).value();
  ImageWorkspace workspace = network.make_workspace();
  const std::span<const float> map = network.run(film, workspace).map;
  return {map.begin(), map.end()};
}

TEST(ImageNetwork, TakesDenseNetsOldNamesAndWhatElseIsInTheFile) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed), again(seed);
  const ImageNetworkConfig config = random_image_config(densenet121, 64, 0);
  const RandomTensors tensors = random_image_tensors(config, random);
  RandomTensors old = random_image_tensors(config, again, ImageSpelling::old_names);
  ASSERT_TRUE(old.contains("features.denseblock3.denselayer24.norm.1.running_var"));
  old["classifier.weight"] = {{1, 1}, {3}};
  old["features.norm0.num_batches_tracked"] = {{}, {7}};
  const std::vector<float> film = random_film(config.side, random);
  EXPECT_EQ(map_of(file_of(old), config, film), map_of(file_of(tensors), config, film));
}

TEST(ImageNetwork, InBfloatsIsCloseToTheFloats) {
  if (!is_fast_here(Precision::bf16)) GTEST_SKIP() << "no bfloat16 products on this processor";
  std::mt19937 random(fresh_seed());
  for (const ImageArchitecture architecture : {densenet121, mobilenet_v2}) {
    const ImageNetworkConfig config = random_image_config(architecture, 96, 64);
    const SafetensorsFile file = file_of(random_image_tensors(config, random));
    const ImageNetwork bfloats = ImageNetwork::create(file, config, Precision::bf16).value(), floats = ImageNetwork::create(file, config, Precision::fp32).value();
    ImageWorkspace workspace = bfloats.make_workspace(), reference = floats.make_workspace();
    const std::vector<float> film = random_film(config.side, random);
    const ImageOutput output = bfloats.run(film, workspace), expected = floats.run(film, reference);
    std::cout << "bf16: cosine of features " << cosine(output.features, expected.features) << ", of maps " << cosine(output.map, expected.map) << "\n";
    EXPECT_GT(cosine(output.features, expected.features), 0.998);
    EXPECT_GT(cosine(output.map, expected.map), 0.99);
    EXPECT_LT(cosine(output.features, expected.features), 1 - 1e-8) << "not the precision asked for";
  }
}

TEST(ImageNetwork, ActivationAddsUpToTheLogit) {
  std::mt19937 random(fresh_seed());
  for (const ImageArchitecture architecture : {densenet121, mobilenet_v2})
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      if (!is_fast_here(precision)) continue;
      const ImageNetworkConfig config = random_image_config(architecture, 96, 64);
      const ImageNetwork network = ImageNetwork::create(file_of(random_image_tensors(config, random)), config, precision).value();
      ImageWorkspace workspace = network.make_workspace();
      const ImageOutput output = network.run(random_film(config.side, random), workspace);
      for (std::size_t label = 0; label < config.labels.size(); ++label) {
        const ClassActivation activation = network.class_activation(output, label);
        ASSERT_EQ(activation.map.size(), output.map_side * output.map_side);
        EXPECT_EQ(activation.side, output.map_side);
        double sum = 0, most = 0;
        for (const float value : activation.map) {
          sum += value;
          most = std::max(most, std::abs(double{value}));
        }
        EXPECT_NEAR(sum / static_cast<double>(activation.map.size()) + activation.constant, output.logits[label], 1e-4 * std::max(1.0, most));
      }
    }
}

/// What a place of the map holds for the logit is what is lost without it, as long as no hidden unit changes sides.
TEST(ImageNetwork, ActivationIsWhatAPlaceAdds) {
  std::mt19937 random(fresh_seed());
  const ImageNetworkConfig config = random_image_config(mobilenet_v2, 96, 16);
  const RandomTensors tensors = random_image_tensors(config, random);
  const ImageNetwork network = ImageNetwork::create(file_of(tensors), config, Precision::fp32).value();
  ImageWorkspace workspace = network.make_workspace();
  const ImageOutput output = network.run(random_film(config.side, random), workspace);
  const std::size_t places = output.map_side * output.map_side, place = random() % places;
  const std::vector<float>&hidden = tensors.at("head.hidden.weight").values, &classes = tensors.at("head.classes.weight").values;
  const std::vector<float>& bias = tensors.at("head.hidden.bias").values;
  double expected = 0, size = 0;
  for (std::size_t unit = 0; unit < config.hidden; ++unit) {
    double sum = bias[unit], here = 0;
    for (std::size_t channel = 0; channel < network.channels(); ++channel) {
      sum += double{hidden[unit * network.channels() + channel]} * output.features[channel];
      here += double{hidden[unit * network.channels() + channel]} * output.map[channel * places + place];
    }
    if (sum > 0) expected += here * classes[config.hidden + unit];
    size += std::abs(here * classes[config.hidden + unit]);
  }
  EXPECT_NEAR(network.class_activation(output, 1).map[place], expected, 1e-4 * size);
}

TEST(ImageNetwork, IsSharedByThreads) {
  std::mt19937 random(fresh_seed());
  const Precision precision = is_fast_here(Precision::bf16) ? Precision::bf16 : Precision::fp32;
  for (const ImageArchitecture architecture : {densenet121, mobilenet_v2}) {
    const ImageNetworkConfig config = random_image_config(architecture, 64, 8);
    const ImageNetwork network = ImageNetwork::create(file_of(random_image_tensors(config, random)), config, precision).value();
    const std::vector<std::vector<float>> films{random_film(config.side, random), random_film(config.side, random)};
    const auto maps = [&](ImageWorkspace& workspace) {
      std::vector<std::vector<float>> all;
      for (const std::vector<float>& film : films) {
        const ImageOutput output = network.run(film, workspace);
        all.emplace_back(output.map.begin(), output.map.end());
        all.emplace_back(output.logits.begin(), output.logits.end());
      }
      return all;
    };
    ImageWorkspace first = network.make_workspace();
    const auto expected = maps(first);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        ImageWorkspace workspace = network.make_workspace();
        for (int j = 0; j < 3; ++j) EXPECT_EQ(maps(workspace), expected);
      });
    for (std::thread& thread : threads) thread.join();
  }
}

std::size_t threads_now() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

TEST(ImageNetwork, RunsOnTheCallingThreadAlone) {
  std::mt19937 random(fresh_seed());
  const ImageNetworkConfig config = random_image_config(mobilenet_v2, 128, 8);
  const SafetensorsFile file = file_of(random_image_tensors(config, random));
  const std::vector<float> film = random_film(config.side, random);
  std::thread([&] {
    omp_set_num_threads(4);  // what a worker would have on four cores
    const std::size_t before = threads_now();
    const ImageNetwork network = ImageNetwork::create(file, config, Precision::fp32).value();
    ImageWorkspace workspace = network.make_workspace();
    (void)network.run(film, workspace);
    EXPECT_EQ(threads_now(), before);
    EXPECT_EQ(omp_get_max_threads(), 4) << "left as it was found";
  }).join();
}

TEST(ImageNetwork, KeepsItsBuffers) {
  std::mt19937 random(fresh_seed());
  const ImageNetworkConfig config = random_image_config(mobilenet_v2, 64, 8);
  const ImageNetwork network = ImageNetwork::create(file_of(random_image_tensors(config, random)), config, Precision::fp32).value();
  ImageWorkspace workspace = network.make_workspace();
  const float* const place = network.run(random_film(config.side, random), workspace).map.data();
  const std::size_t bytes = workspace.resident_bytes();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(network.run(random_film(config.side, random), workspace).map.data(), place);
  EXPECT_EQ(workspace.resident_bytes(), bytes);
  EXPECT_GT(network.resident_bytes(), 2'200'000 * sizeof(float)) << "MobileNetV2 has 2.2 million weights before its classifier";
}

TEST(ImageNetworkDeathTest, RefusesAFilmOfAnotherSideAndALabelThatItDoesNotHave) {
  std::mt19937 random(1);
  const ImageNetworkConfig config = random_image_config(mobilenet_v2, 64, 8);
  const ImageNetwork network = ImageNetwork::create(file_of(random_image_tensors(config, random)), config, Precision::fp32).value();
  ImageWorkspace workspace = network.make_workspace();
  EXPECT_DEATH((void)network.run(random_film(63, random), workspace), "grey.size");
  const ImageOutput output = network.run(random_film(64, random), workspace);
  EXPECT_DEATH((void)network.class_activation(output, 3), "label");
}

}  // namespace
}  // namespace osler::neural
