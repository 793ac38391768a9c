#include "train/cases/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "../random_seed.h"

namespace osler::train {
namespace {

constexpr int kDraws = 100'000;  // tolerances below are six standard errors or more

// The first numbers of the reference implementation (Vigna, splitmix64.c) from seeds 0 and 1234567.
TEST(Random, IsThePublishedSplitMix64) {
  Random zero(0);
  for (const std::uint64_t expected : {0xE220A8397B1DCDAFULL, 0x6E789E6AA1B965F4ULL, 0x06C45D188009454FULL, 0xF88BB8A8724C81ECULL, 0x1B39896A51A8749BULL})
    EXPECT_EQ(zero.next(), expected);
  Random other(1234567);
  for (const std::uint64_t expected : {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL, 4593380528125082431ULL, 16408922859458223821ULL})
    EXPECT_EQ(other.next(), expected);
}

TEST(Random, EachIndexOfASeedHasAStreamOfItsOwn) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 30; ++seed)
    for (std::uint64_t index = 0; index < 30; ++index) firsts.insert(Random(seed, index).next());
  EXPECT_EQ(firsts.size(), 900u);
  EXPECT_EQ(Random(7, 3).next(), Random(7, 3).next());
}

TEST(Random, NeighbouringIndicesAreUncorrelated) {
  const std::uint64_t seed = fresh_seed();
  double product = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) product += (Random(seed, i).uniform() - 0.5) * (Random(seed, i + 1).uniform() - 0.5);
  EXPECT_NEAR(product / kDraws, 0, 0.0018);
}

TEST(Random, UniformLiesBetweenZeroAndOneEvenly) {
  Random random(fresh_seed());
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.uniform();
    ASSERT_TRUE(x >= 0 && x < 1);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.006);
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 0.006);
}

TEST(Random, UniformOfARangeLiesInIt) {
  Random random(fresh_seed());
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.uniform(-3, 5);
    ASSERT_TRUE(x >= -3 && x < 5);
    sum += x;
  }
  EXPECT_NEAR(sum / kDraws, 1, 0.05);
}

TEST(Random, BelowMeetsEveryNumberAlike) {
  Random random(fresh_seed());
  std::array<int, 5> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts.at(random.below(counts.size()));
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 5.0, 800);
  EXPECT_EQ(random.below(0), 0u);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, ChanceComesAsOftenAsAsked) {
  Random random(fresh_seed());
  int often = 0;
  for (int i = 0; i < kDraws; ++i) {
    often += random.chance(0.3);
    ASSERT_FALSE(random.chance(0));
    ASSERT_TRUE(random.chance(1));
  }
  EXPECT_NEAR(often, 0.3 * kDraws, 900);
}

TEST(Random, NormalIsStandard) {
  Random random(fresh_seed());
  double sum = 0, squares = 0;
  int beyond = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    beyond += std::abs(x) > 1.959964;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
  EXPECT_NEAR(beyond, 0.05 * kDraws, 450);
}

TEST(Random, WeightedFollowsTheWeights) {
  Random random(fresh_seed());
  const std::vector<double> cumulative = {0, 1, 1, 4, 8};  // weights 0, 1, 0, 3, 4
  std::array<int, 5> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts.at(random.weighted(cumulative));
  EXPECT_EQ(counts[0], 0);
  EXPECT_NEAR(counts[1], kDraws / 8.0, 700);
  EXPECT_EQ(counts[2], 0);
  EXPECT_NEAR(counts[3], kDraws * 3 / 8.0, 1000);
  EXPECT_NEAR(counts[4], kDraws / 2.0, 1000);
  EXPECT_EQ(random.weighted(std::vector<double>{0.5}), 0u);
}

TEST(Random, PickMeetsEveryItem) {
  Random random(fresh_seed());
  const std::vector<std::string> words = {"a", "b", "c"};
  std::set<std::string> met;
  for (int i = 0; i < 200; ++i) met.insert(random.pick(words));
  EXPECT_EQ(met.size(), words.size());
}

}  // namespace
}  // namespace osler::train
