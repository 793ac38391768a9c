// "evaluate/films/film_report.h" and "evaluate/films/film_plots.h".
#include "evaluate/films/film_report.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>

#include "evaluate/films/film_plots.h"

namespace osler::evaluate {
namespace {

struct Drawing {
  std::string name;
  std::size_t patients = 150;
  double apart = 4, shift = 0;   // of the logits
  double youngest = 1, oldest = 5;
  float feature = 0;             // mean of the features
  bool with_views = false;
};

/// Two films of each patient.
FilmSet drawn(const Drawing& drawing, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  FilmSet set{drawing.name, "drawn <at random>", "known by construction", {}};
  for (std::size_t patient = 0; patient < drawing.patients; ++patient)
    for (int film = 0; film < 2; ++film) {
      FilmPrediction one;
      one.patient = "patient-" + std::to_string(patient);
      one.id = one.patient + (film == 0 ? "a" : "b");
      one.pneumonia = patient % 3 != 0;
      one.logit = drawing.apart / 2 * (one.pneumonia ? 1 : -1) + normal(random) + drawing.shift;
      one.age_years = drawing.youngest + (drawing.oldest - drawing.youngest) * static_cast<double>(patient % 7) / 7;
      one.sex = patient % 2 == 0 ? "F" : "M";
      one.subtype = !one.pneumonia ? "normal" : patient % 4 == 0 ? "viral" : "bacterial";
      if (drawing.with_views) one.view = patient % 50 == 0 ? "LL" : (patient % 5 != 0) == one.pneumonia ? "AP" : "PA";
      for (int channel = 0; channel < 3; ++channel) one.features.push_back(drawing.feature + static_cast<float>(normal(random)));
      set.films.push_back(std::move(one));
    }
  return set;
}

models::FilmCalibration calibration() {
  models::FilmCalibration calibration;
  calibration.slope = 1.5;
  calibration.operating_point = {0.4, "a rule", "selection", 0.97, 0.95};
  calibration.conformal = {0.1, {0.3, 0.4}, {100, 200}};
  calibration.outlier_threshold = 2;
  calibration.age = {1, 5};
  calibration.record = {"drawn films", 300, "2026-11-22", "a test"};
  return calibration;
}

models::OutlierScorer scorer() { return models::OutlierScorer::create({{0, 0, 0}, {1, 0, 0}, {1}, 1}).value(); }

FilmReportOptions options() {
  FilmReportOptions options;
  options.model_version = "drawn/1";
  options.date = "2026-11-22";
  options.predictors = "nothing but logits";
  options.training = "no training";
  options.resamples = 100;
  return options;
}

std::vector<FilmSet> sets() {
  return {drawn({.name = "internal"}, 1), drawn({.name = "external", .patients = 120, .apart = 1, .shift = 2, .youngest = 20, .oldest = 80, .feature = 3, .with_views = true}, 2)};
}

FilmReport report_of(const std::vector<FilmSet>& films) {
  const models::OutlierScorer outlier = scorer();
  return make_film_report(films, calibration(), &outlier, options()).value();
}

TEST(FilmReport, SetsInternalAndExternalSideBySide) {
  const FilmReport report = report_of(sets());
  ASSERT_EQ(report.sets.size(), 2u);
  const FilmSetReport &internal = report.sets[0], &external = report.sets[1];
  EXPECT_EQ(internal.mix.films, 300u);
  EXPECT_EQ(internal.mix.patients, 150u);
  EXPECT_EQ(internal.mix.pneumonia, 200u);
  EXPECT_NEAR(internal.mix.prevalence.value, 2.0 / 3, 1e-12);
  EXPECT_EQ((*external.mix.ages)[0], 20);
  EXPECT_GT(internal.discrimination.by_patient.interval.value, 0.98);
  EXPECT_LT(external.discrimination.by_patient.interval.value, 0.9);
  EXPECT_EQ(internal.operation.values.size(), 3u);
  ASSERT_EQ(external.calibrations.size(), 3u);
  EXPECT_LT(external.calibrations[2].scores.ece.value, external.calibrations[0].scores.ece.value) << "recalibration helps where the logits are shifted";
  EXPECT_NEAR(external.calibrations[1].scores.observed_over_expected.value, 1, 0.1);
  std::size_t counted = 0;
  for (const auto& histogram : internal.histogram)
    for (const std::size_t films : histogram) counted += films;
  EXPECT_EQ(counted, 300u);
}

TEST(FilmReport, AbstainsOutsideTheRangeOfTrainingAndSaysWhy) {
  const FilmReport report = report_of(sets());
  const FilmAbstention &inside = report.sets[0].abstention, &outside = report.sets[1].abstention, &ageless = report.sets[1].abstention_without_age;
  EXPECT_GT(inside.answered.value, 0.7);
  EXPECT_GT(inside.right.value, 0.95);
  EXPECT_EQ(inside.grounds.count("age"), 0u);
  EXPECT_EQ(outside.films_answered, 0u) << "no adult is answered";
  EXPECT_EQ(outside.grounds.at("age"), 240u);
  EXPECT_EQ(outside.pneumonia_not_answered, report.sets[1].mix.pneumonia);
  for (const char* share : {"right_of_answered", "sensitivity_of_answered", "specificity_of_answered"})
    EXPECT_TRUE(film_report_json(report)["sets"][1]["further_evaluation"][share].is_null()) << "of no answer, none is right: " << share;
  EXPECT_EQ(film_report_text(report).find("right when answered                  0.0 %"), std::string::npos);
  EXPECT_EQ(ageless.grounds.count("age"), 0u);
  EXPECT_GT(ageless.grounds.at("outlier"), 200u) << "their features lie far away";
  const FilmSetReport without = make_film_report(sets(), calibration(), nullptr, options()).value().sets[1];
  EXPECT_EQ(without.abstention_without_age.grounds.count("outlier"), 0u);
}

TEST(FilmReport, AFilmThatLooksInvertedOrUpsideDownIsNotAnswered) {
  std::vector<FilmSet> films = sets();
  for (std::size_t i = 0; i < 30; ++i) films[0].films[i].appearance = {models::FurtherEvaluation::inverted};
  films[0].films[30].appearance = {models::FurtherEvaluation::upside_down};
  const FilmAbstention upright = report_of(sets()).sets[0].abstention, turned = report_of(films).sets[0].abstention;
  EXPECT_EQ(upright.grounds.count("inverted"), 0u);
  EXPECT_EQ(turned.grounds.at("inverted"), 30u);
  EXPECT_EQ(turned.grounds.at("upside_down"), 1u);
  EXPECT_LT(turned.films_answered, upright.films_answered);
  EXPECT_EQ(report_of(films).sets[0].abstention_without_age.grounds.at("inverted"), 30u) << "whatever the age";
}

TEST(FilmReport, RefusedFilmsAreCountedAndInNoFigure) {
  std::vector<FilmSet> films = sets();
  const Json without = film_report_json(report_of(films));
  for (int i = 0; i < 3; ++i) {
    FilmPrediction refused;
    refused.patient = refused.id = "refused";
    refused.pneumonia = i == 0;
    refused.logit = std::numeric_limits<double>::quiet_NaN();
    refused.refusal = i < 2 ? "It is <blank>." : "It is lateral.";
    films[0].films.insert(films[0].films.begin() + 7, refused);
  }
  const FilmReport report = report_of(films);
  Json with = film_report_json(report);
  EXPECT_EQ(with["sets"][0]["participants"]["refused"], (Json{{"It is <blank>.", 2}, {"It is lateral.", 1}}));
  with["sets"][0]["participants"]["refused"] = Json::object();
  EXPECT_EQ(with, without);
  EXPECT_NE(film_report_text(report).find("2 films. It is <blank>."), std::string::npos);
  EXPECT_NE(film_report_html(report).find("2: It is &lt;blank&gt;."), std::string::npos);
  for (FilmPrediction& film : films[1].films)
    if (film.pneumonia) film.refusal = "It is blank.";
  EXPECT_EQ(make_film_report(films, calibration(), nullptr, options()).error().code, ErrorCode::invalid) << "one class is left";
}

TEST(FilmReport, GroupsHaveFiguresOnlyWhereThereAreEnoughFilms) {
  const FilmReport report = report_of(sets());
  const auto find = [](const FilmSetReport& set, const std::string& attribute, const std::string& value) -> const FilmGroup* {
    for (const FilmGroup& group : set.groups)
      if (group.attribute == attribute && group.value == value) return &group;
    return nullptr;
  };
  const FilmGroup* women = find(report.sets[0], "sex", "F");
  ASSERT_NE(women, nullptr);
  EXPECT_EQ(women->films, 150u);
  EXPECT_FALSE(women->too_few);
  const FilmGroup* lateral = find(report.sets[1], "view", "LL");
  ASSERT_NE(lateral, nullptr);
  EXPECT_EQ(lateral->films, 6u);
  EXPECT_TRUE(lateral->too_few);
  const FilmGroup* viral = find(report.sets[0], "subtype", "viral");
  ASSERT_NE(viral, nullptr);
  EXPECT_EQ(viral->films, viral->pneumonia) << "of one class";
  EXPECT_GT(viral->auc.interval.value, 0.95) << "against all normal films";
  EXPECT_EQ(find(report.sets[0], "subtype", "normal"), nullptr) << "the whole of a class is no group";
  EXPECT_EQ(find(report.sets[0], "view", "not stated"), nullptr) << "nor is the whole set";
}

TEST(FilmReport, TheViewAloneStandsBesideTheModelWithinEachView) {
  const FilmReport report = report_of(sets());
  EXPECT_FALSE(report.sets[0].views.view_alone) << "no view is stated";
  const FilmViewScores& views = report.sets[1].views;
  ASSERT_TRUE(views.view_alone);
  EXPECT_NEAR(views.view_alone->interval.value, 0.8, 0.06) << "four in five films have the view of their class";
  ASSERT_EQ(views.within.size(), 3u);
  EXPECT_EQ(views.within[1].first, "LL");
  EXPECT_FALSE(views.within[1].second);
  EXPECT_TRUE(views.within[0].second);
}

TEST(FilmReport, WhatCannotBeReportedOnIsRefusedByName) {
  const auto refusal = [](const std::vector<FilmSet>& films) {
    const models::OutlierScorer outlier = scorer();
    const auto report = make_film_report(films, calibration(), &outlier, options());
    return report ? std::string() : report.error().external;
  };
  EXPECT_NE(refusal({}), "");
  std::vector<FilmSet> one_class = sets();
  for (FilmPrediction& film : one_class[1].films) film.pneumonia = true;
  EXPECT_NE(refusal(one_class).find("'external': it needs films of both classes"), std::string::npos);
  std::vector<FilmSet> infinite = sets();
  infinite[0].films[5].logit = std::numeric_limits<double>::infinity();
  EXPECT_NE(refusal(infinite).find("finite"), std::string::npos);
  std::vector<FilmSet> features = sets();
  features[0].films[5].features.pop_back();
  EXPECT_NE(refusal(features).find("2 features, the outlier model 3"), std::string::npos);
}

TEST(FilmReport, HoldsTotalsAndNoPatient) {
  const FilmReport report = report_of(sets());
  const std::string json = film_report_json(report).dump(), text = film_report_text(report), html = film_report_html(report);
  for (const std::string* page : {&json, &text, &html}) {
    EXPECT_EQ(page->find("patient-"), std::string::npos);
    EXPECT_EQ(page->find("nan"), std::string::npos);
    EXPECT_NE(page->find("external"), std::string::npos);
  }
  EXPECT_TRUE(parse_json(json)) << "no number that JSON cannot hold";
  EXPECT_EQ(html.find("<at random>"), std::string::npos) << "texts are escaped";
  EXPECT_NE(html.find("&lt;at random&gt;"), std::string::npos);
  const Json read = film_report_json(report);
  EXPECT_EQ(read["sets"][0]["participants"]["films"], 300);
  EXPECT_EQ(read["sets"][1]["further_evaluation"]["films_by_ground"]["age"], 240);
  EXPECT_EQ(json, film_report_json(report_of(sets())).dump()) << "deterministic";
  if (const char* path = std::getenv("OSLER_TEST_PAGE")) std::ofstream(path) << html;  // to look at
}

TEST(FilmReport, SectionsComeInTheOrderOfTheChecklist) {
  const std::string html = film_report_html(report_of(sets()));
  std::size_t at = 0;
  for (const char* section : {"Source of data and participants", "Predictors", "Outcome and sample size", "Missing data", "telling the classes apart", "frozen operating point",
                              "recalibration", "is acting on it worth it", "requires further evaluation", "The view", "By group"}) {
    const std::size_t found = html.find(std::string(section) + "</h2>", at);
    const std::size_t any = html.find(section, at);
    ASSERT_NE(any, std::string::npos) << section;
    at = found == std::string::npos ? any : found;
  }
}

TEST(FilmPlots, LieWithinTheirPictureAndEscapeTheirTexts) {
  const std::string plot = line_plot({"x <&>", "y"}, {{"one", "var(--bar)", {{-5, -5}, {0.5, 0.5}, {9, 9}}, false, true}}, "a <caption>");
  EXPECT_EQ(plot.find("<caption>"), std::string::npos);
  EXPECT_NE(plot.find("x &lt;&amp;&gt;"), std::string::npos);
  EXPECT_NE(plot.find("points='52.0,252.0 196.0,132.0 340.0,12.0 '"), std::string::npos) << "cut off at the axes";
  const std::string histogram = mirrored_histogram({0, 4}, {2, 0}, "with", "without", 0.5, "films");
  EXPECT_NE(histogram.find("4 films, with"), std::string::npos);
  EXPECT_NE(histogram.find("2 films, without"), std::string::npos);
  const std::string bars = bar_plot({{"first", {0.9, 0.8, 0.95}}}, 0.95, "coverage");
  EXPECT_NE(bars.find("first"), std::string::npos);
  EXPECT_EQ(bar_plot({{"first", {0.9, 0.8, 0.95}}}, -1, "coverage").find("stroke-dasharray"), std::string::npos);
}

}  // namespace
}  // namespace osler::evaluate
