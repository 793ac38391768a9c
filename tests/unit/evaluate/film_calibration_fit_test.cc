#include "evaluate/films/film_calibration_fit.h"

#include <gtest/gtest.h>

#include "../random_seed.h"
#include "evaluate/films/conformal.h"

namespace osler::evaluate {
namespace {

/// Two films of each patient. The network is twice too sure.
std::vector<FilmPrediction> drawn(std::mt19937& random, const std::string& set, std::size_t patients) {
  std::normal_distribution<double> normal;
  std::vector<FilmPrediction> films;
  for (std::size_t patient = 0; patient < patients; ++patient)
    for (int film = 0; film < 2; ++film) {
      FilmPrediction one;
      one.patient = set + std::to_string(patient);
      one.id = one.patient + "-" + std::to_string(film);
      one.pneumonia = patient % 2 == 0;
      one.logit = 2 * (4 * normal(random) * 0.5 + (one.pneumonia ? 2 : -2));
      one.age_years = 1.5 + static_cast<double>(patient % 4);
      for (int channel = 0; channel < 8; ++channel) one.features.push_back(static_cast<float>(normal(random)));
      films.push_back(std::move(one));
    }
  return films;
}

FilmCalibrationOptions options() {
  FilmCalibrationOptions options;
  options.least_sensitivity = 0.9;
  options.error_rate = 0.1;
  options.outlier_components = 3;
  options.population = "drawn films";
  options.date = "2026-11-22";
  options.note = "a test";
  return options;
}

TEST(FilmCalibrationFit, EachPartComesFromItsSet) {
  std::mt19937 random(fresh_seed());
  const auto fit = drawn(random, "f", 300), selection = drawn(random, "s", 400), calibration = drawn(random, "c", 1000);
  const FilmCalibrationFit made = fit_film_calibration(fit, selection, calibration, options()).value();
  const models::FilmCalibration& of = made.calibration;
  EXPECT_NEAR(of.slope, 0.5, 0.1) << "twice too sure";
  EXPECT_NEAR(of.intercept, 0, 0.4);
  EXPECT_GE(of.operating_point.sensitivity, 0.9);
  EXPECT_EQ(of.operating_point.chosen_on, "selection: 800 films of 400 patients");
  EXPECT_EQ(of.operating_point.rule, "highest specificity with a sensitivity of at least 0.9");
  EXPECT_EQ(of.conformal.films, (std::array<std::size_t, 2>{500, 500})) << "one film a patient";
  EXPECT_EQ(of.age.least_years, 1);
  EXPECT_EQ(of.age.most_years, 4);
  EXPECT_EQ(of.record.cases, 2000);
  EXPECT_TRUE(models::parse_film_calibration(models::write_film_calibration(of)));

  std::size_t outside = 0;
  const models::OutlierScorer scorer = models::OutlierScorer::create(made.outlier).value();
  for (const FilmPrediction& film : one_film_a_patient(calibration)) outside += scorer.score(film.features) > of.outlier_threshold;
  EXPECT_EQ(outside, 10u) << "one in a hundred";
}

TEST(FilmCalibrationFit, SetsThatCannotServeAreRefusedByName) {
  std::mt19937 random(fresh_seed());
  const auto fit = drawn(random, "f", 20), selection = drawn(random, "s", 40), calibration = drawn(random, "c", 60);
  const auto refusal = [](const auto& result) { return result ? std::string() : result.error().external; };
  EXPECT_EQ(refusal(fit_film_calibration(fit, selection, calibration, options())), "");
  EXPECT_NE(refusal(fit_film_calibration({}, selection, calibration, options())).find("'fit' has no film"), std::string::npos);
  EXPECT_NE(refusal(fit_film_calibration(fit, selection, selection, options())).find("40 patients of the set 'calibration'"), std::string::npos);
  EXPECT_NE(refusal(fit_film_calibration(fit, {selection[0]}, calibration, options())).find("both classes"), std::string::npos);
  auto other_network = calibration;
  other_network[0].features.pop_back();
  other_network[1].features.pop_back();  // whichever of the patient's two is chosen
  EXPECT_NE(refusal(fit_film_calibration(fit, selection, other_network, options())).find("7 features"), std::string::npos);
  auto ageless = fit;
  for (FilmPrediction& film : ageless) film.age_years.reset();
  EXPECT_NE(refusal(fit_film_calibration(ageless, selection, calibration, options())).find("age range"), std::string::npos);
  FilmCalibrationOptions stated = options();
  stated.age = models::AgeRange{1, 5};
  EXPECT_EQ(fit_film_calibration(ageless, selection, calibration, stated).value().calibration.age.most_years, 5);
  stated.population.clear();
  EXPECT_NE(refusal(fit_film_calibration(fit, selection, calibration, stated)).find("population"), std::string::npos);
}

}  // namespace
}  // namespace osler::evaluate
