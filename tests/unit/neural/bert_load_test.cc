// What BertEncoder and DenseHead refuse to load, and the parts on top of the encoder.
#include <cmath>
#include <limits>

#include "../random_seed.h"
#include "random_bert.h"

namespace osler::neural {
namespace {

BertConfig tiny_config() {
  BertConfig config;
  config.layers = 1;
  config.heads = 2;
  config.hidden = 8;
  config.intermediate = 12;
  config.vocabulary = 20;
  config.positions = 10;
  config.token_types = 2;
  return config;
}

void expect_refused(const RandomTensors& tensors, const BertConfig& config, const std::string& named) {
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    if (!is_fast_here(precision)) continue;
    const SafetensorsFile file = file_of(tensors);
    const Result<BertEncoder> encoder = BertEncoder::create(file, config, precision);
    ASSERT_FALSE(encoder) << named;
    EXPECT_EQ(encoder.error().code, ErrorCode::corrupted);
    EXPECT_NE(describe(encoder.error()).find(named), std::string::npos) << describe(encoder.error());
    EXPECT_NE(describe(encoder.error()).find("model.safetensors"), std::string::npos) << describe(encoder.error());
  }
}

TEST(BertLoad, NamesAMissingTensor) {
  std::mt19937 random(fresh_seed());
  const RandomTensors tensors = random_tensors(tiny_config(), random);
  for (const auto& [name, tensor] : tensors) {
    if (name == "pooler.dense.weight") continue;  // then it has no pooler
    RandomTensors fewer = tensors;
    fewer.erase(name);
    expect_refused(fewer, tiny_config(), name);
  }
}

TEST(BertLoad, NamesATensorOfAnotherShape) {
  std::mt19937 random(fresh_seed());
  const RandomTensors tensors = random_tensors(tiny_config(), random);
  for (const auto& [name, tensor] : tensors) {
    RandomTensors other = tensors;
    other[name].shape.push_back(1);
    expect_refused(other, tiny_config(), name);
  }
}

TEST(BertLoad, NamesATensorThatIsNotFinite) {
  std::mt19937 random(fresh_seed());
  const RandomTensors tensors = random_tensors(tiny_config(), random);
  for (const auto& [name, tensor] : tensors)
    for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      RandomTensors other = tensors;
      other[name].values.back() = value;
      expect_refused(other, tiny_config(), name);
    }
}

TEST(BertLoad, HoldsTheFileToTheConfig) {
  std::mt19937 random(fresh_seed());
  const RandomTensors tensors = random_tensors(tiny_config(), random);
  BertConfig config = tiny_config();
  config.layers = 2;
  expect_refused(tensors, config, "encoder.layer.1.");
  config = tiny_config();
  config.vocabulary = 21;
  expect_refused(tensors, config, "embeddings.word_embeddings.weight");
  config = tiny_config();
  config.token_types = 1;
  expect_refused(tensors, config, "embeddings.token_type_embeddings.weight");
}

TEST(BertLoad, CountsItsMemory) {
  std::mt19937 random(fresh_seed());
  BertConfig config = tiny_config();
  config.hidden = config.intermediate = 128;
  config.vocabulary = 5000;
  const SafetensorsFile file = file_of(random_tensors(config, random));
  const std::size_t floats = BertEncoder::create(file, config, Precision::fp32).value().resident_bytes();
  EXPECT_GT(floats, (5000u + 6 * 128) * 128 * 4);
  EXPECT_LT(floats, (5000u + 8 * 128) * 128 * 4);
  if (is_fast_here(Precision::bf16)) {
    EXPECT_LT(BertEncoder::create(file, config, Precision::bf16).value().resident_bytes(), floats * 6 / 10);
  }
}

TEST(DenseHead, IsAProductAndItsBias) {
  const RandomTensors tensors{{"classifier.weight", {{2, 3}, {1, 2, 3, -1, 0, 1}}}, {"classifier.bias", {{2}, {0.5F, -0.5F}}}};
  const SafetensorsFile file = file_of(tensors);
  const DenseHead head = DenseHead::create(file, "classifier", 3, 2).value();
  EXPECT_EQ(head.labels(), 2u);
  EXPECT_EQ(head.apply(std::vector<float>{1, 1, 1, 0, 2, 4}), (std::vector<float>{6.5F, -0.5F, 16.5F, 3.5F}));
  EXPECT_TRUE(head.apply({}).empty());
  for (const auto& [width, labels] : {std::pair<std::size_t, std::size_t>{3, 3}, {2, 2}}) {
    const Result<DenseHead> other = DenseHead::create(file, "classifier", width, labels);
    ASSERT_FALSE(other);
    EXPECT_NE(describe(other.error()).find("classifier.weight"), std::string::npos);
  }
  EXPECT_EQ(DenseHead::create(file, "spans", 3, 2).error().code, ErrorCode::corrupted);
}

TEST(DenseHead, RowsDoNotTouchEachOther) {
  std::mt19937 random(fresh_seed());
  std::normal_distribution<float> normal;
  RandomTensors tensors{{"head.weight", {{5, 37}, std::vector<float>(5 * 37)}}, {"head.bias", {{5}, std::vector<float>(5)}}};
  for (float& value : tensors["head.weight"].values) value = normal(random);
  const DenseHead head = DenseHead::create(file_of(tensors), "head", 37, 5).value();
  std::vector<float> input(9 * 37);
  for (float& value : input) value = normal(random);
  const std::vector<float> together = head.apply(input);
  for (std::size_t row = 0; row < 9; ++row) {
    const std::vector<float> alone = head.apply(std::span(input).subspan(row * 37, 37));
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(row * 5)));
  }
}

TEST(MeanPooled, IsTheMeanScaledToLengthOne) {
  const std::vector<float> states{1, 0, 5, 8, 0, 0, -4, 0};
  const std::vector<std::size_t> lengths{2, 1, 1};
  const std::vector<float> means = mean_pooled(states, lengths, 2);
  ASSERT_EQ(means.size(), 6u);
  EXPECT_FLOAT_EQ(means[0], 0.6F);
  EXPECT_FLOAT_EQ(means[1], 0.8F);
  EXPECT_EQ(means[2], 0);
  EXPECT_EQ(means[3], 0) << "nothing to scale";
  EXPECT_FLOAT_EQ(means[4], -1);
}

}  // namespace
}  // namespace osler::neural
