// Vignettes through the product with an encoder beside the network: "evaluate/case_runner.h".
#include "../random_seed.h"
#include "../service/encoder_world.h"
#include "evaluate/case_runner.h"

namespace osler::evaluate {
namespace {

Vignette vignette(const std::string& symptom) {
  Vignette one;
  one.id = "v";
  one.age_years = 40;
  one.request = Json{{"age", 40}, {"severity", "mild"}, {"symptoms", {symptom}}};
  one.diagnosis = {"unheard of", "J13"};
  one.urgency = "routine";
  return one;
}

struct RunningWithEncoder : testing::Test {
  const SystemClock clock{};
  const service::EncoderWorld world{fresh_seed(), clock, true};
  const CaseRunner with{world.knowledge, world.reader, world.network, &world.stage, std::nullopt};
  const CaseRunner without{world.knowledge, world.reader, world.network, nullptr, std::nullopt};
};

TEST_F(RunningWithEncoder, ItsFirstIsTheFirstOfTheAnswer) {
  for (const char* symptom : {"cough", "fever", "qwertyuiop"}) {
    const Vignette one = vignette(symptom);
    const Json answer = world.answerer.answer(one.request.dump(), "id", {}).value().answer;
    const CaseOutcome outcome = with.run(one).value();
    EXPECT_EQ(outcome.first, answer["candidates"][0]["condition"]) << symptom;
    EXPECT_NEAR(outcome.scored.first_confidence, answer["candidates"][0]["confidence"].get<double>(), 1e-4);
  }
}

TEST_F(RunningWithEncoder, WhetherAnythingWasFoundIsTheNetworksAffair) {
  EXPECT_TRUE(with.run(vignette("qwertyuiop")).value().nothing_found);
  EXPECT_FALSE(with.run(vignette("cough")).value().nothing_found);
  EXPECT_TRUE(without.run(vignette("no cough")).value().nothing_found) << "an absent finding is none";
}

TEST_F(RunningWithEncoder, WhatOutrankedTheRightOneIsExplained) {
  const CaseOutcome outcome = with.run(vignette(service::sign(3))).value();
  ASSERT_TRUE(outcome.failure == Failure::none || outcome.failure == Failure::outranked);
  EXPECT_EQ(without.run(vignette(service::sign(3))).value().failure, Failure::none);
}

}  // namespace
}  // namespace osler::evaluate
