// BertEncoder against plain_bert in doubles, at every precision, shape and naming.
#include "neural/bert.h"

#include <filesystem>
#include <thread>

#include "../random_seed.h"
#include "neural/bert_weights.h"
#include "neural/dnnl_compat.h"
#include "plain_bert.h"
#include "random_bert.h"

namespace osler::neural {
namespace {

BertConfig small_config() {
  BertConfig config;
  config.layers = 2;
  config.heads = 3;
  config.hidden = 48;
  config.intermediate = 80;
  config.vocabulary = 50;
  config.positions = 70;
  config.token_types = 2;
  return config;
}

double distance(std::span<const float> got, const std::vector<double>& expected) {
  EXPECT_EQ(got.size(), expected.size());
  double away = 0, size = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    away += (got[i] - expected[i]) * (got[i] - expected[i]);
    size += expected[i] * expected[i];
  }
  return std::sqrt(away / size);
}

/// The smallest cosine of any row.
double least_cosine(std::span<const float> got, const std::vector<double>& expected, std::size_t hidden) {
  double least = 1;
  for (std::size_t row = 0; row < got.size(); row += hidden) {
    double product = 0, a = 0, b = 0;
    for (std::size_t i = row; i < row + hidden; ++i) {
      product += got[i] * expected[i];
      a += double{got[i]} * got[i];
      b += expected[i] * expected[i];
    }
    least = std::min(least, product / std::sqrt(a * b));
  }
  return least;
}

void expect_plain(const BertConfig& config, const RandomTensors& tensors, const SafetensorsFile& file, const std::vector<std::size_t>& lengths,
                  std::mt19937& random) {
  const BertEncoder encoder = BertEncoder::create(file, config, Precision::fp32).value();
  BertWorkspace workspace = encoder.make_workspace();
  const auto sequences = random_sequences(config, lengths, random);
  const BertOutput output = encoder.forward(spans_of(sequences), workspace);
  std::size_t first = 0;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const PlainOutput plain = plain_bert(config, tensors, sequences[s]);
    const std::size_t count = lengths[s] * config.hidden;
    EXPECT_LT(distance(output.hidden_states.subspan(first, count), plain.hidden_states), 1e-5);
    if (encoder.has_pooler()) {
      EXPECT_LT(distance(output.pooled.subspan(s * config.hidden, config.hidden), plain.pooled), 1e-5);
    }
    first += count;
  }
  EXPECT_EQ(output.hidden_states.size(), first);
}

TEST(Bert, InFloatsIsThePlainForwardPass) {
  std::mt19937 random(fresh_seed());
  const BertConfig config = small_config();
  const RandomTensors tensors = random_tensors(config, random);
  expect_plain(config, tensors, file_of(tensors), {1, 70, 16, 33, 2}, random);
}

TEST(Bert, TakesOddSizes) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 12; ++i) {
    BertConfig config = small_config();
    config.heads = 1 + random() % 5;
    config.hidden = config.heads * (1 + random() % 37);
    config.intermediate = 1 + random() % 150;
    config.layers = 1 + random() % 2;
    config.token_types = 1 + random() % 3;
    const RandomTensors tensors = random_tensors(config, random);
    SCOPED_TRACE(std::to_string(config.heads) + " heads, hidden " + std::to_string(config.hidden) + ", " + std::to_string(config.intermediate));
    expect_plain(config, tensors, file_of(tensors), {1 + random() % 70, 1 + random() % 70}, random);
  }
}

TEST(Bert, KnowsItsActivationsAndEpsilon) {
  std::mt19937 random(fresh_seed());
  for (const Activation activation : {Activation::gelu_erf, Activation::gelu_tanh, Activation::relu}) {
    BertConfig config = small_config();
    config.activation = activation;
    config.layer_norm_epsilon = 0.3F;
    const RandomTensors tensors = random_tensors(config, random);
    expect_plain(config, tensors, file_of(tensors), {20}, random);
  }
}

TEST(Bert, TakesThePrefixOldNamesAndWhatElseIsInTheFile) {
  std::mt19937 random(fresh_seed());
  const BertConfig config = small_config();
  const RandomTensors tensors = random_tensors(config, random);
  RandomTensors more = with_prefix(with_old_names(tensors));
  more["bert.embeddings.position_ids"] = {{1, 3}, {0, 1, 2}};
  more["cls.predictions.bias"] = {{2}, {1, 2}};
  more["classifier.weight"] = {{1, 1}, {3}};
  for (const RandomTensors& variant : {with_prefix(tensors), with_old_names(tensors), more}) expect_plain(config, tensors, file_of(variant), {9, 30}, random);
}

TEST(Bert, WithoutAPoolerGivesNonePooled) {
  std::mt19937 random(fresh_seed());
  const BertConfig config = small_config();
  const RandomTensors tensors = random_tensors(config, random, false);
  expect_plain(config, tensors, file_of(tensors), {5}, random);
  const BertEncoder encoder = BertEncoder::create(file_of(tensors), config, Precision::fp32).value();
  BertWorkspace workspace = encoder.make_workspace();
  EXPECT_FALSE(encoder.has_pooler());
  EXPECT_TRUE(encoder.forward(spans_of({{1, 2}}), workspace).pooled.empty());
}

TEST(Bert, OfFewerBitsIsCloseToTheFloats) {
  std::mt19937 random(fresh_seed());
  BertConfig config = small_config();
  config.layers = 4;
  config.heads = 4;
  config.hidden = 128;
  config.intermediate = 512;
  for (const Activation activation : {Activation::gelu_erf, Activation::gelu_tanh, Activation::relu}) {
    config.activation = activation;
    const RandomTensors tensors = random_tensors(config, random);
    const SafetensorsFile file = file_of(tensors);
    for (const auto& [precision, cosine] : {std::pair{Precision::bf16, 0.9999}, std::pair{Precision::int8, 0.999}}) {
      if (!is_fast_here(precision)) continue;
      const BertEncoder encoder = BertEncoder::create(file, config, precision).value();
      BertWorkspace workspace = encoder.make_workspace();
      const auto sequences = random_sequences(config, {37}, random);
      const BertOutput output = encoder.forward(spans_of(sequences), workspace);
      const PlainOutput plain = plain_bert(config, tensors, sequences[0]);
      EXPECT_GT(least_cosine(output.hidden_states, plain.hidden_states, config.hidden), cosine) << name_of(precision);
      EXPECT_GT(least_cosine(output.pooled, plain.pooled, config.hidden), cosine) << name_of(precision);
      EXPECT_GT(distance(output.hidden_states, plain.hidden_states), 1e-5) << "not the precision asked for: " << name_of(precision);
    }
  }
}

std::size_t threads_now() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

TEST(Bert, RunsOnTheCallingThreadAlone) {
  std::mt19937 random(fresh_seed());
  BertConfig config = small_config();
  config.hidden = 384;
  config.intermediate = 1536;
  const SafetensorsFile file = file_of(random_tensors(config, random));
  const auto sequences = random_sequences(config, {70, 70, 70, 70}, random);
  std::thread([&] {
    omp_set_num_threads(4);  // what a worker would have on four cores
    const std::size_t before = threads_now();
    for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
      if (!is_fast_here(precision)) continue;
      const BertEncoder encoder = BertEncoder::create(file, config, precision).value();
      BertWorkspace workspace = encoder.make_workspace();
      (void)encoder.forward(spans_of(sequences), workspace);
      EXPECT_EQ(threads_now(), before);
    }
    EXPECT_EQ(omp_get_max_threads(), 4) << "left as it was found";
  }).join();
}

TEST(Bert, KeepsItsBuffers) {
  std::mt19937 random(fresh_seed());
  const BertConfig config = small_config();
  const SafetensorsFile file = file_of(random_tensors(config, random));
  const BertEncoder encoder = BertEncoder::create(file, config, Precision::fp32).value();
  BertWorkspace workspace = encoder.make_workspace();
  const auto few = random_sequences(config, {70}, random), many = random_sequences(config, {70, 70, 70}, random);
  const float* const place = encoder.forward(spans_of(many), workspace).hidden_states.data();
  const std::size_t bytes = workspace.resident_bytes();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(encoder.forward(spans_of(few), workspace).hidden_states.data(), place);
    EXPECT_EQ(encoder.forward(spans_of(many), workspace).hidden_states.data(), place);
  }
  EXPECT_EQ(workspace.resident_bytes(), bytes);
}

TEST(Bert, IsSharedByThreads) {
  std::mt19937 random(fresh_seed());
  const BertConfig config = small_config();
  const SafetensorsFile file = file_of(random_tensors(config, random));
  const Precision precision = is_fast_here(Precision::int8) ? Precision::int8 : Precision::fp32;
  const BertEncoder encoder = BertEncoder::create(file, config, precision).value();
  const auto sequences = random_sequences(config, {70, 11}, random);
  const auto states = [&] {
    BertWorkspace workspace = encoder.make_workspace();
    const BertOutput output = encoder.forward(spans_of(sequences), workspace);
    return std::vector<float>(output.hidden_states.begin(), output.hidden_states.end());
  };
  const std::vector<float> expected = states();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) EXPECT_EQ(states(), expected);
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(BertDeathTest, RefusesTokensAndLengthsThatItDoesNotHave) {
  std::mt19937 random(1);
  const BertConfig config = small_config();
  const SafetensorsFile file = file_of(random_tensors(config, random));
  const BertEncoder encoder = BertEncoder::create(file, config, Precision::fp32).value();
  BertWorkspace workspace = encoder.make_workspace();
  const auto forward = [&](std::vector<TokenId> ids) { (void)encoder.forward(spans_of({std::move(ids)}), workspace); };
  EXPECT_DEATH(forward({}), "sequence.empty");
  EXPECT_DEATH(forward({50}), "vocabulary");
  EXPECT_DEATH(forward({-1}), "vocabulary");
  EXPECT_DEATH(forward(std::vector<TokenId>(71, 1)), "positions");
}

}  // namespace
}  // namespace osler::neural
