#include "train/network/adam.h"

namespace osler::train {

TEST(AdamWTest, OneUpdateIsThePublishedFormula) {
  std::map<std::string, torch::Tensor> parameters{{"layer.weight", torch::tensor({{1.0F, -2.0F}}).set_requires_grad(true)}};
  AdamW optimizer(parameters, 0.1);
  parameters.at("layer.weight").mutable_grad() = torch::tensor({{0.5F, -0.25F}});
  optimizer.update(0.01, 1);
  // First step: both moments are corrected to the gradient itself, so each value moves by the learning rate, after its decay.
  EXPECT_NEAR(parameters.at("layer.weight")[0][0].item<float>(), 1.0F * (1 - 0.001F) - 0.01F, 1e-6);
  EXPECT_NEAR(parameters.at("layer.weight")[0][1].item<float>(), -2.0F * (1 - 0.001F) + 0.01F, 1e-6);
}

TEST(AdamWTest, BiasesAndNormalisationDoNotDecay) {
  std::map<std::string, torch::Tensor> parameters{{"a.bias", torch::ones({1}).set_requires_grad(true)}, {"LayerNorm.weight", torch::ones({1}).set_requires_grad(true)}};
  AdamW optimizer(parameters, 0.5);
  for (auto& [name, value] : parameters) value.mutable_grad() = torch::zeros({1});
  optimizer.update(0.1, 1);
  for (const auto& [name, value] : parameters) EXPECT_EQ(value.item<float>(), 1) << name;
}

TEST(AdamWTest, ClippingScalesAllGradientsTogether) {
  std::map<std::string, torch::Tensor> parameters{{"a", torch::zeros({1}).set_requires_grad(true)}, {"b", torch::zeros({1}).set_requires_grad(true)}};
  AdamW optimizer(parameters, 0);
  parameters.at("a").mutable_grad() = torch::full({1}, 3.0);
  parameters.at("b").mutable_grad() = torch::full({1}, 4.0);
  EXPECT_NEAR(optimizer.clip(1), 5, 1e-6);
  EXPECT_NEAR(parameters.at("a").grad().item<float>(), 0.6, 1e-6);
  EXPECT_NEAR(parameters.at("b").grad().item<float>(), 0.8, 1e-6);
  EXPECT_NEAR(optimizer.clip(10), 1, 1e-6);
  EXPECT_NEAR(parameters.at("b").grad().item<float>(), 0.8, 1e-6);
}

TEST(AdamWTest, AShareOfTheRateMovesAParameterLess) {
  std::map<std::string, torch::Tensor> parameters{{"base", torch::zeros({1}).set_requires_grad(true)}, {"head", torch::zeros({1}).set_requires_grad(true)}};
  AdamW optimizer(parameters, 0);
  for (auto& [name, value] : parameters) value.mutable_grad() = torch::ones({1});
  optimizer.update(0.1, 1, [](const std::string& name) { return name == "base" ? 0.25 : 1.0; });
  EXPECT_NEAR(parameters.at("base").item<float>(), -0.025, 1e-6);
  EXPECT_NEAR(parameters.at("head").item<float>(), -0.1, 1e-6);
}

TEST(AdamWTest, AParameterWithoutGradientStays) {
  std::map<std::string, torch::Tensor> parameters{{"a", torch::ones({2}).set_requires_grad(true)}};
  AdamW optimizer(parameters, 0.1);
  optimizer.update(0.1, 1);
  EXPECT_TRUE(torch::equal(parameters.at("a").detach(), torch::ones({2})));
}

}  // namespace osler::train
