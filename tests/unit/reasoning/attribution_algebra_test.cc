#include "reasoning/attribution_algebra.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "../random_seed.h"

namespace osler::reasoning {
namespace {

TEST(AttributionAlgebra, SolvesWhatItWasGiven) {
  std::mt19937 random(fresh_seed());
  std::normal_distribution<double> normal;
  constexpr std::size_t kSize = 20;
  SymmetricMatrix matrix(kSize);
  for (int sample = 0; sample < 60; ++sample) {
    std::vector<double> x(kSize);
    for (double& one : x) one = normal(random);
    matrix.add_square(x, 0.5);
  }
  std::vector<double> solution(kSize), right(kSize, 0);
  for (double& one : solution) one = normal(random);
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j < kSize; ++j) right[i] += (j <= i ? matrix.at(i, j) : matrix.at(j, i)) * solution[j];
  const std::vector<double> found = Cholesky(matrix).solve(right);
  for (std::size_t i = 0; i < kSize; ++i) EXPECT_NEAR(found[i], solution[i], 1e-8);
}

TEST(AttributionAlgebra, AZeroMatrixStaysFinite) {
  const std::vector<double> found = Cholesky(SymmetricMatrix(3)).solve({0, 0, 0});
  for (const double one : found) EXPECT_EQ(one, 0);
  EXPECT_EQ(dot(std::vector<double>{1, 2}, std::vector<double>{3, 4}), 11);
}

}  // namespace
}  // namespace osler::reasoning
