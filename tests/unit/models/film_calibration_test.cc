#include "models/film_calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace osler::models {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Normal fits up to a probability of pneumonia of 0.3, pneumonia from 0.8 on; nothing between.
FilmCalibration sharp() {
  FilmCalibration calibration;
  calibration.slope = 1.25;
  calibration.intercept = -0.5;
  calibration.operating_point = {0.4, "highest specificity with a sensitivity of at least 0.97", "selection", 0.971, 0.93};
  calibration.conformal = {0.05, {0.3, 0.2}, {180, 240}};
  calibration.outlier_threshold = 1.4;
  calibration.outlier_quantile = 0.99;
  calibration.age = {1, 5};
  calibration.record = {"children of one hospital", 690, "2026-12-01", "a note"};
  return calibration;
}

/// Normal fits up to 0.7, pneumonia from 0.2 on; between these, both.
FilmCalibration blunt() {
  FilmCalibration calibration = sharp();
  calibration.conformal.thresholds = {0.7, 0.8};
  return calibration;
}

using Set = std::vector<FilmLabel>;
using Grounds = std::vector<FurtherEvaluation>;

TEST(FilmDecision, OneClassInTheSetIsTheAnswer) {
  const FilmDecision normal = decide(0.1, 1.0, 3.0, sharp());
  EXPECT_EQ(normal.diagnosis, FilmDiagnosis::normal);
  EXPECT_DOUBLE_EQ(normal.confidence, 0.9);
  EXPECT_EQ(normal.prediction_set, Set{FilmLabel::normal});
  EXPECT_TRUE(normal.grounds.empty());
  EXPECT_TRUE(normal.warnings.empty());
  EXPECT_EQ(normal.reason, "Only normal fits this film at an error rate of 5 %.");

  const FilmDecision pneumonia = decide(0.95, 1.0, 3.0, sharp());
  EXPECT_EQ(pneumonia.diagnosis, FilmDiagnosis::pneumonia);
  EXPECT_DOUBLE_EQ(pneumonia.confidence, 0.95);
  EXPECT_EQ(pneumonia.reason, "Only pneumonia fits this film at an error rate of 5 %.");
}

TEST(FilmDecision, TwoOrNoClassesRequireFurtherEvaluationAndSayWhich) {
  const FilmDecision both = decide(0.45, 1.0, 3.0, blunt());
  EXPECT_EQ(both.diagnosis, FilmDiagnosis::requires_further_evaluation);
  EXPECT_EQ(both.prediction_set, (Set{FilmLabel::normal, FilmLabel::pneumonia}));
  EXPECT_EQ(both.grounds, Grounds{FurtherEvaluation::both_fit});
  EXPECT_DOUBLE_EQ(both.confidence, 0.55) << "of the likelier class";
  EXPECT_EQ(both.reason, "Normal and pneumonia both fit this film at an error rate of 5 %: it cannot be told which.");

  const FilmDecision none = decide(0.5, 1.0, 3.0, sharp());
  EXPECT_EQ(none.diagnosis, FilmDiagnosis::requires_further_evaluation);
  EXPECT_TRUE(none.prediction_set.empty());
  EXPECT_EQ(none.grounds, Grounds{FurtherEvaluation::none_fits});
  EXPECT_NE(none.reason.find("Neither normal nor pneumonia"), std::string::npos);
}

TEST(FilmDecision, AFilmUnlikeThoseOfTrainingIsNotAnsweredHoweverSure) {
  EXPECT_EQ(decide(0.99, 1.4, 3.0, sharp()).diagnosis, FilmDiagnosis::pneumonia) << "at the threshold it is still like them";
  for (const double score : {1.4001, kInfinity}) {
    const FilmDecision decision = decide(0.99, score, 3.0, sharp());
    EXPECT_EQ(decision.diagnosis, FilmDiagnosis::requires_further_evaluation);
    EXPECT_EQ(decision.grounds, Grounds{FurtherEvaluation::outlier});
    EXPECT_EQ(decision.prediction_set, Set{FilmLabel::pneumonia});
    EXPECT_NE(decision.reason.find("unlike the films that the model was trained on"), std::string::npos);
  }
}

TEST(FilmDecision, AnAgeOutsideTheTrainingRangeIsNotAnswered) {
  for (const double inside : {1.0, 3.0, 5.0, 5.99}) EXPECT_EQ(decide(0.99, 1.0, inside, sharp()).diagnosis, FilmDiagnosis::pneumonia) << inside;
  for (const double outside : {0.0, 0.99, 6.0, 65.0}) {
    const FilmDecision decision = decide(0.99, 1.0, outside, sharp());
    EXPECT_EQ(decision.diagnosis, FilmDiagnosis::requires_further_evaluation) << outside;
    EXPECT_EQ(decision.grounds, Grounds{FurtherEvaluation::age});
    EXPECT_EQ(decision.reason, "The patient's age is outside the 1 to 5 years of the patients whose films the model was trained on.");
  }
}

TEST(FilmDecision, EveryGroundIsNamed) {
  const FilmDecision decision = decide(0.5, 9.0, 65.0, sharp());
  EXPECT_EQ(decision.grounds, (Grounds{FurtherEvaluation::age, FurtherEvaluation::outlier, FurtherEvaluation::none_fits}));
  for (const char* part : {"age is outside", "unlike the films", "Neither normal nor pneumonia"}) EXPECT_NE(decision.reason.find(part), std::string::npos) << part;
  EXPECT_EQ(decision.reason.find("65"), std::string::npos) << "the reason repeats nothing of the patient";
}

TEST(FilmDecision, AnAgeThatIsNotKnownIsAWarning) {
  const FilmDecision decision = decide(0.99, 1.0, std::nullopt, sharp());
  EXPECT_EQ(decision.diagnosis, FilmDiagnosis::pneumonia);
  ASSERT_EQ(decision.warnings.size(), 1u);
  EXPECT_NE(decision.warnings[0].find("1 to 5 years"), std::string::npos);
}

TEST(FilmDecision, AFilmTheWrongWayRoundIsNotAnsweredHoweverSure) {
  EXPECT_EQ(decide(0.99, 1.0, 3.0, sharp(), {FurtherEvaluation::upside_down}).diagnosis, FilmDiagnosis::requires_further_evaluation);
  const FilmDecision decision = decide(0.99, 1.0, 3.0, sharp(), {FurtherEvaluation::inverted});
  EXPECT_EQ(decision.diagnosis, FilmDiagnosis::requires_further_evaluation);
  EXPECT_EQ(decision.grounds, Grounds{FurtherEvaluation::inverted});
  EXPECT_NE(decision.reason.find("looks inverted"), std::string::npos);
}

TEST(FilmDecision, TheLessLikelyClassIsNoAnswer) {
  FilmCalibration calibration = sharp();
  calibration.conformal.thresholds = {0.2, 0.7};  // pneumonia from 0.3 on
  const FilmDecision decision = decide(0.35, 1.0, 3.0, calibration);
  EXPECT_EQ(decision.diagnosis, FilmDiagnosis::requires_further_evaluation);
  EXPECT_EQ(decision.prediction_set, Set{FilmLabel::pneumonia});
  EXPECT_EQ(decision.grounds, Grounds{FurtherEvaluation::less_likely});
  EXPECT_DOUBLE_EQ(decision.confidence, 0.65);
  EXPECT_NE(decision.reason.find("less likely of the two"), std::string::npos);
}

TEST(FilmProbability, IsTheSigmoidOfTheLine) {
  EXPECT_DOUBLE_EQ(film_probability(0.4, sharp()), 0.5);
  EXPECT_DOUBLE_EQ(film_probability(2.0, sharp()), 1 / (1 + std::exp(-2.0)));
  EXPECT_EQ(film_probability(-1e9, sharp()), 0.0);
  EXPECT_EQ(film_probability(1e9, sharp()), 1.0);
}

TEST(FilmNames, AreThoseOfTheApi) {
  EXPECT_EQ(name_of(FilmDiagnosis::normal), "normal");
  EXPECT_EQ(name_of(FilmDiagnosis::pneumonia), "pneumonia");
  EXPECT_EQ(name_of(FilmDiagnosis::requires_further_evaluation), "requires_further_evaluation");
  EXPECT_EQ(name_of(FilmLabel::normal), "normal");
  EXPECT_EQ(name_of(FurtherEvaluation::both_fit), "both_fit");
  EXPECT_EQ(name_of(FurtherEvaluation::none_fits), "none_fits");
  EXPECT_EQ(name_of(FurtherEvaluation::less_likely), "less_likely");
  EXPECT_EQ(name_of(FurtherEvaluation::inverted), "inverted");
  EXPECT_EQ(name_of(FurtherEvaluation::upside_down), "upside_down");
  EXPECT_EQ(name_of(FurtherEvaluation::outlier), "outlier");
  EXPECT_EQ(name_of(FurtherEvaluation::age), "age");
}

/// The refusal's text; empty when it is taken.
std::string refusal(const Json& json) {
  const auto parsed = parse_film_calibration(json);
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::corrupted);
  return parsed.error().external;
}

TEST(FilmCalibrationFile, WhatIsWrittenIsReadBackToTheLastBit) {
  FilmCalibration calibration = sharp();
  calibration.slope = 1.1 + 1e-15;
  const Json json = write_film_calibration(calibration);
  const FilmCalibration read = parse_film_calibration(parse_json(json.dump()).value()).value();
  EXPECT_EQ(write_film_calibration(read).dump(), json.dump());
  EXPECT_EQ(read.slope, calibration.slope);
  EXPECT_EQ(read.conformal.films[1], 240u);
  EXPECT_EQ(read.age.most_years, 5);
  EXPECT_EQ(read.record.population, "children of one hospital");
  EXPECT_EQ(read.operating_point.chosen_on, "selection");
}

/// Every member of every object, by its pointer.
void collect(const Json& json, const std::string& at, std::vector<std::string>& pointers) {
  for (const auto& [name, value] : json.items()) {
    pointers.push_back(at + "/" + name);
    if (value.is_object()) collect(value, at + "/" + name, pointers);
  }
}

TEST(FilmCalibrationFile, AMissingOrUnknownMemberIsRefusedByName) {
  const Json good = write_film_calibration(sharp());
  std::vector<std::string> pointers;
  collect(good, "", pointers);
  ASSERT_EQ(pointers.size(), 29u);
  for (const std::string& pointer : pointers) {
    Json without = good;
    const std::string parent = pointer.substr(0, pointer.rfind('/')), name = pointer.substr(pointer.rfind('/') + 1);
    without[Json::json_pointer(parent)].erase(name);
    EXPECT_NE(refusal(without).find(name), std::string::npos) << pointer;
    if (!good[Json::json_pointer(pointer)].is_object()) continue;
    Json more = good;
    more[Json::json_pointer(pointer)]["surprise"] = 1;
    EXPECT_NE(refusal(more).find("not known"), std::string::npos) << pointer;
  }
  Json more = good;
  more["surprise"] = 1;
  EXPECT_NE(refusal(more).find("not known"), std::string::npos);
  EXPECT_NE(refusal(Json::array()), "");
}

TEST(FilmCalibrationFile, AValueOutOfRangeIsRefusedByName) {
  const std::pair<const char*, Json> kBad[] = {
      {"/parameters/platt/slope", 0},          {"/parameters/platt/slope", 20.1},       {"/parameters/platt/slope", "1"},
      {"/parameters/platt/intercept", -20.1},  {"/parameters/operating_point/threshold", 1.01},
      {"/parameters/operating_point/rule", ""}, {"/parameters/operating_point/sensitivity", -0.1}, {"/parameters/conformal/error_rate", 0},
      {"/parameters/conformal/error_rate", 0.51}, {"/parameters/conformal/thresholds/normal", 1.1},  {"/parameters/conformal/films/pneumonia", 0},
      {"/parameters/conformal/films/normal", 100.5}, {"/parameters/outlier/threshold", -1}, {"/parameters/outlier/threshold", 0}, {"/parameters/outlier/quantile", 0.4},
      {"/parameters/age/least_years", 6},      {"/parameters/age/most_years", 151},     {"/parameters/age/most_years", 4.5},
      {"/cases", 0},                           {"/population", ""},                     {"/date", 2026}};
  for (const auto& [pointer, value] : kBad) {
    Json json = write_film_calibration(sharp());
    json[Json::json_pointer(pointer)] = value;
    EXPECT_NE(refusal(json), "") << pointer << " " << value;
  }
  Json json = write_film_calibration(sharp());
  json["labels"] = {"pneumonia", "normal"};
  EXPECT_NE(refusal(json).find("labels"), std::string::npos);
}

TEST(FilmCalibrationFile, ThresholdsFromTooFewFilmsForTheErrorRateAreRefused) {
  Json json = write_film_calibration(sharp());
  json["parameters"]["conformal"]["films"]["normal"] = 19;  // (19 + 1) 0.05 = 1: just enough
  EXPECT_EQ(refusal(json), "");
  json["parameters"]["conformal"]["films"]["normal"] = 18;
  EXPECT_NE(refusal(json).find("too few"), std::string::npos);
}

}  // namespace
}  // namespace osler::models
