#include "train/network/image_losses.h"

#include <cmath>

#include <gtest/gtest.h>

#include "train/network/image_judge.h"

namespace osler::train {
namespace {

/// Two films of label 1: probabilities of their own label 0.8 and 0.5.
torch::Tensor logits() { return torch::tensor({{0.0F, std::log(4.0F)}, {0.0F, 0.0F}}); }

double loss_of(const ImageLossSettings& settings, std::vector<float> weights) {
  return image_loss(logits(), label_tensor({1, 1}), torch::tensor(weights), settings).item<double>();
}

TEST(ImageLossesTest, CrossEntropyByHand) {
  ImageLossSettings settings;
  EXPECT_NEAR(loss_of(settings, {1, 1}), (-std::log(0.8) - std::log(0.5)) / 2, 1e-6);
  EXPECT_NEAR(loss_of(settings, {3, 1}), (-3 * std::log(0.8) - std::log(0.5)) / 4, 1e-6);
}

TEST(ImageLossesTest, FocalByHand) {
  ImageLossSettings settings;
  settings.kind = "focal";
  settings.gamma = 2;
  EXPECT_NEAR(loss_of(settings, {1, 1}), (-0.04 * std::log(0.8) - 0.25 * std::log(0.5)) / 2, 1e-6);
  settings.gamma = 0;
  EXPECT_NEAR(loss_of(settings, {1, 1}), (-std::log(0.8) - std::log(0.5)) / 2, 1e-6);
}

TEST(ImageLossesTest, SmoothingSpreadsTheTarget) {
  ImageLossSettings settings;
  settings.label_smoothing = 0.2;
  const double first = -(0.9 * std::log(0.8) + 0.1 * std::log(0.2));
  EXPECT_NEAR(loss_of(settings, {1, 0}), first, 1e-6);
}

TEST(ImageJudgeTest, FilmsThatAreSureDoNotTie) {
  const torch::Tensor sure = torch::tensor({{-30.0F, 30.0F}, {-20.0F, 20.0F}, {-25.0F, 25.0F}});
  EXPECT_DOUBLE_EQ(judge(sure, {1, 0, 1}).auc, 1);
  EXPECT_DOUBLE_EQ(judge(sure, {0, 1, 0}).auc, 0);
  const Judgement judgement = judge(torch::zeros({4, 2}), {0, 1, 1, 1});
  EXPECT_DOUBLE_EQ(judgement.auc, 0.5);
  EXPECT_NEAR(judgement.log_loss, std::log(2.0), 1e-9);
}

}  // namespace
}  // namespace osler::train
