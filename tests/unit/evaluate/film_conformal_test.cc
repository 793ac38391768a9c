#include "evaluate/films/conformal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../random_seed.h"
#include "evaluate/films/recalibration.h"

namespace osler::evaluate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> one_to(std::size_t count) {
  std::vector<double> scores;
  for (std::size_t i = count; i > 0; --i) scores.push_back(static_cast<double>(i));
  return scores;
}

TEST(ConformalQuantile, IsTheRankThatTheTheoremNames) {
  EXPECT_EQ(conformal_quantile(one_to(19), 0.05), 19) << "ceil(20 x 0.95) = 19 of 19";
  EXPECT_EQ(conformal_quantile(one_to(18), 0.05), kInfinity) << "ceil(19 x 0.95) = 19 of 18";
  EXPECT_EQ(conformal_quantile(one_to(20), 0.05), 20) << "ceil(19.95)";
  EXPECT_EQ(conformal_quantile(one_to(39), 0.05), 38) << "40 x 0.95 is 38, whatever doubles make of it";
  EXPECT_EQ(conformal_quantile(one_to(99), 0.1), 90);
  EXPECT_EQ(conformal_quantile(one_to(9), 0.1), 9);
  EXPECT_EQ(conformal_quantile(one_to(8), 0.1), kInfinity);
  EXPECT_EQ(conformal_quantile(one_to(1), 0.5), 1);
  EXPECT_EQ(conformal_quantile({}, 0.1), kInfinity);
}

FilmPoints points_of(const std::vector<double>& normal, const std::vector<double>& pneumonia) {
  FilmPoints points;
  for (const double p : normal) points.push_back({p, false, points.size()});
  for (const double p : pneumonia) points.push_back({p, true, points.size()});
  return points;
}

TEST(Conformal, ThresholdsAreByClass) {
  // Error rate 1/4, three films a class: the largest score of each.
  const models::ConformalThresholds thresholds = fit_conformal(points_of({0.1, 0.4, 0.2}, {0.9, 0.7, 0.95}), 0.25).value();
  EXPECT_DOUBLE_EQ(thresholds.thresholds[0], 0.4);
  EXPECT_DOUBLE_EQ(thresholds.thresholds[1], 1 - 0.7);
  EXPECT_EQ(thresholds.films, (std::array<std::size_t, 2>{3, 3}));
  EXPECT_EQ(thresholds.error_rate, 0.25);
}

TEST(Conformal, TooFewFilmsOfAClassAreRefusedWithWhatItTakes) {
  const auto refused = fit_conformal(points_of(std::vector<double>(19, 0.1), std::vector<double>(18, 0.9)), 0.05);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().external.find("18 calibration films (one a patient) are pneumonia; this error rate takes at least 19."), std::string::npos) << refused.error().external;
  EXPECT_TRUE(fit_conformal(points_of(std::vector<double>(19, 0.1), std::vector<double>(19, 0.9)), 0.05));
}

TEST(Conformal, TwoFilmsOfAPatientAreRefused) {
  FilmPoints points = points_of(std::vector<double>(30, 0.1), std::vector<double>(30, 0.9));
  points[1].patient = 0;
  EXPECT_NE(fit_conformal(points, 0.1).error().external.find("two films"), std::string::npos);
}

TEST(Conformal, ScoresByHand) {
  models::ConformalThresholds thresholds;
  thresholds.thresholds = {0.3, 0.2};  // normal up to 0.3, pneumonia from 0.8
  const ConformalScores scores = conformal_scores(points_of({0.1, 0.3, 0.5, 0.9}, {0.8, 0.7}), thresholds);
  EXPECT_DOUBLE_EQ(scores.coverage[0].value, 0.5);
  EXPECT_DOUBLE_EQ(scores.coverage[1].value, 0.5);
  EXPECT_EQ(scores.films, (std::array<std::size_t, 2>{4, 2}));
  EXPECT_EQ(scores.set_sizes, (std::array<std::size_t, 3>{2, 4, 0}));
  EXPECT_DOUBLE_EQ(scores.one_class.value, 4.0 / 6);
  EXPECT_DOUBLE_EQ(scores.right_of_one.value, 3.0 / 4);
}

FilmPoints drawn(std::mt19937& random, std::size_t each) {
  std::normal_distribution<double> normal;
  FilmPoints points;
  for (std::size_t i = 0; i < 2 * each; ++i) points.push_back({sigmoid(normal(random) + (i % 2 == 0 ? 1.5 : -1.5)), i % 2 == 0, i});
  return points;
}

TEST(Conformal, CoverageIsThatOfTheTheorem) {
  std::mt19937 random(fresh_seed());
  constexpr int kRepeats = 200;
  constexpr std::size_t kCalibration = 120, kTest = 500;
  std::array<double, 2> coverage{0, 0};
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const ConformalScores scores = conformal_scores(drawn(random, kTest), fit_conformal(drawn(random, kCalibration), 0.1).value());
    for (std::size_t label = 0; label < 2; ++label) coverage[label] += scores.coverage[label].value / kRepeats;
  }
  // Of continuous scores exactly ceil(121 x 0.9) / 121 on average; the coverage of one repeat is beta-distributed, then binomial.
  const double expected = 109.0 / 121, error = std::sqrt(expected * (1 - expected) * (1.0 / (kCalibration + 2) + 1.0 / kTest) / kRepeats);
  for (const double mean : coverage) EXPECT_NEAR(mean, expected, 5.5 * error);
}

TEST(Conformal, ProbabilitiesFittedOnTheSameFilmsChangeNoSet) {
  std::mt19937 random(fresh_seed());
  const auto log_odds = [&](std::size_t each) {
    FilmPoints points = drawn(random, each);
    for (FilmPoint& point : points) point.score = std::log(point.score / (1 - point.score));
    return points;
  };
  const FilmPoints calibration = log_odds(100), test = log_odds(300);
  const Line line{2.3, -0.8};
  const auto sizes = [&](const Line& by) { return conformal_scores(probabilities(test, by), fit_conformal(probabilities(calibration, by), 0.1).value()).set_sizes; };
  EXPECT_EQ(sizes({}), sizes(line));
}

}  // namespace
}  // namespace osler::evaluate
