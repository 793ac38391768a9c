#include "train/text/batches.h"

#include <algorithm>
#include <map>

#include "small_world.h"

namespace osler::train {
namespace {

using namespace clinical;

constexpr std::size_t kPool = 1024;  // cases drawn together

struct BatchesTest : testing::Test {
  BatchesTest() {
    config.seed = 11;
    config.tokens_a_batch = 1500;
    config.max_length = 128;
    config.phases.resize(2);
    for (TrainingPhase& phase : config.phases) phase.weights.conditions = 1;
  }
  BatchStream stream(std::size_t phase = 0) const { return {generator, maker, data, config, phase}; }
  /// A pool's cases, in the order of the batches.
  std::vector<TextExample> pool(std::size_t which) const {
    BatchStream batches = stream();
    std::vector<TextExample> cases;
    for (std::size_t i = 0; cases.size() < (which + 1) * kPool; ++i) {
      const auto& batch = batches.batch(i);
      cases.insert(cases.end(), batch.begin(), batch.end());
    }
    cases.erase(cases.begin(), cases.end() - kPool);
    return cases;
  }
  std::vector<TextExample> first_pool() const { return pool(0); }
  TextExample marked(ConditionIndex condition) const {
    TextExample example = maker.from_plain("people wrote this");
    example.condition = condition;
    return example;
  }
  const KnowledgeBase knowledge = small_world();
  const neural::WordPiece word_piece = small_word_piece();
  const CaseGenerator generator{knowledge, 11, 0.35};
  const ExampleMaker maker{knowledge, word_piece, 128};
  TextTrainingConfig config;
  TextData data;
};

using Ids = std::vector<std::vector<neural::TokenId>>;

Ids ids_of(const std::vector<TextExample>& batch) {
  Ids ids;
  for (const TextExample& one : batch) ids.push_back(one.ids);
  return ids;
}

std::size_t padded(const std::vector<TextExample>& batch) {
  std::size_t longest = 0;
  for (const TextExample& one : batch) longest = std::max(longest, one.ids.size());
  return longest * batch.size();
}

TEST_F(BatchesTest, ABatchIsTheSameReachedInOrderOrAfresh) {
  std::vector<Ids> in_order;
  BatchStream forward = stream();
  for (std::size_t i = 0; i < 150; ++i) in_order.push_back(ids_of(forward.batch(i)));
  for (const std::size_t index : {0u, 1u, 77u, 149u}) EXPECT_EQ(ids_of(stream().batch(index)), in_order[index]) << index;
  for (const std::size_t index : {149u, 3u, 148u, 0u}) EXPECT_EQ(ids_of(forward.batch(index)), in_order[index]) << "back and forth, " << index;
}

TEST_F(BatchesTest, TheTestAboveReachesBeyondOnePool) {
  BatchStream batches = stream();
  std::size_t cases = 0;
  for (std::size_t i = 0; i < 150; ++i) cases += batches.batch(i).size();
  EXPECT_GT(cases, 2 * kPool);
}

TEST_F(BatchesTest, BatchesPhasesAndSeedsDiffer) {
  BatchStream first = stream(), second = stream(1);
  EXPECT_NE(ids_of(first.batch(0)), ids_of(first.batch(1)));
  EXPECT_NE(ids_of(first.batch(0)), ids_of(second.batch(0)));
  const Ids before = ids_of(first.batch(0));
  config.seed = 12;
  EXPECT_NE(ids_of(stream().batch(0)), before);
}

TEST_F(BatchesTest, KeepWithinTheirTokens) {
  BatchStream batches = stream();
  std::size_t full = 0;
  for (std::size_t i = 0; i < 150; ++i) {
    const auto& batch = batches.batch(i);
    EXPECT_FALSE(batch.empty());
    EXPECT_LE(padded(batch), config.tokens_a_batch);
    full += padded(batch) > config.tokens_a_batch * 3 / 4;
  }
  EXPECT_GT(full, 100u) << "and make use of them";
}

TEST_F(BatchesTest, ACaseOverTheBudgetStandsAlone) {
  config.tokens_a_batch = 20;
  BatchStream batches = stream();
  for (std::size_t i = 0; i < 50; ++i) EXPECT_TRUE(batches.batch(i).size() == 1 || padded(batches.batch(i)) <= 20);
}

TEST_F(BatchesTest, ABatchHasCasesOfLikeLength) {
  BatchStream batches = stream();
  double padding = 0, all = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    all += static_cast<double>(padded(batches.batch(i)));
    padding += static_cast<double>(padded(batches.batch(i)));
    for (const TextExample& one : batches.batch(i)) padding -= static_cast<double>(one.ids.size());
  }
  EXPECT_LT(padding / all, 0.1);
}

TEST_F(BatchesTest, CasesComeInPairsOfOneConditionWhenContrastCounts) {
  const auto odd_ones = [&] {
    std::map<ConditionIndex, int> counts;
    for (const TextExample& one : first_pool()) ++counts[one.condition];
    return std::count_if(counts.begin(), counts.end(), [](const auto& entry) { return entry.second % 2 != 0; });
  };
  config.phases[0].weights.contrast = 0.1;
  for (config.seed = 1; config.seed <= 4; ++config.seed) EXPECT_EQ(odd_ones(), 0) << config.seed;
  config.phases[0].weights.contrast = 0;
  std::ptrdiff_t without = 0;
  for (config.seed = 1; config.seed <= 4; ++config.seed) without += odd_ones();
  EXPECT_GT(without, 0);
}

TEST_F(BatchesTest, AWrittenCaseIsPairedWithAGeneratedOne) {
  const ConditionIndex rare = knowledge.condition_by_id.at("old_mens_cough");
  data.written = {marked(rare)};
  config.phases[0].written_share = 1;
  config.phases[0].weights.contrast = 0.1;
  std::size_t written = 0;
  for (const TextExample& one : first_pool()) {
    EXPECT_EQ(one.condition, rare);
    written += one.ids == data.written[0].ids;
  }
  EXPECT_EQ(written, kPool / 2);
}

TEST_F(BatchesTest, TheShareOfWrittenCasesIsTheConfigured) {
  data.written = {marked(0), marked(1)};
  for (const double share : {0.0, 0.3, 1.0}) {
    config.phases[0].written_share = share;
    std::size_t written = 0;
    for (const TextExample& one : first_pool()) written += one.ids == data.written[0].ids;
    EXPECT_NEAR(static_cast<double>(written) / kPool, share, share == 0 || share == 1 ? 0 : 0.08) << share;
  }
}

TEST_F(BatchesTest, EveryPoolDrawsAnew) {
  for (ConditionIndex c = 0; c < 5; ++c) data.written.push_back(marked(c));
  config.phases[0].written_share = 1;
  const auto counts = [&](std::size_t which) {
    std::map<ConditionIndex, int> found;
    for (const TextExample& one : pool(which)) ++found[one.condition];
    return found;
  };
  EXPECT_NE(counts(0), counts(1));
}

TEST_F(BatchesTest, PlainTextsComeOnlyWhereConditionsDoNotCount) {
  data.plain = {maker.from_plain("plain words for days")};
  const auto plain = [&] {
    const auto cases = first_pool();
    return std::count_if(cases.begin(), cases.end(), [](const TextExample& one) { return one.condition == kNone; });
  };
  EXPECT_EQ(plain(), 0);
  config.phases[0].weights = {};
  config.phases[0].weights.masked = 1;
  EXPECT_GT(plain(), 0);
  EXPECT_LT(plain(), static_cast<std::ptrdiff_t>(kPool));
}

}  // namespace
}  // namespace osler::train
