// What a sequence gives is the same to the last bit alone and in any batch, at every precision.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "random_bert.h"

namespace osler::neural {
namespace {

constexpr std::size_t kPositions = 150;

BertConfig config_of(std::size_t hidden, std::size_t heads, std::size_t intermediate) {
  BertConfig config;
  config.layers = 2;
  config.heads = heads;
  config.hidden = hidden;
  config.intermediate = intermediate;
  config.vocabulary = 300;
  config.positions = kPositions;
  config.token_types = 2;
  return config;
}

struct WithWorkspaces {
  explicit WithWorkspaces(BertEncoder made) : encoder(std::move(made)), alone(encoder.make_workspace()), together(encoder.make_workspace()) {}
  BertEncoder encoder;
  BertWorkspace alone, together;
};

/// An even and an odd shape at each precision, made once.
std::vector<WithWorkspaces> make_encoders() {
  std::mt19937 random(1);
  std::vector<WithWorkspaces> encoders;
  for (const BertConfig& config : {config_of(128, 4, 512), config_of(51, 3, 70)}) {
    const SafetensorsFile file = file_of(random_tensors(config, random));
    for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8})
      if (is_fast_here(precision)) encoders.emplace_back(BertEncoder::create(file, config, precision).value());
  }
  return encoders;
}

std::vector<float> copied(std::span<const float> values) { return {values.begin(), values.end()}; }

void expect_same_alone(WithWorkspaces& with, const std::vector<std::vector<TokenId>>& sequences) {
  const std::size_t hidden = with.encoder.config().hidden;
  const BertOutput all = with.encoder.forward(spans_of(sequences), with.together);
  std::size_t first = 0;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const BertOutput one = with.encoder.forward(spans_of({sequences[s]}), with.alone);
    const std::size_t count = sequences[s].size() * hidden;
    RC_ASSERT(copied(one.hidden_states) == copied(all.hidden_states.subspan(first, count)));
    RC_ASSERT(copied(one.pooled) == copied(all.pooled.subspan(s * hidden, hidden)));
    first += count;
  }
  RC_ASSERT(first == all.hidden_states.size());
}

RC_GTEST_PROP(BertBatch, ASequenceGivesTheSameBitsAloneAndInAnyBatch, (unsigned seed)) {
  static std::vector<WithWorkspaces> encoders = make_encoders();
  const auto count = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(1, 9));
  const auto length = rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(1, kPositions + 1));
  const auto lengths = *rc::gen::container<std::vector<std::size_t>>(static_cast<std::size_t>(count), length);
  std::mt19937 random(seed);
  for (WithWorkspaces& with : encoders) expect_same_alone(with, random_sequences(with.encoder.config(), lengths, random));
}

}  // namespace
}  // namespace osler::neural
