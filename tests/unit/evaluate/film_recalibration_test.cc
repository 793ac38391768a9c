#include "evaluate/films/recalibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../random_seed.h"

namespace osler::evaluate {
namespace {

/// Log-odds x, class drawn with log-odds slope x + intercept; `films` of each patient.
FilmPoints drawn(std::mt19937& random, std::size_t count, double slope, double intercept, std::size_t films = 1) {
  std::normal_distribution<double> normal(0.5, 2);
  std::uniform_real_distribution<double> uniform(0, 1);
  FilmPoints points;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = normal(random);
    points.push_back({x, uniform(random) < sigmoid(slope * x + intercept), i / films});
  }
  return points;
}

TEST(Platt, RecoversWhatTheClassesWereDrawnWith) {
  std::mt19937 random(fresh_seed());
  const Line line = fit_platt(drawn(random, 40'000, 1.7, -0.6)).value();
  EXPECT_NEAR(line.slope, 1.7, 0.12);
  EXPECT_NEAR(line.intercept, -0.6, 0.12);
  const Line shifted = fit_intercept(drawn(random, 40'000, 1.7, -2), 1.7).value();
  EXPECT_EQ(shifted.slope, 1.7);
  EXPECT_NEAR(shifted.intercept, -2, 0.12);
}

TEST(Platt, ClassesThatDoNotOverlapGiveAFiniteLine) {
  // One film each at +1 and -1: targets 2/3 and 1/3, so slope ln 2.
  const Line line = fit_platt({{1, true, 0}, {-1, false, 1}}).value();
  EXPECT_NEAR(line.slope, std::log(2.0), 1e-9);
  EXPECT_NEAR(line.intercept, 0, 1e-9);
  // Far apart it stays finite too, however large the log-odds.
  FilmPoints far;
  for (std::size_t i = 0; i < 100; ++i) far.push_back({i % 2 == 0 ? 300.0 + i : -300.0 - i, i % 2 == 0, i});
  const Line of_far = fit_platt(far).value();
  EXPECT_GT(of_far.slope, 0);
  EXPECT_LT(of_far.slope, 1);
}

TEST(Platt, TheInterceptAloneInClosedForm) {
  // Three positives and a negative, all at 2: targets 4/5 and 1/3, their mean 0.68333.
  const Line line = fit_intercept({{2, true, 0}, {2, true, 1}, {2, true, 2}, {2, false, 3}}, 1.5).value();
  const double mean = (3 * 0.8 + 1.0 / 3) / 4;
  EXPECT_NEAR(line.intercept, std::log(mean / (1 - mean)) - 3, 1e-9);
}

TEST(Platt, WhatCannotBeFittedIsRefused) {
  EXPECT_EQ(fit_platt({{1, true, 0}}).error().code, ErrorCode::invalid);
  EXPECT_EQ(fit_platt({}).error().code, ErrorCode::invalid);
  EXPECT_NE(fit_platt({{-1, true, 0}, {1, false, 1}}).error().external.find("does not tell the classes apart"), std::string::npos);
  EXPECT_NE(fit_platt({{std::numeric_limits<double>::infinity(), true, 0}, {1, false, 1}}).error().external.find("finite"), std::string::npos);
}

TEST(CalibrationScores, OfACalibratedModelAreWithinTheirBounds) {
  std::mt19937 random(fresh_seed());
  const FilmPoints good = probabilities(drawn(random, 20'000, 1, 0), {});
  const CalibrationScores scores = calibration_scores(good, 40);
  EXPECT_NEAR(scores.slope->value, 1, 0.12);
  EXPECT_NEAR(scores.intercept->value, 0, 0.12);
  EXPECT_NEAR(scores.observed_over_expected.value, 1, 0.06);
  EXPECT_LT(scores.ece.value, 0.03);
  EXPECT_EQ(scores.bins.size(), 10u);
  EXPECT_LT(scores.perfect_low, scores.perfect_high);

  const CalibrationScores sure = calibration_scores(probabilities(drawn(random, 20'000, 1, 0), {3, 1}), 40);
  EXPECT_NEAR(sure.slope->value, 1.0 / 3, 0.06) << "three times too sure";
  EXPECT_GT(sure.ece.value, sure.perfect_high);
  EXPECT_GT(sure.brier.value, scores.brier.value);
}

TEST(CalibrationScores, WithoutOverlapThereIsNoLine) {
  FilmPoints apart;
  for (std::size_t i = 0; i < 40; ++i) apart.push_back({i % 2 == 0 ? 0.02 + 0.001 * static_cast<double>(i) : 0.9 + 0.001 * static_cast<double>(i), i % 2 == 1, i});
  const CalibrationScores none = calibration_scores(apart, 40);
  EXPECT_FALSE(none.slope || none.intercept) << "the steeper the better: whatever is printed would be where an iteration ended";
  apart[0].score = 0.92;  // one film in the other's place
  const CalibrationScores scores = calibration_scores(apart, 400);
  ASSERT_TRUE(scores.slope && scores.intercept);
  EXPECT_LT(scores.slope->value, 3);
  EXPECT_TRUE(std::isinf(scores.slope->high)) << "draws without that film have no overlap";
  EXPECT_TRUE(std::isfinite(scores.slope->low));
}

TEST(CalibrationScores, BrierByHand) {
  EXPECT_DOUBLE_EQ(calibration_scores({{0.8, true, 0}, {0.4, false, 1}}, 40).brier.value, (0.04 + 0.16) / 2);
}

TEST(Recalibration, IsFittedOnOtherPatients) {
  std::mt19937 random(fresh_seed());
  const FilmPoints points = drawn(random, 6000, 0.5, -2, 3);
  const Recalibrated none = recalibrate(points, {}, Recalibration::none, 5).value();
  EXPECT_EQ(none.points[0].score, sigmoid(points[0].score));
  const Recalibrated intercept = recalibrate(points, {}, Recalibration::intercept, 5).value();
  EXPECT_EQ(intercept.line.slope, 1);
  const Recalibrated both = recalibrate(points, {}, Recalibration::slope_and_intercept, 5).value();
  EXPECT_NEAR(both.line.slope, 0.5, 0.12);
  EXPECT_NEAR(both.line.intercept, -2, 0.25);
  const auto error = [](const Recalibrated& recalibrated) { return calibration_scores(recalibrated.points, 40).ece.value; };
  EXPECT_LT(error(intercept), error(none));
  EXPECT_LT(error(both), error(intercept));

  // The probabilities of a patient do not depend on its own classes: one with one or two positives stays in its fold when all three are turned.
  std::size_t first = 0;
  const auto positives_from = [&](std::size_t i) { return points[i].positive + points[i + 1].positive + points[i + 2].positive; };
  while (positives_from(first) == 0 || positives_from(first) == 3) first += 3;
  FilmPoints turned = points;
  for (std::size_t i = first; i < first + 3; ++i) turned[i].positive = !turned[i].positive;
  const Recalibrated again = recalibrate(turned, {}, Recalibration::slope_and_intercept, 5).value();
  EXPECT_EQ(again.points[first].score, both.points[first].score);
  EXPECT_NE(again.line.intercept, both.line.intercept) << "fitted on all, it does";
}

TEST(DecisionCurve, ByHand) {
  // At 0.5 a false positive costs as much as a true positive gains: (2 - 1)/4; acting on all: 0.5 - 0.5.
  const FilmPoints points{{0.9, true, 0}, {0.6, true, 1}, {0.7, false, 2}, {0.1, false, 3}};
  const std::vector<NetBenefit> curve = decision_curve(points);
  ASSERT_EQ(curve.size(), 99u);
  EXPECT_DOUBLE_EQ(curve[49].threshold, 0.5);
  EXPECT_NEAR(curve[49].model, 0.25, 1e-12);
  EXPECT_NEAR(curve[49].all, 0, 1e-12);
  // At 0.8: one true positive, no false one; acting on all 0.5 - 4 (0.5).
  EXPECT_NEAR(curve[79].model, 0.25, 1e-12);
  EXPECT_NEAR(curve[79].all, -1.5, 1e-12);
  EXPECT_TRUE(decision_curve({}).empty());
}

}  // namespace
}  // namespace osler::evaluate
