#include "reasoning/quick_math.h"

#include <cmath>

#include "../random_seed.h"

namespace osler::reasoning {

TEST(QuickMath, TheLogarithmIsThatOfTheLibrary) {
  std::mt19937_64 random(fresh_seed());
  std::uniform_real_distribution<double> exponent(-690, 690), near(0.5, 2);
  double worst = 0;
  for (int i = 0; i < 300000; ++i) {
    for (const double x : {std::exp(exponent(random)), near(random)}) {
      const double exact = std::log(x);
      worst = std::max(worst, std::abs(quick_log(x) - exact) / std::max(std::abs(exact), 1e-3));
    }
  }
  EXPECT_LT(worst, 1e-12);
  EXPECT_EQ(quick_log(1), 0) << "exactly: an observation that says nothing changes nothing";
  EXPECT_NEAR(quick_log(2), std::log(2), 1e-15);
  EXPECT_NEAR(quick_log(0.75), std::log(0.75), 1e-15);
}

TEST(QuickMath, TheExponentialIsThatOfTheLibrary) {
  std::mt19937_64 random(fresh_seed());
  std::uniform_real_distribution<double> argument(-700, 700), near(-2, 2);
  double worst = 0;
  for (int i = 0; i < 300000; ++i)
    for (const double x : {argument(random), near(random)}) worst = std::max(worst, std::abs(quick_exp(x) / std::exp(x) - 1));
  EXPECT_LT(worst, 1e-13);
  EXPECT_EQ(quick_exp(0), 1);
  EXPECT_EQ(quick_exp(-701), 0);
  EXPECT_EQ(quick_exp(-1e300), 0);
  EXPECT_EQ(quick_exp(-std::numeric_limits<double>::infinity()), 0);
}

}  // namespace osler::reasoning
