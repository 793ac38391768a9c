#include "train/network/text_trainer.h"

#include <filesystem>

#include "tiny_run.h"
#include "train/network/metrics_file.h"

namespace osler::train {

namespace {

/// Trains in legs of one step each (a leg ends at the first step past its time), or in one go.
std::map<std::string, torch::Tensor> trained(const TextTrainingConfig& config, bool in_legs, int& legs) {
  for (legs = 1; legs < 100; ++legs) {
    const auto run = tiny_run(config);
    const auto done = train_text(run->parts(), *run->network, in_legs ? 1e-9 : 0, be_silent);
    EXPECT_TRUE(done.has_value()) << (done ? "" : describe(done.error()));
    if (!done || *done) return run->network->parameters();
  }
  return {};
}

}  // namespace

TEST(TextTrainerTest, ARunCutAtEveryStepEndsWithTheSameBits) {
  constexpr std::size_t kSteps = 4;
  int legs = 0;
  const auto whole = trained(tiny_config("whole", kSteps), false, legs);
  EXPECT_EQ(legs, 1);
  const auto cut = trained(tiny_config("cut", kSteps), true, legs);
  EXPECT_EQ(legs, static_cast<int>(kSteps) + 1);
  ASSERT_EQ(whole.size(), cut.size());
  for (const auto& [name, value] : whole) EXPECT_TRUE(torch::equal(value.detach(), cut.at(name).detach())) << name;
}

TEST(TextTrainerTest, LearnsTheCasesItSees) {
  TextTrainingConfig config = tiny_config("learns", 60);
  config.phases[0].learning_rate = 0.005;
  config.phases[0].weights = {0, 0, 1, 0, 0};
  const auto run = tiny_run(config);
  ASSERT_TRUE(train_text(run->parts(), *run->network, 0, be_silent).has_value());
  const auto metrics = read_metrics(config.work_folder + "/metrics.csv");
  ASSERT_TRUE(metrics.has_value());
  EXPECT_LT(metrics->at("tags").back().value, 0.7 * metrics->at("tags").front().value);
  EXPECT_TRUE(std::filesystem::exists(config.work_folder + "/report.html"));
}

TEST(TextTrainerTest, RankingCountsFirstAndFirstThree) {
  const auto run = tiny_run(tiny_config("ranking", 1));
  std::vector<TextExample> examples;
  for (std::size_t i = 0; i < 30; ++i) examples.push_back(run->maker.from(run->generator.make(i)));
  torch::NoGradGuard guard;
  run->network->parameters().at("classifier.weight").zero_();
  torch::Tensor bias = run->network->parameters().at("classifier.bias");
  bias.zero_();
  bias[examples[0].condition] = 1.0F;
  std::size_t same = 0;
  for (const TextExample& one : examples) same += one.condition == examples[0].condition;
  const Ranking ranking = rank(*run->network, examples, run->word_piece, 1000);
  EXPECT_EQ(ranking.cases, examples.size());
  EXPECT_NEAR(ranking.first * 30, static_cast<double>(same), 1e-9);
  EXPECT_GT(ranking.log_loss, 0);
}

}  // namespace osler::train
