// "evaluate/films/outlier_fit.h".
#include "evaluate/films/outlier_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../random_seed.h"

namespace osler::evaluate {
namespace {

/// Positive definite, with eigenvalues from about 0 to a few times `size`.
std::vector<double> random_matrix(std::mt19937& random, std::size_t size) {
  std::normal_distribution<double> normal;
  std::vector<double> root(size * size), matrix(size * size, 0);
  for (double& value : root) value = normal(random);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j)
      for (std::size_t k = 0; k < size; ++k) matrix[i * size + j] += root[k * size + i] * root[k * size + j];
  return matrix;
}

void expect_eigen(const std::vector<double>& matrix, std::size_t size, const Eigen& eigen, double tolerance) {
  const std::size_t count = eigen.values.size();
  ASSERT_EQ(eigen.vectors.size(), count * size);
  for (std::size_t a = 0; a < count; ++a) {
    if (a > 0) {
      EXPECT_GE(eigen.values[a - 1], eigen.values[a]);
    }
    for (std::size_t i = 0; i < size; ++i) {
      double product = 0;
      for (std::size_t j = 0; j < size; ++j) product += matrix[i * size + j] * eigen.vectors[a * size + j];
      ASSERT_NEAR(product, eigen.values[a] * eigen.vectors[a * size + i], tolerance * eigen.values[0]);
    }
    for (std::size_t b = 0; b <= a; ++b) {
      double product = 0;
      for (std::size_t i = 0; i < size; ++i) product += eigen.vectors[a * size + i] * eigen.vectors[b * size + i];
      ASSERT_NEAR(product, a == b ? 1 : 0, 1e-9);
    }
  }
}

TEST(SymmetricEigen, OfATwoByTwo) {
  const Eigen eigen = symmetric_eigen({2, 1, 1, 2}, 2);
  EXPECT_NEAR(eigen.values[0], 3, 1e-12);
  EXPECT_NEAR(eigen.values[1], 1, 1e-12);
  EXPECT_NEAR(std::abs(eigen.vectors[0]), std::sqrt(0.5), 1e-12);
}

TEST(SymmetricEigen, OfRandomMatrices) {
  std::mt19937 random(fresh_seed());
  for (const std::size_t size : {1u, 2u, 3u, 10u, 40u}) {
    const std::vector<double> matrix = random_matrix(random, size);
    const Eigen eigen = symmetric_eigen(matrix, size);
    ASSERT_EQ(eigen.values.size(), size);
    expect_eigen(matrix, size, eigen, 1e-10);
  }
}

TEST(LargestEigen, AgreesWithAllOfThem) {
  std::mt19937 random(fresh_seed());
  constexpr std::size_t kSize = 60;
  const std::vector<double> matrix = random_matrix(random, kSize);
  const Eigen all = symmetric_eigen(matrix, kSize);
  for (const std::size_t count : {1u, 12u, 60u}) {
    const Eigen eigen = largest_eigen(matrix, kSize, count);
    ASSERT_EQ(eigen.values.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(eigen.values[i], all.values[i], 1e-7 * all.values[0]);
    expect_eigen(matrix, kSize, eigen, 1e-4);
  }
}

TEST(LargestEigen, OfAMatrixOfLowerRank) {
  std::vector<double> matrix(25, 0);
  matrix[0] = 4;
  matrix[6] = 1;
  const Eigen eigen = largest_eigen(matrix, 5, 4);
  EXPECT_NEAR(eigen.values[0], 4, 1e-9);
  EXPECT_NEAR(eigen.values[1], 1, 1e-9);
  EXPECT_NEAR(eigen.values[3], 0, 1e-9);
  expect_eigen(matrix, 5, eigen, 1e-9);
}

constexpr std::size_t kChannels = 100;

/// Standard deviation 5, 4, 3 along three channels, 0.5 along the others; the last channel moved by `shift`.
Features drawn(std::mt19937& random, std::size_t count, float shift = 0) {
  std::normal_distribution<float> normal;
  Features films(count, std::vector<float>(kChannels));
  for (std::vector<float>& film : films) {
    for (std::size_t c = 0; c < kChannels; ++c) film[c] = 2 + normal(random) * (c < 3 ? 5 - static_cast<float>(c) : 0.5f);
    film.back() += shift;
  }
  return films;
}

std::vector<double> scores_of(const models::OutlierScorer& scorer, const Features& films) {
  std::vector<double> scores;
  for (const std::vector<float>& film : films) scores.push_back(scorer.score(film));
  return scores;
}

TEST(OutlierFit, FindsTheSpreadAndScoresItOne) {
  std::mt19937 random(fresh_seed());
  const models::OutlierModel model = fit_outlier(drawn(random, 3000), 3).value();
  EXPECT_NEAR(model.variances[0], 25, 5);
  EXPECT_NEAR(model.variances[1], 16, 4);
  EXPECT_NEAR(model.variances[2], 9, 3);
  EXPECT_NEAR(model.residual_variance, 0.25, 0.05);
  const models::OutlierScorer scorer = models::OutlierScorer::create(model).value();
  const std::vector<double> inside = scores_of(scorer, drawn(random, 500));
  double mean = 0;
  for (const double score : inside) mean += score / 500;
  EXPECT_NEAR(mean, 1, 0.05);
  // Six deviations along one of a hundred channels: far less than the three large channels move by themselves.
  const double auroc = outlier_auroc(inside, scores_of(scorer, drawn(random, 500, 6)));
  EXPECT_GT(auroc, 0.98);
  EXPECT_NEAR(outlier_auroc(inside, scores_of(scorer, drawn(random, 500))), 0.5, 0.12);
}

TEST(OutlierFit, FewFilmsGiveAModelAllTheSame) {
  std::mt19937 random(fresh_seed());
  const models::OutlierModel model = fit_outlier(drawn(random, 10), 32).value();
  EXPECT_EQ(model.variances.size(), 32u);
  const models::OutlierScorer scorer = models::OutlierScorer::create(model).value();
  EXPECT_TRUE(std::isfinite(scorer.score(drawn(random, 1)[0])));
}

TEST(OutlierFit, WhatCannotBeFittedIsRefused) {
  std::mt19937 random(fresh_seed());
  Features films = drawn(random, 5);
  EXPECT_FALSE(fit_outlier({}, 2));
  EXPECT_FALSE(fit_outlier({films[0]}, 2));
  EXPECT_FALSE(fit_outlier(Features(5, films[0]), 2)) << "they never vary";
  films[3].pop_back();
  EXPECT_NE(fit_outlier(films, 2).error().external.find("film 3"), std::string::npos);
  films[3].push_back(std::numeric_limits<float>::quiet_NaN());
  EXPECT_NE(fit_outlier(films, 2).error().external.find("not finite"), std::string::npos);
}

TEST(OutlierFit, OtherScoresByHand) {
  EXPECT_DOUBLE_EQ(quantile_of({4, 1, 3, 2}, 0.5), 2);
  EXPECT_DOUBLE_EQ(quantile_of({4, 1, 3, 2}, 0.51), 3);
  EXPECT_DOUBLE_EQ(quantile_of({4, 1, 3, 2}, 1), 4);
  EXPECT_DOUBLE_EQ(quantile_of({7}, 0.99), 7);
  const Features training{{1, 0}, {0, 2}, {-3, 0}};
  EXPECT_NEAR(nearest_neighbour_score(training, std::vector<float>{5, 0}, 1), 0, 1e-12) << "lengths do not count";
  EXPECT_NEAR(nearest_neighbour_score(training, std::vector<float>{5, 0}, 2), std::sqrt(2.0) / 2, 1e-12);
  EXPECT_NEAR(nearest_neighbour_score(training, std::vector<float>{5, 0}, 3), (std::sqrt(2.0) + 2) / 3, 1e-12);
  EXPECT_NEAR(energy_score(std::vector<double>{0, 0}), -std::log(2.0), 1e-12);
  EXPECT_NEAR(energy_score(std::vector<double>{1000, 0}), -1000, 1e-9);
  EXPECT_DOUBLE_EQ(outlier_auroc({1, 2}, {2, 3}), 3.5 / 4);
}

}  // namespace
}  // namespace osler::evaluate
