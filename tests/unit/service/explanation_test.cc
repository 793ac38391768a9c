// What each part of a case contributed, through CaseAnswerer: by the network alone, and with an encoder of random weights beside it.
#include "service/explanation.h"

#include "../random_seed.h"
#include "base/ids.h"
#include "encoder_world.h"
#include "requests.h"

namespace osler::service {
namespace {

using http::testing::ManualClock;

Json story() {
  Json json = least_request();
  json["symptoms"] = {"cough", "spotted sign numberb seen"};
  json["narrative"] = "It began last week. No fever. A dog barked.";
  json["preexisting_conditions"] = {"smoker"};
  return json;
}

Json explained(const CaseAnswerer& answerer, const Json& request, ExplanationMethod method, const std::string& condition = "") {
  DiagnoseOptions options;
  options.explain = method;
  options.explained_condition = condition;
  const auto answer = answerer.answer(request.dump(), make_uuid(), options);
  EXPECT_TRUE(answer.has_value()) << (answer ? "" : describe(answer.error()));
  return answer ? answer->answer : Json();
}

double sum_of(const Json& list) {
  double sum = 0;
  for (const Json& one : list) sum += one["value"].get<double>();
  return sum;
}

double logit(double p) { return std::log(p / (1 - p)); }

/// The caller's words at a place.
std::string words_at(const Json& request, const Json& place) {
  const std::string field = place["field"];
  const std::string text = request[field].is_array() ? request[field][place["item"].get<std::size_t>()] : request[field];
  return text.substr(place["begin"].get<std::size_t>(), place["end"].get<std::size_t>() - place["begin"].get<std::size_t>());
}

}  // namespace

TEST(ExplanationTest, NobodyAskedNothingExplained) {
  const SmallWorld world;
  EXPECT_FALSE(explained(world.answerer, story(), ExplanationMethod::none).contains("explanation"));
}

TEST(ExplanationTest, UnitsOfTheNetworkAddUpToItsConfidence) {
  const SmallWorld world;
  const Json answer = explained(world.answerer, story(), ExplanationMethod::shap);
  const Json& explanation = answer["explanation"];
  EXPECT_EQ(explanation["condition_id"], answer["candidates"][0]["condition_id"]);
  EXPECT_TRUE(explanation["exact"].get<bool>());
  EXPECT_EQ(explanation["largest_standard_error"], 0);
  EXPECT_NEAR(explanation["with_none"].get<double>() + sum_of(explanation["units"]), explanation["with_all"].get<double>(), 2e-3);
  EXPECT_NEAR(explanation["with_all"].get<double>(), logit(answer["candidates"][0]["confidence"].get<double>()), 5e-3);
  EXPECT_EQ(explanation["units"][0]["text"], "spotted sign numberb seen");
  for (const Json& unit : explanation["units"]) EXPECT_NE(unit["text"], "A dog barked.") << "what says nothing is left out";
}

TEST(ExplanationTest, WithAnEncoderEverySentenceMayCountAndAllAddUp) {
  const ManualClock clock;
  const EncoderWorld world(fresh_seed(), clock);
  const Json answer = explained(world.answerer, story(), ExplanationMethod::shap);
  const Json& explanation = answer["explanation"];
  EXPECT_NEAR(explanation["with_none"].get<double>() + sum_of(explanation["units"]), explanation["with_all"].get<double>(), 5e-3);
  EXPECT_NEAR(explanation["with_all"].get<double>(), logit(answer["candidates"][0]["confidence"].get<double>()), 2e-2);
  EXPECT_GE(explanation["units"].size(), 5U);
  for (const Json& unit : explanation["units"]) {
    if (unit["field"] == "symptoms" || unit["field"] == "narrative") {
      EXPECT_EQ(words_at(story(), unit), unit["text"]);
    }
  }
}

TEST(ExplanationTest, OtherWeightsGiveAnotherExplanation) {
  const ManualClock clock;
  const unsigned seed = fresh_seed();
  const EncoderWorld one(seed, clock, true), other(seed + 1, clock, true);
  const Json first = explained(one.answerer, story(), ExplanationMethod::shap, "d3")["explanation"];
  const Json second = explained(other.answerer, story(), ExplanationMethod::shap, "d3")["explanation"];
  EXPECT_NE(first["units"], second["units"]);
}

TEST(ExplanationTest, WordsAreThoseOfTheCallerAndTheFitIsStated) {
  const SmallWorld world;
  const Json answer = explained(world.answerer, story(), ExplanationMethod::lime);
  const Json& explanation = answer["explanation"];
  ASSERT_EQ(explanation["method"], "lime");
  EXPECT_LE(explanation["fidelity"].get<double>(), 1);
  EXPECT_GT(explanation["evaluations"].get<int>(), 50);
  EXPECT_EQ(explanation["words"].size(), 15U);
  for (const Json& word : explanation["words"]) EXPECT_EQ(words_at(story(), word), word["text"]);
  EXPECT_GT(std::abs(explanation["words"][0]["value"].get<double>()), 0.1);
}

TEST(ExplanationTest, AnyCandidateMayBeAskedFor) {
  const SmallWorld world;
  EXPECT_EQ(explained(world.answerer, story(), ExplanationMethod::shap, "d5")["explanation"]["condition_id"], "d5");
}

TEST(ExplanationTest, ACandidateThatNobodyKnowsIsRefused) {
  const SmallWorld world;
  DiagnoseOptions options;
  options.explain = ExplanationMethod::shap;
  options.explained_condition = "lycanthropy";
  const auto answer = world.answerer.answer(story().dump(), make_uuid(), options);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::invalid);
  EXPECT_EQ(describe(answer.error()).find("lycanthropy"), std::string::npos) << "what was sent is not repeated";
}

}  // namespace osler::service
