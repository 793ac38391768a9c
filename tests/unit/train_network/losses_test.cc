#include "train/network/losses.h"

#include "tiny_run.h"

namespace osler::train {

TEST(LossesTest, ABatchIsPaddedAndHidesWordsOnlyForTheMaskedTask) {
  const auto run = tiny_run(tiny_config("losses_a", 1));
  ASSERT_NE(run, nullptr);
  std::vector<TextExample> examples;
  for (std::size_t i = 0; i < 40; ++i) examples.push_back(run->maker.from(run->generator.make(i)));
  TrainingPhase plain;
  plain.weights.conditions = 1;
  Random random(1);
  const TextBatch untouched = make_batch(examples, run->word_piece, plain, random);
  EXPECT_EQ((untouched.word_targets >= 0).sum().item<int>(), 0);
  EXPECT_EQ((untouched.ids == static_cast<std::int64_t>(run->word_piece.mask())).sum().item<int>(), 0);
  plain.weights.masked = 1;
  const TextBatch masked = make_batch(examples, run->word_piece, plain, random);
  const double asked = (masked.word_targets >= 0).sum().item<double>() / static_cast<double>(masked.pieces);
  EXPECT_NEAR(asked, 0.15, 0.04);
  const double hidden = (masked.ids == static_cast<std::int64_t>(run->word_piece.mask())).sum().item<double>() / (masked.word_targets >= 0).sum().item<double>();
  EXPECT_NEAR(hidden, 0.8, 0.08);
}

TEST(LossesTest, EachTaskCountsByItsWeightAndOnlyThen) {
  const auto run = tiny_run(tiny_config("losses_b", 1));
  ASSERT_NE(run, nullptr);
  std::vector<TextExample> examples;
  for (std::size_t i = 0; i < 8; ++i) examples.push_back(run->maker.from(run->generator.make(i)));
  TrainingPhase phase;
  phase.weights.masked = 1;  // so that the batch asks for words
  Random random(1);
  const TextBatch batch = make_batch(examples, run->word_piece, phase, random);
  std::map<std::string, double> parts;
  const double tags = losses(*run->network, batch, {0, 0, 1, 0, 0}, parts).item<double>();
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_NEAR(parts.at("tags"), tags, 1e-6);
  parts.clear();
  const double all = losses(*run->network, batch, {1, 1, 2, 1, 0}, parts).item<double>();
  EXPECT_NEAR(all, parts.at("masked") + parts.at("conditions") + 2 * parts.at("tags") + parts.at("findings"), 1e-3);
  // Before training nothing is known: each is the entropy of a guess among its classes.
  EXPECT_NEAR(parts.at("masked"), std::log(static_cast<double>(run->word_piece.size())), 0.5);
  EXPECT_NEAR(parts.at("findings"), std::log(static_cast<double>(run->knowledge.findings.size())), 0.5);
}

TEST(LossesTest, WrittenCasesHaveNoTagsToLearn) {
  const auto run = tiny_run(tiny_config("losses_c", 1));
  ASSERT_NE(run, nullptr);
  WrittenCase written;
  written.patient.symptoms = {"my belly hurts"};
  written.condition = 3;
  TrainingPhase phase;
  Random random(1);
  const TextBatch batch = make_batch({run->maker.from(written)}, run->word_piece, phase, random);
  std::map<std::string, double> parts;
  losses(*run->network, batch, {0, 1, 1, 1, 0}, parts);
  EXPECT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts.contains("conditions"));
}

}  // namespace osler::train
