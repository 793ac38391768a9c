// Explanations put to the test, by the network alone and with an encoder of random weights: "evaluate/explained_case.h" and
// "evaluate/explanation_report.h".
#include "evaluate/explained_case.h"

#include "../random_seed.h"
#include "../service/encoder_world.h"
#include "evaluate/explanation_report.h"

namespace osler::evaluate {
namespace {

Vignette vignette() {
  Vignette one;
  one.id = "v";
  one.age_years = 40;
  one.request = Json{{"age", 40}, {"severity", "severe"}, {"sex", "female"}, {"symptoms", {"cough", service::sign(3) + " seen", "a dog barked"}},
                     {"narrative", "It began last week. No fever. " + service::sign(4) + " seen too."}, {"absent_findings", {service::sign(5) + " seen"}}};
  return one;
}

/// The confidence of a condition in the answer to a request; 0 where it is not listed.
double served(const service::CaseAnswerer& answerer, const Json& request, const std::string& condition) {
  const Json answer = answerer.answer(request.dump(), "id", {}).value().answer;
  for (const Json& candidate : answer["candidates"])
    if (candidate["condition_id"] == condition) return candidate["confidence"];
  return 0;
}

std::string first_of(const service::CaseAnswerer& answerer, const Json& request) {
  return answerer.answer(request.dump(), "id", {}).value().answer["candidates"][0]["condition_id"];
}

struct WithEncoder : testing::Test {
  const http::testing::ManualClock clock{};
  const service::EncoderWorld world{fresh_seed(), clock};
  const ExplanationTester tester{world.knowledge, world.reader, world.network, &world.stage, clock, std::nullopt};
};

TEST_F(WithEncoder, BeginsAtTheConfidenceThatIsServed) {
  const ExplainedCase tested = tester.run(vignette(), 1).value();
  const double whole = served(world.answerer, vignette().request, first_of(world.answerer, vignette().request));
  for (const TestedExplanation& one : {tested.shap, tested.lime}) {
    EXPECT_NEAR(one.removed.front(), whole, 1e-4);
    EXPECT_NEAR(one.at_random.front(), whole, 1e-4);
    EXPECT_NEAR(one.added.back(), whole, 1e-4);
    EXPECT_NEAR(one.removed.back(), one.added.front(), 1e-12) << "nothing is nothing";
    EXPECT_NEAR(one.removed.back(), one.at_random.back(), 1e-12);
  }
}

TEST_F(WithEncoder, HasAPartForEachUnitAndEachWord) {
  const ExplainedCase tested = tester.run(vignette(), 1).value();
  EXPECT_EQ(tested.shap.parts, 10U) << "age, sex, severity, three symptoms, an absent one, three sentences";
  EXPECT_EQ(tested.lime.parts, 23U);
}

TEST(ExplainedCase, WithoutWordsTheCaseIsAnsweredAnew) {
  const http::testing::ManualClock clock;
  const service::SmallWorld world;
  const ExplanationTester tester(world.knowledge, world.reader, world.network, nullptr, clock, std::nullopt);
  Vignette one = vignette();
  one.request = Json{{"age", 40}, {"severity", "mild"}, {"symptoms", {service::sign(3) + " seen"}}};
  const ExplainedCase tested = tester.run(one, 1).value();
  ASSERT_EQ(tested.lime.parts, 4U);
  Json blank = one.request;
  blank["symptoms"] = {"."};
  EXPECT_NEAR(tested.lime.removed.back(), served(world.answerer, blank, "d3"), 1e-4);
  EXPECT_GT(tested.lime.removed.front() - tested.lime.removed[kShareSteps / 4], 0.1) << "the first word that goes breaks the sign";
}

TEST(ExplainedCase, TheDecisiveUnitGoesFirst) {
  const http::testing::ManualClock clock;
  const service::SmallWorld world;
  const ExplanationTester tester(world.knowledge, world.reader, world.network, nullptr, clock, std::nullopt);
  const TestedExplanation shap = tester.run(vignette(), 1).value().shap;
  EXPECT_LT(area(shap.removed), area(shap.at_random));
  EXPECT_GT(area(shap.added), area(shap.at_random));
  Json without = vignette().request;
  without["symptoms"] = {"cough", "a cat mewed", "a dog barked"};  // three complaints are a history, as before
  EXPECT_EQ(first_of(world.answerer, vignette().request), "d3");
  EXPECT_NEAR(shap.removed[kShareSteps / 10], served(world.answerer, without, "d3"), 1e-4) << "one unit of ten";
}

TEST_F(WithEncoder, ACaseThatBreaksTheContractIsRefused) {
  Vignette one = vignette();
  one.request["age"] = -1;
  EXPECT_EQ(tester.run(one, 1).error().code, ErrorCode::invalid);
}

// --- The report ---

TestedExplanation tested(double removed, double added, double at_random) {
  TestedExplanation one;
  one.parts = 4;
  one.removed.fill(removed);
  one.removed.front() = 0.8;
  one.added.fill(added);
  one.at_random.fill(at_random);
  return one;
}

TEST(ExplanationReport, AreasAreSharesOfTheConfidenceOfWholeCases) {
  const ExplanationReport report = make_explanation_report({{tested(0.2, 0.7, 0.4), tested(0.3, 0.6, 0.4)}, {tested(0.1, 0.7, 0.4), tested(0.3, 0.6, 0.4)}});
  EXPECT_EQ(report.cases, 2U);
  EXPECT_NEAR(report.shap.confidence, 0.8, 1e-12);
  const double first_step = (0.8 - 0.15) / 2 / kShareSteps;
  EXPECT_NEAR(report.shap.removed.value, (0.15 + first_step) / 0.8, 1e-12);
  EXPECT_NEAR(report.shap.added.value, 0.7 / 0.8, 1e-12);
  EXPECT_NEAR(report.shap.at_random.value, 0.5, 1e-12);
  EXPECT_NEAR(report.shap.removed_gain.value, 0.5 - report.shap.removed.value, 1e-12);
  EXPECT_NEAR(report.lime.added_gain.value, 0.25, 1e-12);
  EXPECT_LT(report.shap.removed.low, report.shap.removed.high);
  EXPECT_NEAR(report.lime.removed.low, report.lime.removed.high, 1e-12) << "all cases alike";
  EXPECT_NEAR(report.shap.removed_curve[5], 0.15, 1e-12);
}

TEST(ExplanationReport, IsPrintedInThreeWays) {
  ExplanationReport report = make_explanation_report({{tested(0.2, 0.7, 0.4), tested(0.3, 0.6, 0.4)}});
  report.file = "<b>.jsonl";
  const Json json = explanation_report_json(report);
  EXPECT_EQ(json["shap"]["curve"]["removed"].size(), kShareSteps + 1);
  EXPECT_NEAR(json["lime"]["gain"]["added"][0].get<double>(), 0.25, 1e-12);
  const std::string page = explanation_report_html(report);
  EXPECT_NE(page.find("&lt;b&gt;.jsonl"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_NE(page.find("<polyline"), std::string::npos);
  EXPECT_NE(explanation_report_text(report).find("Words, by LIME: 4.0 a case"), std::string::npos) << explanation_report_text(report);
}

TEST(ExplanationReport, WithoutCasesThereIsNoNumberThatIsNone) {
  const std::string text = explanation_report_text(make_explanation_report({}));
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

}  // namespace
}  // namespace osler::evaluate
