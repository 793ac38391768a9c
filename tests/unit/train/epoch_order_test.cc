#include "train/image/epoch_order.h"

#include <gtest/gtest.h>

#include <set>

#include "../random_seed.h"
#include "train/image/ranking.h"
#include "train/image/schedule.h"

namespace osler::train {
namespace {

const std::vector<std::size_t> kLabels = {0, 1, 1, 1, 1, 1, 0, 1};  // two and six

std::array<std::size_t, 2> counts_of(const std::vector<std::size_t>& order) {
  std::array<std::size_t, 2> counts{};
  for (const std::size_t film : order) ++counts.at(kLabels.at(film));
  return counts;
}

TEST(EpochOrderTest, EachFilmOnceRareLabelsOftenerOrFrequentOnesLess) {
  const unsigned seed = fresh_seed();
  const auto plain = epoch_order(kLabels, "as_is", seed, 0);
  EXPECT_EQ(std::set(plain.begin(), plain.end()).size(), kLabels.size());
  EXPECT_EQ(plain.size(), kLabels.size());
  EXPECT_EQ(counts_of(epoch_order(kLabels, "over", seed, 0)), (std::array<std::size_t, 2>{6, 6}));
  const auto fewer = epoch_order(kLabels, "under", seed, 0);
  EXPECT_EQ(counts_of(fewer), (std::array<std::size_t, 2>{2, 2}));
  EXPECT_EQ(std::set(fewer.begin(), fewer.end()).size(), 4u);
}

TEST(EpochOrderTest, RepeatsForAnEpochAndDiffersBetweenEpochs) {
  std::vector<std::size_t> labels(100, 0);
  const unsigned seed = fresh_seed();
  EXPECT_EQ(epoch_order(labels, "as_is", seed, 3), epoch_order(labels, "as_is", seed, 3));
  EXPECT_NE(epoch_order(labels, "as_is", seed, 3), epoch_order(labels, "as_is", seed, 4));
}

TEST(EpochOrderTest, BalancedWeightsMakeLabelsCountTheSame) {
  const std::vector<double> weights = balanced_weights(kLabels, 2);
  EXPECT_DOUBLE_EQ(weights[0], 8.0 / (2 * 2));
  EXPECT_DOUBLE_EQ(weights[1], 8.0 / (2 * 6));
  EXPECT_DOUBLE_EQ(2 * weights[0], 6 * weights[1]);
}

TEST(ScheduleTest, RisesThenFallsAlongACosine) {
  ImagePhase phase;
  phase.epochs = 10;
  phase.warm_up = 2;
  phase.learning_rate = 0.1;
  phase.final_share = 0.2;
  EXPECT_DOUBLE_EQ(learning_rate(phase, 0, 0.5), 0.1 * 0.5 / 2);
  EXPECT_DOUBLE_EQ(learning_rate(phase, 1.5, 0.5), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(phase, 2, 0.5), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(phase, 6, 0.5), 0.1 * (0.2 + 0.8 * 0.5));
  EXPECT_DOUBLE_EQ(learning_rate(phase, 10, 0.5), 0.1 * 0.2);
}

TEST(RankingTest, AreaUnderTheCurveByHand) {
  EXPECT_DOUBLE_EQ(area_under_curve({1, 2, 3, 4}, {false, false, true, true}), 1);
  EXPECT_DOUBLE_EQ(area_under_curve({4, 3, 2, 1}, {false, false, true, true}), 0);
  EXPECT_DOUBLE_EQ(area_under_curve({1, 2, 2, 3}, {false, true, false, true}), 3.5 / 4);  // one tie of four pairs
  EXPECT_DOUBLE_EQ(area_under_curve({1, 2}, {true, true}), 0.5);
  EXPECT_DOUBLE_EQ(mean_area_under_curve({{3, 0}, {2, 1}, {1, 2}}, {0, 0, 1}), 1);
}

}  // namespace
}  // namespace osler::train
