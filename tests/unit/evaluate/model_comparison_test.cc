// Who ranks what, in which precision, on an encoder of random weights: "evaluate/model_comparison.h".
#include "evaluate/model_comparison.h"

#include "../random_seed.h"
#include "../service/encoder_world.h"
#include "evaluate/case_runner.h"

namespace osler::evaluate {
namespace {

Vignette vignette(const std::string& symptom, int number) {
  Vignette one;
  one.id = "v";
  one.age_years = 40;
  one.request = Json{{"age", 40}, {"severity", "mild"}, {"symptoms", {symptom, "cough"}}, {"preexisting_conditions", {"lasting malady"}}};
  one.diagnosis = {"unheard of", "J" + std::to_string(10 + number)};
  return one;
}

/// The same weights with two calibrations stand for two precisions.
struct Comparing : testing::Test {
  const SystemClock clock{};
  const unsigned seed = fresh_seed();
  const service::EncoderWorld world{seed, clock}, alone{seed, clock, true}, other{seed + 1, clock};
  const ModelComparer comparer{world.knowledge, world.reader, world.network, {&other.stage, &world.stage}, 1, std::nullopt};

  std::size_t rank(const Vignette& one, const service::EncoderStage* stage) const {
    return CaseRunner(world.knowledge, world.reader, world.network, stage, std::nullopt).run(one).value().scored.rank;
  }
};

TEST_F(Comparing, RanksAreThoseOfTheAnswers) {
  for (int number = 0; number < 14; ++number) {
    const Vignette one = vignette(service::sign((number + 1) % 14) + " seen", number);
    const ComparedCase compared = comparer.run(one).value();
    EXPECT_EQ(compared.ranks.network, rank(one, nullptr));
    EXPECT_EQ(compared.ranks.encoder, rank(one, &alone.stage));
    EXPECT_EQ(compared.ranks.both, rank(one, &world.stage));
    EXPECT_EQ(compared.precisions[1].rank_both, compared.ranks.both);
    EXPECT_EQ(compared.precisions[1].rank_alone, compared.ranks.encoder);
    EXPECT_EQ(compared.precisions[0].rank_both, rank(one, &other.stage));
  }
  EXPECT_EQ(comparer.run(vignette("cough", 13)).value().ranks.both, 0U) << "what the patient has anyway is not suspected";
}

TEST_F(Comparing, WithheldFindingsReachTheEncoderAlone) {
  const Vignette one = vignette(service::sign(3) + " seen", 3);
  const ComparedCase compared = comparer.run(one).value();
  EXPECT_EQ(compared.ranks.network, 1U);
  Vignette silent = one;
  silent.request["symptoms"] = {"qwertyuiop"};
  silent.request.erase("preexisting_conditions");
  const ComparedCase unread = comparer.run(silent).value();
  EXPECT_TRUE(unread.nothing_found);
  EXPECT_FALSE(compared.nothing_found);
  EXPECT_EQ(compared.withheld.network, unread.ranks.network);
  EXPECT_EQ(unread.withheld.both, unread.ranks.both) << "there was nothing to withhold";
}

TEST_F(Comparing, TheReferenceDoesNotDifferFromItself) {
  const ComparedCase compared = comparer.run(vignette(service::sign(3) + " seen", 3)).value();
  for (const ConfidenceChange& none : {compared.precisions[0].alone, compared.precisions[0].both}) EXPECT_EQ(none.largest, 0);
  for (const ConfidenceChange& some : {compared.precisions[1].alone, compared.precisions[1].both}) {
    EXPECT_GT(some.largest, 0);
    EXPECT_GE(some.largest, some.first);
    EXPECT_GE(some.largest, some.ten);
    EXPECT_GE(some.ten * 10, some.first);
  }
}

TEST_F(Comparing, DifferencesAreThoseOfTheConfidencesServed) {
  const Vignette one = vignette(service::sign(3) + " seen", 3);
  const Json reference = other.answerer.answer(one.request.dump(), "id", {}).value().answer["candidates"];
  const Json changed = world.answerer.answer(one.request.dump(), "id", {}).value().answer["candidates"];
  const std::string first = reference[0]["condition_id"];
  for (const Json& candidate : changed) {
    if (candidate["condition_id"] != first) continue;
    const double expected = std::abs(candidate["confidence"].get<double>() - reference[0]["confidence"].get<double>());
    EXPECT_NEAR(comparer.run(one).value().precisions[1].both.first, expected, 2e-4);
  }
}

// --- The report ---

ComparedCase compared(std::size_t network, std::size_t encoder, std::size_t both, bool nothing_found, double change) {
  ComparedCase one;
  one.ranks = {network, encoder, both};
  one.withheld = {9, encoder, encoder};
  one.nothing_found = nothing_found;
  one.precisions = {{encoder, both, {}, {}}, {encoder + 1, both, {change, change / 2, change * 2}, {0, 0, 0}}};
  return one;
}

const std::vector<ComparedCase> kCases = {compared(1, 1, 1, false, 0.1), compared(2, 3, 1, false, 0.3), compared(0, 1, 4, true, 0.2), compared(4, 0, 3, false, 0)};

TEST(ModelComparison, CountsWhatIsFirstAndAmongTheFirstThree) {
  const ComparisonReport report = make_comparison_report(kCases, {"fp32", "int8"});
  EXPECT_EQ(report.all.cases, 4U);
  EXPECT_EQ(report.all.network.first.value, 0.25);
  EXPECT_EQ(report.all.network.first_three.value, 0.5);
  EXPECT_EQ(report.all.encoder.first.value, 0.5);
  EXPECT_EQ(report.all.both.first_three.value, 0.75);
  EXPECT_EQ(report.nothing_found.cases, 1U);
  EXPECT_EQ(report.nothing_found.encoder.first.value, 1);
  EXPECT_EQ(report.withheld.network.first_three.value, 0);
  EXPECT_EQ(report.withheld.both.first.value, 0.5);
}

TEST(ModelComparison, AveragesDifferencesAndKeepsTheLargest) {
  const PrecisionScores int8 = make_comparison_report(kCases, {"fp32", "int8"}).precisions.at(1);
  EXPECT_EQ(int8.name, "int8");
  EXPECT_NEAR(int8.alone_change.first, 0.15, 1e-12);
  EXPECT_NEAR(int8.alone_change.ten, 0.075, 1e-12);
  EXPECT_NEAR(int8.alone_change.largest, 0.6, 1e-12);
  EXPECT_EQ(int8.both_change.largest, 0);
}

TEST(ModelComparison, IsPrintedAsJsonAndText) {
  const ComparisonReport report = make_comparison_report(kCases, {"fp32", "int8"});
  const Json json = comparison_json(report);
  EXPECT_EQ(json["all"]["network"]["first"][0], 0.25);
  EXPECT_NEAR(json["precisions"]["int8"]["difference"]["alone"]["largest"].get<double>(), 0.6, 1e-12);
  const std::string text = comparison_text(report);
  EXPECT_NE(text.find("no finding: 1 cases"), std::string::npos) << text;
  EXPECT_FALSE(comparison_json(make_comparison_report({kCases[0]}, {"fp32", "int8"}))["nothing_found"].contains("network")) << "no share of no case";
}

}  // namespace
}  // namespace osler::evaluate
