#include "train/network/image_network.h"

#include <filesystem>

#include "neural/image_network.h"
#include "tiny_films.h"
#include "train/network/export_image.h"

namespace osler::train {
namespace {

const std::string kBackbone = std::string(OSLER_SOURCE_DIR) + "/../shared/data/imaging/backbones/mobilenet_v2_imagenet.safetensors";

std::int64_t count_of(const std::map<std::string, torch::Tensor>& tensors) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : tensors)
    if (!ImageNetwork::is_head(name)) count += tensor.numel();
  return count;
}

TEST(TrainedImageNetworkTest, DenseNet121HasTorchvisionsParameters) {
  const ImageNetwork network({"densenet121", "", 256, 0, false}, 2);
  const auto& parameters = network.tensors().parameters;
  EXPECT_EQ(count_of(parameters), 7'978'856 - 1024 * 1000 - 1000);  // torchvision's, less its classifier
  EXPECT_EQ(network.width(), 1024);
  EXPECT_EQ(parameters.at("features.conv0.weight").sizes(), (std::vector<std::int64_t>{64, 3, 7, 7}));
  EXPECT_EQ(parameters.at("features.denseblock3.denselayer24.conv1.weight").sizes(), (std::vector<std::int64_t>{128, 992, 1, 1}));
  EXPECT_EQ(parameters.at("features.transition2.conv.weight").sizes(), (std::vector<std::int64_t>{256, 512, 1, 1}));
  EXPECT_TRUE(network.tensors().buffers.contains("features.norm5.running_var"));
  EXPECT_EQ(parameters.at("head.hidden.weight").sizes(), (std::vector<std::int64_t>{256, 1024}));
}

TEST(TrainedImageNetworkTest, MobileNetV2TakesTheImageNetWeights) {
  ImageNetwork network({"mobilenet_v2", "", 256, 0, false}, 2);
  EXPECT_EQ(count_of(network.tensors().parameters), 3'489'097 - 1280 * 1001 - 1001);
  if (!std::filesystem::exists(kBackbone)) GTEST_SKIP() << "no ImageNet weights here: " << kBackbone;
  const auto hash = network.load_backbone(kBackbone);
  ASSERT_TRUE(hash) << describe(hash.error());
  EXPECT_EQ(*hash, "3b8fb89490322f541418a547b594ee1019c6a4153b92fa39cf78c3e186b4e691");
}

TEST(TrainedImageNetworkTest, ABackboneOfAnotherNetworkIsRefused) {
  if (!std::filesystem::exists(kBackbone)) GTEST_SKIP() << "no ImageNet weights here: " << kBackbone;
  ImageNetwork network({"densenet121", "", 16, 0, false}, 2);
  EXPECT_EQ(network.load_backbone(kBackbone).error().code, ErrorCode::corrupted);
}

TEST(TrainedImageNetworkTest, TheGradientOfReLU6IsOneInsideAndNothingOutside) {
  NamedTensors tensors;
  torch::manual_seed(3);
  const std::unique_ptr<Backbone> backbone = make_mobilenet_v2(tensors, false);
  torch::Tensor bias = tensors.parameters.at("features.18.0.bias");
  const torch::Tensor input = torch::rand({1, 3, 64, 64});
  const torch::Tensor features = backbone->pooled(input, true)[0];
  features.sum().backward();
  const torch::Tensor slope = bias.grad();
  for (std::int64_t c = 0; c < slope.size(0); ++c) {
    EXPECT_GE(slope[c].item<float>(), 0);
    EXPECT_LE(slope[c].item<float>(), 1 + 1e-5);
    EXPECT_TRUE(features[c].item<float>() > 0 || slope[c].item<float>() == 0) << c;
  }
  EXPECT_GT(slope.sum().item<float>(), 0);
}

/// The same weights in the server's network: the same logits.
void expect_parity(const std::string& architecture) {
  ImageTrainingConfig config = tiny_films("parity_" + architecture);
  config.network.architecture = architecture;
  const std::unique_ptr<ImageRun> run = tiny_image_run(config);
  ASSERT_TRUE(run);
  {
    torch::NoGradGuard guard;  // so that biases and running statistics count
    for (auto* tensors : {&run->network->tensors().parameters, &run->network->tensors().buffers})
      for (auto& [name, tensor] : *tensors)
        if (tensor.dim() == 1) tensor.add_(torch::rand_like(tensor) * 0.1);
  }
  const std::string folder = config.work_folder + "/model";
  const auto written = export_image(*run, "none", folder, Storage::fp32);
  ASSERT_TRUE(written.has_value()) << describe(written.error());
  const auto file = neural::SafetensorsFile::open(folder + "/model.safetensors");
  ASSERT_TRUE(file);
  neural::ImageNetworkConfig served;
  served.architecture = architecture == "mobilenet_v2" ? neural::ImageArchitecture::mobilenet_v2 : neural::ImageArchitecture::densenet121;
  served.padding = architecture == "mobilenet_v2" ? neural::ImagePadding::tensorflow : neural::ImagePadding::symmetric;
  const Normalisation normalisation = normalisation_of(architecture);
  std::copy(normalisation.mean.begin(), normalisation.mean.end(), served.mean.begin());
  std::copy(normalisation.deviation.begin(), normalisation.deviation.end(), served.deviation.begin());
  served.side = 64;
  served.hidden = 16;
  served.labels = config.labels;
  const auto network = neural::ImageNetwork::create(*file, served, neural::Precision::fp32);
  ASSERT_TRUE(network) << describe(network.error());
  neural::ImageWorkspace workspace = network->make_workspace();
  torch::NoGradGuard guard;
  const std::vector<std::size_t> films = {run->films_in(Part::fit).front(), run->films_in(Part::selection).back()};
  const torch::Tensor grey = run->grey(films, std::vector<std::uint64_t>{0, 7});
  const torch::Tensor logits = run->network->logits(run->network->features(grey, false), false);
  for (std::int64_t i = 0; i < 2; ++i) {
    const neural::ImageOutput output = network->run(std::span(grey[i].data_ptr<float>(), 64 * 64), workspace);
    for (std::int64_t label = 0; label < 2; ++label) {
      const double expected = logits[i][label].item<double>();
      EXPECT_NEAR(output.logits[static_cast<std::size_t>(label)], expected, 1e-4 * std::max(1.0, std::abs(expected))) << architecture;
    }
  }
}

TEST(TrainedImageNetworkTest, TheServersMobileNetGivesTheTrainedLogits) { expect_parity("mobilenet_v2"); }
TEST(TrainedImageNetworkTest, TheServersDenseNetGivesTheTrainedLogits) { expect_parity("densenet121"); }

TEST(TrainedImageNetworkTest, BFloat16IsNear) {
  const std::unique_ptr<ImageRun> run = tiny_image_run(tiny_films("mixed"));
  ASSERT_TRUE(run);
  ImageNetworkSettings settings = run->config.network;
  settings.mixed_precision = true;
  ImageNetwork mixed(settings, 2);
  torch::NoGradGuard guard;
  for (auto& [name, tensor] : mixed.tensors().parameters) tensor.copy_(run->network->tensors().parameters.at(name));
  const torch::Tensor grey = run->grey(run->films_in(Part::fit), std::vector<std::uint64_t>(run->films_in(Part::fit).size(), 0));
  const torch::Tensor plain = run->network->features(grey, false), other = mixed.features(grey, false);
  EXPECT_LT((plain - other).norm().item<double>(), 0.1 * plain.norm().item<double>());  // 8 bits, through 52 random layers
  EXPECT_GT((plain - other).norm().item<double>(), 0);
}

}  // namespace
}  // namespace osler::train
