// "evaluate/films/roc.h" and "evaluate/films/film_points.h", against values worked out by hand.
#include "evaluate/films/roc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "../random_seed.h"

namespace osler::evaluate {
namespace {

/// Positives 0.8, 0.6, 0.4; negatives 0.7, 0.3; each of another patient. Of the positives 1, 1/2, 1/2 of the negatives lie below; of the negatives
/// 1/3 and 1 of the positives above: the area is 2/3, its variance (1/12)/3 + (2/9)/2 = 5/36.
FilmPoints five() { return {{0.8, true, 0}, {0.6, true, 1}, {0.4, true, 2}, {0.7, false, 3}, {0.3, false, 4}}; }

TEST(FilmAuc, DeLongByHand) {
  const Auc auc = auc_by_film(five());
  EXPECT_DOUBLE_EQ(auc.interval.value, 2.0 / 3);
  EXPECT_NEAR(auc.standard_error, std::sqrt(5.0 / 36), 1e-12);
  // logit(2/3) = ln 2; half-width 1.959964 * 0.372678 / (2/9) = 3.286957
  EXPECT_NEAR(auc.interval.low, 1 / (1 + std::exp(-(std::log(2.0) - 3.28695953))), 1e-6);
  EXPECT_NEAR(auc.interval.high, 1 / (1 + std::exp(-(std::log(2.0) + 3.28695953))), 1e-6);
}

TEST(FilmAuc, ObuchowskiByHand) {
  EXPECT_NEAR(auc_by_patient(five()).standard_error, std::sqrt(5.0 / 36), 1e-12) << "without repeated patients it is DeLong's";
  FilmPoints points = five();
  points[3].patient = 0;  // 0.8 and 0.7 of one patient
  points[2].patient = 1;  // 0.6 and 0.4 of another
  // (2/9)(2/1)/9 + (2/9)(2/1)/4 + 2 (-1/9)(3/2)/6 = 17/162
  EXPECT_NEAR(auc_by_patient(points).standard_error, std::sqrt(17.0 / 162), 1e-12);
  EXPECT_NEAR(auc_by_film(points).standard_error, std::sqrt(5.0 / 36), 1e-12);
}

TEST(FilmAuc, EqualScoresCountHalf) {
  EXPECT_DOUBLE_EQ(auc_by_film({{1, true, 0}, {1, false, 1}}).interval.value, 0.5);
  EXPECT_DOUBLE_EQ(auc_by_film({{1, true, 0}, {2, true, 1}, {1, false, 2}, {0, false, 3}}).interval.value, 3.5 / 4);
}

TEST(FilmAuc, APerfectAreaIsNotCertain) {
  FilmPoints points;
  for (std::size_t i = 0; i < 30; ++i) points.push_back({i < 10 ? 1.0 : 0.0, i < 10, i});
  const Interval interval = auc_by_film(points).interval;
  EXPECT_DOUBLE_EQ(interval.value, 1);
  EXPECT_NEAR(interval.low, 1 - 0.27753, 1e-5) << "Wilson's, ten of ten";
}

TEST(FilmAuc, TwiceTheSameFilmsOfEachPatientTellNoMore) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  FilmPoints once, twice;
  for (std::size_t patient = 0; patient < 400; ++patient) {
    const FilmPoint point{normal(random) + (patient % 2 == 0), patient % 2 == 0, patient};
    once.push_back(point);
    twice.insert(twice.end(), 2, point);
  }
  EXPECT_NEAR(auc_by_patient(twice).standard_error, auc_by_patient(once).standard_error, 1e-9);
  EXPECT_LT(auc_by_film(twice).standard_error, 0.8 * auc_by_film(once).standard_error);
}

TEST(FilmAuc, DifferenceOfTwoByHand) {
  FilmPoints perfect = five();
  for (FilmPoint& point : perfect) point.score = point.positive;
  const AucDifference difference = auc_difference(five(), perfect);
  EXPECT_NEAR(difference.interval.value, -1.0 / 3, 1e-12);
  EXPECT_NEAR(difference.p_value, 0.371093, 1e-6) << "z = (1/3) / sqrt(5/36), the perfect area has no variance";
  EXPECT_DOUBLE_EQ(auc_difference(five(), five()).p_value, 1);
  EXPECT_DOUBLE_EQ(auc_difference(five(), five()).interval.high, 0);
}

TEST(FilmCurves, RocAndPrecisionRecallByHand) {
  const FilmPoints points{{0.9, true, 0}, {0.8, false, 1}, {0.8, true, 2}, {0.5, false, 3}, {0.4, true, 4}};
  const std::vector<RocPoint> roc = roc_curve(points);
  ASSERT_EQ(roc.size(), 5u) << "the tie is one step";
  EXPECT_DOUBLE_EQ(roc[2].false_positive_rate, 0.5);
  EXPECT_DOUBLE_EQ(roc[2].sensitivity, 2.0 / 3);
  EXPECT_DOUBLE_EQ(roc.back().false_positive_rate, 1);
  const std::vector<PrecisionRecall> curve = precision_recall_curve(points);
  ASSERT_EQ(curve.size(), 4u);
  EXPECT_DOUBLE_EQ(curve[1].precision, 2.0 / 3);
  EXPECT_NEAR(average_precision(points), (1 + 2.0 / 3 + 3.0 / 5) / 3, 1e-12);
}

TEST(Wilson, KnownValues) {
  EXPECT_NEAR(wilson(9, 10).low, 0.59585, 1e-5);
  EXPECT_NEAR(wilson(9, 10).high, 0.98213, 1e-5);
  EXPECT_DOUBLE_EQ(wilson(0, 10).low, 0);
  EXPECT_NEAR(wilson(0, 10).high, 0.27753, 1e-5);
  EXPECT_DOUBLE_EQ(wilson(0, 0).high, 1) << "nothing is known of nothing";
}

TEST(ShareByPatient, PatientsCountNotFilms) {
  std::vector<Answer> alone, twice;
  for (std::size_t patient = 0; patient < 20; ++patient) {
    alone.push_back({patient < 10, patient});
    twice.insert(twice.end(), 2, {patient < 10, patient});
  }
  // 20 patients, deviations of 1 each: design effect 20 (20/19) / (40/4) = 40/19, so 19 effective films.
  EXPECT_NEAR(share_by_patient(twice).low, wilson(9.5, 19).low, 1e-12);
  EXPECT_NEAR(share_by_patient(alone).low, wilson(9.5, 19).low, 1e-12) << "20/19 is the small-sample correction";
  for (Answer& answer : twice) answer.yes = true;
  EXPECT_NEAR(share_by_patient(twice).low, wilson(20, 20).low, 1e-12);
}

TEST(ThresholdScores, CountsAndPredictiveValues) {
  FilmPoints points;
  const auto add = [&](std::size_t count, double score, bool positive) {
    for (std::size_t i = 0; i < count; ++i) points.push_back({score, positive, points.size()});
  };
  add(90, 0.7, true);
  add(10, 0.2, true);
  add(80, 0.1, false);
  add(20, 0.5, false);
  const ThresholdScores scores = scores_at(points, 0.5);
  EXPECT_EQ(scores.confusion.true_positives, 90u);
  EXPECT_EQ(scores.confusion.false_positives, 20u) << "the threshold itself is positive";
  EXPECT_DOUBLE_EQ(scores.sensitivity.value, 0.9);
  EXPECT_DOUBLE_EQ(scores.specificity.value, 0.8);
  const PredictiveValues values = predictive_values(scores.confusion, 0.1);
  EXPECT_NEAR(values.positive.value, 1.0 / 3, 1e-12);
  EXPECT_NEAR(values.negative.value, 0.72 / 0.73, 1e-12);
  // logit PPV = ln(1/2), variance 10/(90*100) + 80/(20*100)
  const double width = 1.959963985 * std::sqrt(10.0 / 9000 + 80.0 / 2000);
  EXPECT_NEAR(values.positive.low, 1 / (1 + std::exp(std::log(2.0) + width)), 1e-9);
  const PredictiveValues certain = predictive_values({10, 0, 10, 0}, 0.5);
  EXPECT_LT(certain.positive.low, 0.8) << "twenty right answers are not certainty";
  EXPECT_LT(certain.positive.value, 1);
}

TEST(OperatingThreshold, FollowsItsRule) {
  const FilmPoints points{{0.9, true, 0}, {0.8, true, 1}, {0.7, false, 2}, {0.6, true, 3}, {0.4, true, 4}, {0.3, false, 5}, {0.1, false, 6}};
  const auto at = [&](double sensitivity) { return operating_threshold(points, OperatingRule::specificity_at_sensitivity, sensitivity); };
  EXPECT_DOUBLE_EQ(at(0.5), 0.75) << "between 0.8 and 0.7";
  EXPECT_DOUBLE_EQ(at(0.75), 0.35) << "0.6 reaches it, and 0.4 gives more for the same specificity";
  EXPECT_DOUBLE_EQ(at(1.0), 0.35);
  EXPECT_DOUBLE_EQ(operating_threshold(points, OperatingRule::youden, 0), 0.35) << "1 + 2/3 - 1";
  EXPECT_EQ(describe(OperatingRule::specificity_at_sensitivity, 0.95), "highest specificity with a sensitivity of at least 0.95");
}

std::vector<FilmPrediction> films_of(const std::vector<std::pair<const char*, const char*>>& id_and_patient) {
  std::vector<FilmPrediction> films;
  for (const auto& [id, patient] : id_and_patient) {
    FilmPrediction film;
    film.id = id;
    film.patient = patient;
    films.push_back(film);
  }
  return films;
}

TEST(FilmPatients, OneFilmEachWhateverTheOrder) {
  const auto forward = one_film_a_patient(films_of({{"a1", "a"}, {"a2", "a"}, {"x", ""}, {"a3", "a"}, {"b1", "b"}, {"y", ""}}));
  ASSERT_EQ(forward.size(), 4u) << "films without a patient stay";
  const auto backward = one_film_a_patient(films_of({{"y", ""}, {"b1", "b"}, {"a3", "a"}, {"x", ""}, {"a2", "a"}, {"a1", "a"}}));
  std::set<std::string> one, other;
  for (const FilmPrediction& film : forward) one.insert(film.id);
  for (const FilmPrediction& film : backward) other.insert(film.id);
  EXPECT_EQ(one, other);
  const FilmPoints points = film_points(films_of({{"a1", "a"}, {"x", ""}, {"a2", "a"}, {"y", ""}}), [](const FilmPrediction&) { return 0.0; });
  EXPECT_EQ(points[0].patient, points[2].patient);
  EXPECT_EQ(count_patients(points), 3u);
}

TEST(FilmPatients, FoldsKeepAPatientTogetherAndShareTheClasses) {
  FilmPoints points;
  for (std::size_t patient = 0; patient < 50; ++patient)
    for (int film = 0; film < 3; ++film) points.push_back({0, patient % 5 == 0 && film == 1, patient});
  const std::vector<std::size_t> folds = patient_folds(points, 5);
  std::vector<std::size_t> positives(5, 0), films(5, 0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(folds[i], folds[i / 3 * 3]);
    positives[folds[i]] += points[i].positive;
    ++films[folds[i]];
  }
  EXPECT_EQ(positives, std::vector<std::size_t>(5, 2));
  EXPECT_EQ(films, std::vector<std::size_t>(5, 30));
}

TEST(FilmPatients, BootstrapDrawsPatientsNotFilms) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  FilmPoints once, five_times;
  for (std::size_t patient = 0; patient < 200; ++patient) {
    const FilmPoint point{normal(random), patient % 2 == 0, patient};
    once.push_back(point);
    five_times.insert(five_times.end(), 5, point);
  }
  const auto mean = [](const FilmPoints& points) {
    double sum = 0;
    for (const FilmPoint& point : points) sum += point.score;
    return std::vector<double>{sum / static_cast<double>(points.size())};
  };
  const Interval one = bootstrap_patients(once, mean, 1000, seed)[0], five_fold = bootstrap_patients(five_times, mean, 1000, seed)[0];
  EXPECT_NEAR(five_fold.high - five_fold.low, one.high - one.low, 1e-9) << "the same draws";
  EXPECT_NEAR(one.high - one.low, 2 * 1.96 / std::sqrt(200.0), 0.07);
}

}  // namespace
}  // namespace osler::evaluate
