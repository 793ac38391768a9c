// Scores against examples worked out by hand.
#include "evaluate/scoring.h"

#include <cmath>

#include "../random_seed.h"

namespace osler::evaluate {

namespace {

using Predictions = std::vector<std::pair<double, bool>>;

/// `count` predictions of one confidence, of which the first `right` are right.
void add(Predictions& predictions, double confidence, int count, int right) {
  for (int i = 0; i < count; ++i) predictions.emplace_back(confidence, i < right);
}

ScoredCase ranked(std::size_t rank, double confidence = 0.5, bool right = false) {
  ScoredCase scored;
  scored.covered = true;
  scored.rank = rank;
  scored.first_confidence = confidence;
  scored.first_is_right = right;
  return scored;
}

ScoredCase triaged(const std::string& expected, const std::string& given) {
  ScoredCase scored = ranked(1);
  scored.urgency_expected = expected;
  scored.urgency_given = given;
  return scored;
}

std::vector<ScoredCase> half_right(std::size_t count) {
  std::vector<ScoredCase> cases;
  for (std::size_t i = 0; i < count; ++i) cases.push_back(ranked(i % 2 == 0 ? 1 : 2, 0.3 + 0.4 * static_cast<double>(i % 7) / 7, i % 2 == 0));
  return cases;
}

std::vector<double> intervals(const Scores& scores) {
  return {scores.top1.low, scores.top1.high, scores.top3.low, scores.top3.high, scores.coverage.low, scores.coverage.high,
          scores.first.perfect_low, scores.first.perfect_high};
}

}  // namespace

// --- Calibration error ---

// Sorted: 0.1 wrong, 0.3 right | 0.6 wrong, 0.8 right. Gaps of the sums: |0.4 - 1| and |1.4 - 1|; (0.6 + 0.4) / 4.
TEST(CalibrationError, IsTheMeanGapOverEqualMassBins) {
  EXPECT_NEAR(calibration_error({{0.8, true}, {0.1, false}, {0.6, false}, {0.3, true}}, 2), 0.25, 1e-12);
}

// One bin: |1.8 - 2| / 4.
TEST(CalibrationError, InOneBinIsTheGapOfTheMeans) {
  EXPECT_NEAR(calibration_error({{0.8, true}, {0.1, false}, {0.6, false}, {0.3, true}}, 1), 0.05, 1e-12);
}

// Five predictions in two bins: two and three. |0.3 - 1| + |2.4 - 2| = 1.1.
TEST(CalibrationError, SharesAnOddNumberOut) {
  EXPECT_NEAR(calibration_error({{0.1, false}, {0.2, true}, {0.7, true}, {0.8, true}, {0.9, false}}, 2), 1.1 / 5, 1e-12);
}

TEST(CalibrationError, DoesNotDependOnTheOrderOfEqualConfidences) {
  const double one_way = calibration_error({{0.5, true}, {0.5, false}, {0.5, false}, {0.5, true}}, 2);
  EXPECT_EQ(one_way, calibration_error({{0.5, true}, {0.5, true}, {0.5, false}, {0.5, false}}, 2));
  EXPECT_EQ(one_way, 0) << "half of those at one half are right";
}

TEST(CalibrationError, HasItsEnds) {
  EXPECT_EQ(calibration_error({}, 5), 0);
  EXPECT_EQ(calibration_error({{1.0, true}, {0.0, false}, {1.0, true}}, 5), 0);
  EXPECT_EQ(calibration_error({{1.0, false}, {0.0, true}}, 2), 1);
  EXPECT_NEAR(calibration_error({{0.7, true}}, 5), 0.3, 1e-12) << "fewer predictions than bins";
}

// --- Calibration line ---

TEST(CalibrationLine, OfAPerfectPredictorIsTheDiagonal) {
  Predictions predictions;
  add(predictions, 0.2, 10, 2);
  add(predictions, 0.5, 10, 5);
  add(predictions, 0.8, 10, 8);
  const auto [intercept, slope] = calibration_line(predictions);
  EXPECT_NEAR(intercept, 0, 1e-6);
  EXPECT_NEAR(slope, 1, 1e-6);
}

// logit(0.9) = 2 ln 3 while the share right is 0.75, logit ln 3: half as sure as it says.
TEST(CalibrationLine, OfAnOverconfidentOneIsFlatter) {
  Predictions predictions;
  add(predictions, 0.9, 100, 75);
  add(predictions, 0.1, 100, 25);
  const auto [intercept, slope] = calibration_line(predictions);
  EXPECT_NEAR(intercept, 0, 1e-6);
  EXPECT_NEAR(slope, 0.5, 1e-6);
}

// logit(0.5) = 0 goes with logit(2/3) = ln 2, and logit(0.8) = ln 4 with logit(8/9) = ln 8.
TEST(CalibrationLine, OfATimidOneIsShifted) {
  Predictions predictions;
  add(predictions, 0.5, 30, 20);
  add(predictions, 0.8, 90, 80);
  const auto [intercept, slope] = calibration_line(predictions);
  EXPECT_NEAR(intercept, std::log(2), 1e-6);
  EXPECT_NEAR(slope, 1, 1e-6);
}

TEST(CalibrationLine, OfNothingIsTheDiagonal) {
  EXPECT_EQ(calibration_line({}), (std::pair<double, double>{0, 1}));
}

// The two equations of the maximum: residuals sum to nothing, alone and times the logit.
TEST(CalibrationLine, IsTheMaximumOfTheLikelihoodOnAnyData) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int round = 0; round < 200; ++round) {
    Predictions predictions;
    for (int i = 0; i < 120; ++i) {
      const double confidence = 0.02 + 0.96 * uniform(random);
      predictions.emplace_back(confidence, uniform(random) < std::pow(confidence, 1.5) * 0.9 + 0.05);
    }
    const auto [intercept, slope] = calibration_line(predictions);
    double sum = 0, weighted = 0;
    for (const auto& [confidence, right] : predictions) {
      const double x = std::log(confidence / (1 - confidence));
      const double residual = (right ? 1 : 0) - 1 / (1 + std::exp(-(intercept + slope * x)));
      sum += residual;
      weighted += residual * x;
    }
    EXPECT_NEAR(sum, 0, 1e-5) << "seed " << seed << ", round " << round;
    EXPECT_NEAR(weighted, 0, 1e-5) << "seed " << seed << ", round " << round;
  }
}

// Far from zero, where every start with a slope is certain of one class.
TEST(LogisticLine, IsFoundFarFromZero) {
  std::vector<std::pair<double, bool>> points;
  for (int i = 0; i < 40; ++i) points.emplace_back(-30 + 0.25 * i, i % 4 == 0 ? i < 20 : i >= 20);
  const auto [intercept, slope] = logistic_line(points);
  EXPECT_GT(slope, 0.05);
  EXPECT_NEAR(-intercept / slope, -25, 1.5) << "half way";
}

TEST(CalibrationLine, OfDataWithoutAMaximumIsStillFinite) {
  for (const Predictions& predictions :
       {Predictions{{0.9, true}, {0.1, false}}, Predictions{{0.9, false}, {0.1, true}}, Predictions{{0.5, true}},
        Predictions{{1.0, true}, {1.0, true}}, Predictions{{1.0, false}}, Predictions{{0.0, true}, {1.0, false}}}) {
    const auto [intercept, slope] = calibration_line(predictions);
    EXPECT_TRUE(std::isfinite(intercept) && std::isfinite(slope)) << intercept << " " << slope;
  }
}

// --- Ranks ---

TEST(Scores, CountRanksByHand) {
  const Scores scores = score({ranked(1), ranked(1), ranked(3), ranked(5), ranked(10), ranked(11), ranked(0), ranked(2)});
  EXPECT_EQ(scores.cases, 8u);
  EXPECT_DOUBLE_EQ(scores.top1.value, 2.0 / 8);
  EXPECT_DOUBLE_EQ(scores.top3.value, 4.0 / 8);
  EXPECT_DOUBLE_EQ(scores.top5.value, 5.0 / 8);
  EXPECT_DOUBLE_EQ(scores.top10.value, 6.0 / 8);
  EXPECT_NEAR(scores.mean_reciprocal_rank.value, (1 + 1 + 1.0 / 3 + 0.2 + 0.1 + 1.0 / 11 + 0 + 0.5) / 8, 1e-12);
}

TEST(Scores, CasesThatTheKnowledgeDoesNotCoverCountAgainstIt) {
  ScoredCase unknown;
  const Scores scores = score({ranked(1), unknown});
  EXPECT_EQ(scores.covered, 1u);
  EXPECT_DOUBLE_EQ(scores.coverage.value, 0.5);
  EXPECT_DOUBLE_EQ(scores.top10.value, 0.5);
}

// (0.9 - 1)^2 = 0.01, (0.6 - 0)^2 = 0.36.
TEST(Scores, BrierIsTheMeanSquaredErrorOfTheFirst) {
  EXPECT_NEAR(score({ranked(1, 0.9, true), ranked(2, 0.6, false)}).brier.value, 0.185, 1e-12);
}

TEST(Scores, TakeTheCalibrationOfTheFirstAndTheLineOfAllPairs) {
  std::vector<ScoredCase> cases;
  for (int i = 0; i < 10; ++i) {
    ScoredCase scored = ranked(1, 0.8, i < 6);
    scored.pairs = {{0.8, i < 8}, {0.2, i < 2}};
    cases.push_back(scored);
  }
  const Scores scores = score(cases);
  EXPECT_NEAR(scores.slope.value, 1, 1e-6);
  EXPECT_NEAR(scores.intercept.value, 0, 1e-6);
  EXPECT_NEAR(scores.first.ece.value, 0.2, 1e-12);  // all of one confidence: in every bin |0.8 - 0.6|
}

TEST(Scores, OfNoCasesAreZero) {
  const Scores scores = score({});
  EXPECT_EQ(scores.cases, 0u);
  EXPECT_EQ(scores.top1.value, 0);
  EXPECT_EQ(scores.first.ece.value, 0);
}

// --- Intervals ---

TEST(Intervals, AreTheSameForTheSameSeedAndOthersForAnother) {
  const std::vector<ScoredCase> cases = half_right(101);
  EXPECT_EQ(intervals(score(cases, 5)), intervals(score(cases, 5)));
  EXPECT_NE(intervals(score(cases, 5)), intervals(score(cases, 6)));
  EXPECT_EQ(score(cases, 5).first.ece.value, score(cases, 6).first.ece.value) << "the values themselves have no chance in them";
}

// 100 cases, half right: 1.96 standard errors are 0.098.
TEST(Intervals, HoldNinetyFivePercent) {
  const Interval interval = score(half_right(100), 1).top1;
  EXPECT_DOUBLE_EQ(interval.value, 0.5);
  EXPECT_NEAR(interval.low, 0.402, 0.025);
  EXPECT_NEAR(interval.high, 0.598, 0.025);
}

TEST(Intervals, OfCertaintyHaveNoWidth) {
  const Interval interval = score({ranked(1), ranked(1), ranked(1)}).top1;
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 1);
}

TEST(Intervals, OfAPerfectPredictorSayHowLargeTheErrorIsByChance) {
  const Scores scores = score(half_right(60), 3);
  EXPECT_GT(scores.first.perfect_low, 0);
  EXPECT_LT(scores.first.perfect_low, scores.first.perfect_high);
  EXPECT_LT(scores.first.perfect_high, 0.4);
  const Scores certain = score({ranked(1, 1.0, true), ranked(1, 1.0, true)});
  EXPECT_EQ(certain.first.perfect_high, 0);
}

// --- Gain ---

// Found: the diagnosis second, one of two listed first. (1 + 7 / log2(3)) / (7 + 1 / log2(3) + 1 / 2).
TEST(Gain, IsThatOfTheIdealOrder) {
  EXPECT_NEAR(ndcg_at_ten({1, 3, 0}, {1, 3, 1}), (1 + 7 / std::log2(3)) / (7 + 1 / std::log2(3) + 0.5), 1e-12);
  EXPECT_DOUBLE_EQ(ndcg_at_ten({3, 1, 1}, {1, 1, 3}), 1);
  EXPECT_EQ(ndcg_at_ten({0, 0}, {3}), 0);
  EXPECT_EQ(ndcg_at_ten({}, {}), 0);
}

TEST(Gain, EndsAtTheTenth) {
  std::vector<int> late(10, 0);
  late.push_back(3);
  EXPECT_EQ(ndcg_at_ten(late, {3}), 0);
}

// --- Groups and pairs ---

TEST(Groups, AreBySpecialtyAndByAge) {
  std::vector<ScoredCase> cases = {ranked(1), ranked(2), ranked(1), ranked(0)};
  cases[0].specialty = "eye";
  cases[1].specialty = "eye";
  const double ages[] = {0.5, 15.9, 64, 65};
  for (std::size_t i = 0; i < cases.size(); ++i) cases[i].age_years = ages[i];
  const auto specialties = score_by_specialty(cases);
  ASSERT_EQ(specialties.size(), 2u);
  EXPECT_EQ(specialties[0].name, "eye");
  EXPECT_DOUBLE_EQ(specialties[0].scores.top1.value, 0.5);
  EXPECT_EQ(specialties[1].name, "not stated");
  std::string bands;
  for (const GroupScores& group : score_by_age(cases)) bands += group.name + "; ";
  EXPECT_EQ(bands, "under 1; 1 to 15; 40 to 64; 65 and more; ");
}

TEST(Pairs, BelowFivePercentAreNotInTheirCalibrationError) {
  ScoredCase scored = ranked(1, 0.8, true);
  scored.pairs = {{0.8, true}, {0.05, false}, {0.049, true}, {0.02, true}};
  EXPECT_EQ(score({scored}).pairs.predictions, 2u);
}

// --- Triage ---

TEST(Triage, CountsEmergenciesSentLowerAndPatientsSentHigher) {
  const Scores scores = score({triaged("emergency", "emergency"), triaged("emergency", "urgent"), triaged("emergency", "self_care"),
                               triaged("urgent", "emergency"), triaged("routine", "urgent"), triaged("self_care", "routine"),
                               triaged("urgent", "routine"), triaged("routine", "routine"), triaged("", "emergency")});
  EXPECT_EQ(scores.triaged, 8u) << "a case without an expected urgency is not counted";
  EXPECT_EQ(scores.emergencies, 3u);
  EXPECT_EQ(scores.emergencies_sent_lower, 2u);
  EXPECT_EQ(scores.over_triaged, 3u);
  EXPECT_EQ(scores.under_triaged, 3u);
  EXPECT_EQ(scores.triage[3][0], 1u) << "expected an emergency, sent to self-care";
  EXPECT_EQ(scores.triage[1][1], 1u);
}

TEST(Intervals, OfARatioAreTheSumsAndWhatResamplesOfCasesGive) {
  const Interval ratio = ratio_interval({1, 2, 3}, {2, 2, 4});
  EXPECT_EQ(ratio.value, 0.75);
  EXPECT_EQ(ratio.low, 0.5) << "the first case three times, 1 in 27";
  EXPECT_EQ(ratio.high, 1) << "the second case three times";
  EXPECT_EQ(mean_interval({0.2, 0.2}).high, 0.2);
  EXPECT_EQ(mean_interval({}).value, 0);
}

TEST(Intervals, NarrowWithTheNumberOfCases) {
  std::vector<double> halves;
  for (int i = 0; i < 400; ++i) halves.push_back(i % 2);
  const Interval many = mean_interval(halves), few = mean_interval({halves.begin(), halves.begin() + 16});
  EXPECT_EQ(many.value, 0.5);
  EXPECT_NEAR(many.high - many.low, 4 * 0.5 / 20, 0.02);  // 1.96 standard errors on either side
  EXPECT_NEAR(few.high - few.low, 4 * 0.5 / 4, 0.15);
}

}  // namespace osler::evaluate
