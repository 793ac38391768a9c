// What OutlierScorer takes, refuses and says. How such a model is fitted: tests/unit/evaluate/film_outlier_test.cc.
#include "models/outlier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/limits.h"

namespace osler::models {
namespace {

/// Four channels, two directions.
OutlierModel plain() {
  return {{1, 2, 3, 4}, {1, 0, 0, 0, 0, 0.6f, 0.8f, 0}, {4, 9}, 0.25f};
}

OutlierScorer scorer_of(OutlierModel model) { return OutlierScorer::create(std::move(model)).value(); }

TEST(OutlierScorer, IsTheRootOfTheMeanSquaredDeviation) {
  const OutlierScorer scorer = scorer_of(plain());
  EXPECT_EQ(scorer.channels(), 4u);
  EXPECT_DOUBLE_EQ(scorer.score(std::vector<float>{1, 2, 3, 4}), 0);
  // Along the first direction by 6: 36 / 4, over 4 channels.
  EXPECT_DOUBLE_EQ(scorer.score(std::vector<float>{7, 2, 3, 4}), std::sqrt(9.0 / 4));
  // In no direction, by 1: 1 / 0.25, over 4 channels.
  EXPECT_DOUBLE_EQ(scorer.score(std::vector<float>{1, 2, 3, 5}), 1);
  // By 5 along the second channel: 3 of it along the second direction (9 / 9), 4 across (16 / 0.25).
  EXPECT_NEAR(scorer.score(std::vector<float>{1, 7, 3, 4}), std::sqrt((1 + 64) / 4.0), 1e-5);
}

TEST(OutlierScorer, FeaturesThatAreNotFiniteAreUnlikeAny) {
  const OutlierScorer scorer = scorer_of(plain());
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    EXPECT_EQ(scorer.score(std::vector<float>{1, bad, 3, 4}), std::numeric_limits<double>::infinity());
}

TEST(OutlierScorer, RefusesAModelThatDoesNotHoldTogether) {
  const auto refused = [](auto change) {
    OutlierModel model = plain();
    change(model);
    const auto scorer = OutlierScorer::create(std::move(model));
    return !scorer && scorer.error().code == ErrorCode::corrupted;
  };
  EXPECT_FALSE(refused([](OutlierModel&) {}));
  EXPECT_TRUE(refused([](OutlierModel& model) { model.mean.pop_back(); }));
  EXPECT_TRUE(refused([](OutlierModel& model) { model.variances.push_back(1); }));
  EXPECT_TRUE(refused([](OutlierModel& model) { model = {}; }));
  EXPECT_TRUE(refused([](OutlierModel& model) { model.variances[1] = 0; }));
  EXPECT_TRUE(refused([](OutlierModel& model) { model.residual_variance = -1; }));
  EXPECT_TRUE(refused([](OutlierModel& model) { model.mean[0] = std::numeric_limits<float>::quiet_NaN(); }));
  EXPECT_TRUE(refused([](OutlierModel& model) { model.residual_variance = std::numeric_limits<float>::infinity(); }));
  EXPECT_TRUE(refused([](OutlierModel& model) { model.components[0] = 1.1f; })) << "longer than 1";
  EXPECT_TRUE(refused([](OutlierModel& model) { model.components[4] = 0.2f; })) << "not at right angles";
}

/// The first `count` unit vectors.
OutlierModel axes(std::size_t channels, std::size_t count) {
  OutlierModel model{std::vector<float>(channels, 0), std::vector<float>(channels * count, 0), std::vector<float>(count, 1), 1};
  for (std::size_t k = 0; k < count; ++k) model.components[k * channels + k] = 1;
  return model;
}

TEST(OutlierScorer, IsBoundedInChannelsAndComponents) {
  EXPECT_TRUE(OutlierScorer::create(axes(limits::kMaxFilmFeatures, 1)).has_value());
  EXPECT_EQ(OutlierScorer::create(axes(limits::kMaxFilmFeatures + 1, 1)).error().code, ErrorCode::too_large);
  EXPECT_TRUE(OutlierScorer::create(axes(100, limits::kMaxOutlierComponents)).has_value());
  EXPECT_EQ(OutlierScorer::create(axes(100, limits::kMaxOutlierComponents + 1)).error().code, ErrorCode::too_large);
}

class OutlierFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "outlier-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  neural::SafetensorsFile file(const std::vector<std::byte>& bytes) {
    const std::string path = folder_ / "outlier.safetensors";
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return neural::SafetensorsFile::open(path).value();
  }

  std::filesystem::path folder_;
};

TEST_F(OutlierFile, WhatIsWrittenScoresTheSame) {
  const OutlierScorer read = OutlierScorer::load(file(write_outlier(plain()))).value();
  const std::vector<float> features{3, -1, 2, 9};
  EXPECT_EQ(read.score(features), scorer_of(plain()).score(features));
}

TEST_F(OutlierFile, AFileWithoutItsTensorsIsRefusedByName) {
  const auto nothing = OutlierScorer::load(file(neural::write_safetensors({}, {})));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, ErrorCode::corrupted);
  EXPECT_NE(nothing.error().external.find("outlier.safetensors"), std::string::npos);

  const std::vector<float> ones(4, 1);
  const neural::TensorView components{neural::TensorType::f32, {1, 4}, std::as_bytes(std::span(ones))};
  EXPECT_FALSE(OutlierScorer::load(file(neural::write_safetensors({{"outlier.components", components}}, {})))) << "no mean";
}

}  // namespace
}  // namespace osler::models
