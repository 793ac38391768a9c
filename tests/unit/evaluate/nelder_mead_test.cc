#include "evaluate/nelder_mead.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../random_seed.h"

namespace osler::evaluate {
namespace {

using Two = std::array<double, 2>;
using Three = std::array<double, 3>;

TEST(NelderMead, FindsTheBottomOfABowl) {
  const Three bottom{1.5, -2, 0.25};
  const auto bowl = [&](const Three& x) {
    double sum = 3;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (static_cast<double>(i) + 1) * (x[i] - bottom[i]) * (x[i] - bottom[i]);
    return sum;
  };
  const Three found = nelder_mead<3>(bowl, {}, 400);
  for (std::size_t i = 0; i < bottom.size(); ++i) EXPECT_NEAR(found[i], bottom[i], 1e-3);
}

TEST(NelderMead, FollowsABentValley) {
  const auto rosenbrock = [](const Two& x) { return 100 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1 - x[0], 2); };
  const Two found = nelder_mead<2>(rosenbrock, {-1.2, 1}, 2000);
  EXPECT_NEAR(found[0], 1, 1e-3);
  EXPECT_NEAR(found[1], 1, 1e-3);
}

TEST(NelderMead, FindsALowestPlaceWithoutASlope) {
  const auto steep = [](const Two& x) { return std::fabs(x[0] - 3) + std::fabs(x[1] + 1); };
  const Two found = nelder_mead<2>(steep, {}, 1000);
  EXPECT_NEAR(found[0], 3, 1e-2);
  EXPECT_NEAR(found[1], -1, 1e-2);
}

TEST(NelderMead, IsNeverWorseThanItsStart) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  for (int round = 0; round < 100; ++round) {
    const double a = normal(random), b = normal(random), c = normal(random);
    const auto wavy = [&](const Two& x) { return std::sin(3 * x[0] + a) + std::cos(2 * x[1] * x[0] + b) + 0.01 * (x[0] * x[0] + x[1] * x[1]) + c; };
    const Two start{normal(random), normal(random)};
    for (const int evaluations : {0, 1, 3, 20, 100}) EXPECT_LE(wavy(nelder_mead<2>(wavy, start, evaluations)), wavy(start)) << "seed " << seed;
  }
}

TEST(NelderMead, KeepsToItsEvaluationsButForThoseOfItsLastStep) {
  for (const int evaluations : {0, 1, 10, 57, 400}) {
    int used = 0;
    nelder_mead<3>([&](const Three& x) {
      ++used;
      return x[0] * x[0] + x[1] * x[1] + std::fabs(x[2]);
    }, {5, -5, 5}, evaluations);
    EXPECT_LE(used, std::max(4, evaluations + 5));
  }
}

TEST(NelderMead, IsDeterministic) {
  const auto loss = [](const Two& x) { return std::pow(x[0] - 0.3, 4) + std::pow(x[1] + x[0], 2); };
  EXPECT_EQ(nelder_mead<2>(loss, {1, 1}, 150), nelder_mead<2>(loss, {1, 1}, 150));
}

TEST(NelderMead, OfAFlatLossEndsWhereItBegan) { EXPECT_EQ(nelder_mead<2>([](const Two&) { return 1.0; }, {4, 5}, 200), (Two{4, 5})); }

TEST(NelderMead, WalksAwayFromAnInfiniteLoss) {
  const auto walled = [](const Two& x) { return x[0] > 1 ? std::numeric_limits<double>::infinity() : (x[0] - 0.9) * (x[0] - 0.9) + x[1] * x[1]; };
  EXPECT_NEAR(nelder_mead<2>(walled, {0.5, 0.5}, 500)[0], 0.9, 1e-2);
}

}  // namespace
}  // namespace osler::evaluate
