#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "../random_seed.h"
#include "reasoning/attribution.h"

namespace osler::reasoning {
namespace {

ValueFunction linear(const std::vector<double>& slopes, double intercept) {
  return one_by_one([slopes, intercept](const Coalition& present) {
    double sum = intercept;
    for (std::size_t i = 0; i < slopes.size(); ++i) sum += present[i] ? slopes[i] : 0;
    return sum;
  });
}

std::vector<double> random_slopes(std::mt19937& random, std::size_t players) {
  std::vector<double> slopes(players);
  for (double& slope : slopes) slope = std::normal_distribution<double>()(random);
  return slopes;
}

TEST(LocalLinear, RecoversALinearFunction) {
  std::mt19937 random(fresh_seed());
  const std::vector<double> slopes = random_slopes(random, 30);
  const LocalLinear result = local_linear(30, linear(slopes, 2), {});
  EXPECT_GT(result.fidelity, 0.99);
  EXPECT_EQ(result.evaluations, 500u);
  EXPECT_NEAR(result.with_all, std::accumulate(slopes.begin(), slopes.end(), 2.0), 1e-9);
  for (std::size_t i = 0; i < slopes.size(); ++i) EXPECT_NEAR(result.coefficients[i], slopes[i], 0.1 * std::abs(slopes[i]) + 0.05);
}

TEST(LocalLinear, AdmitsThatItCannotFollowAParity) {
  const LocalLinear result = local_linear(8, one_by_one([](const Coalition& present) {
    return std::count(present.begin(), present.end(), true) % 2 == 0 ? 1.0 : -1.0;
  }), {});
  EXPECT_LT(result.fidelity, 0.3);
}

TEST(LocalLinear, AdmitsThatItWasGivenTooLittle) {
  std::mt19937 random(fresh_seed());
  const std::vector<double> slopes = random_slopes(random, 300);
  Budget budget;
  budget.evaluations = 100;
  EXPECT_LT(local_linear(300, linear(slopes, 0), budget).fidelity, 0.95) << "a hundred masks cannot tell three hundred words apart";
  budget.evaluations = 20;
  EXPECT_EQ(local_linear(300, linear(slopes, 0), budget).fidelity, 0) << "four samples to hold back";
}

TEST(LocalLinear, AConstantIsDescribedByItself) {
  const LocalLinear result = local_linear(5, linear(std::vector<double>(5, 0), 0.3), {});
  EXPECT_EQ(result.fidelity, 1);
  EXPECT_NEAR(result.intercept, 0.3, 1e-12);
  for (const double coefficient : result.coefficients) EXPECT_NEAR(coefficient, 0, 1e-12);
}

TEST(LocalLinear, TakesAsManyWordsAsItSays) {
  std::mt19937 random(fresh_seed());
  Budget budget;
  budget.evaluations = 1000;
  const LocalLinear result = local_linear(kLinearPlayers, linear(random_slopes(random, kLinearPlayers), 0), budget);
  EXPECT_EQ(result.coefficients.size(), kLinearPlayers);
  EXPECT_TRUE(std::all_of(result.coefficients.begin(), result.coefficients.end(), [](double one) { return std::isfinite(one); }));
}

TEST(LocalLinear, NobodyGetsNothing) {
  const LocalLinear result = local_linear(0, linear({}, 4), {});
  EXPECT_EQ(result.intercept, 4);
  EXPECT_EQ(result.fidelity, 1);
}

TEST(LocalLinear, StopsAtTheDeadline) {
  SteadyTime time{};
  Budget budget;
  budget.evaluations = 1000;
  budget.batch = 32;
  budget.now = [&] { return time; };
  budget.deadline = SteadyTime(std::chrono::milliseconds(100));
  const ValueFunction function = linear({1, 2, 3}, 0);
  const ValueFunction slow = [&](std::span<const Coalition> coalitions, std::span<double> values) {
    time += std::chrono::milliseconds(30);
    function(coalitions, values);
  };
  EXPECT_EQ(local_linear(3, slow, budget).evaluations, 128u) << "batches at 0, 30, 60 and 90 ms";
  budget.deadline = SteadyTime{};
  const LocalLinear result = local_linear(3, slow, budget);
  EXPECT_EQ(result.evaluations, 32u) << "one batch in any case";
}

TEST(LocalLinear, OneSeedOneAnswer) {
  std::mt19937 random(fresh_seed());
  const ValueFunction function = linear(random_slopes(random, 40), 0);
  Budget budget;
  budget.evaluations = 60;
  EXPECT_EQ(local_linear(40, function, budget).coefficients, local_linear(40, function, budget).coefficients);
}

}  // namespace
}  // namespace osler::reasoning
