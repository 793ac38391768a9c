#include "reasoning/ensemble.h"

#include <cmath>
#include <limits>

#include "../random_seed.h"
#include "random_world.h"
#include "reasoning/network.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

constexpr double kNoLabel = std::numeric_limits<double>::quiet_NaN();

EncoderOpinion opinion_of(std::vector<double> log_odds, EnsembleParameters parameters = {}, bool alone = false) {
  EncoderOpinion opinion;
  opinion.log_odds = std::move(log_odds);
  opinion.parameters = parameters;
  opinion.alone = alone;
  return opinion;
}

EnsembleParameters uneven() {
  EnsembleParameters p;
  p.network = 0.7;
  p.network_unread = -0.4;
  p.encoder = 0.2;
  p.encoder_unread = 0.6;
  p.offset = -0.5;
  p.blind_network = 0.25;
  p.blind_encoder = 1.5;
  p.blind_offset = -0.75;
  p.alone_scale = 0.9;
  p.alone_shift = -2;
  return p;
}

TEST(Ensemble, IsASumWhoseWeightsDependOnHowMuchWasRead) {
  const EncoderOpinion opinion = opinion_of({3, -1}, uneven());
  EXPECT_DOUBLE_EQ(combined_log_odds(opinion, 0, -2, 99, 1), (0.7 - 0.2) * -2 + (0.2 + 0.3) * 3 - 0.5);
  EXPECT_DOUBLE_EQ(combined_log_odds(opinion, 0, -2, 99, 3), (0.7 - 0.1) * -2 + (0.2 + 0.15) * 3 - 0.5);
  EXPECT_DOUBLE_EQ(combined_log_odds(opinion, 1, -2, 99, 3), (0.7 - 0.1) * -2 + (0.2 + 0.15) * -1 - 0.5);
}

TEST(Ensemble, HasWeightsOfItsOwnWhereTheNetworkWasGivenNothingAndIsNeverSureThere) {
  const EncoderOpinion both = opinion_of({3}, uneven()), alone = opinion_of({3}, uneven(), true);
  EXPECT_DOUBLE_EQ(combined_log_odds(both, 0, -2, 99, 0), 0.25 * -2 + 1.5 * 3 - 0.75);
  EXPECT_EQ(combined_confidence(both, 0, -2, 99, 0), kBlindMost);
  EXPECT_LT(combined_confidence(opinion_of({0}, uneven()), 0, -2, 99, 0), kBlindMost);
  EXPECT_GT(combined_confidence(both, 0, 3, 99, 1), kBlindMost);
  EXPECT_GT(combined_confidence(alone, 0, -2, 99, 0), kBlindMost) << "by itself it is compared as it is";
}

TEST(Ensemble, TakesTheNetworkWhereTheEncoderHasNoLabel) {
  const EncoderOpinion opinion = opinion_of({kNoLabel, 1}, uneven());
  EXPECT_EQ(combined_log_odds(opinion, 0, -2, 0.25, 3), 0.25);
  EXPECT_EQ(combined_log_odds(opinion, 2, -2, 0.25, 3), 0.25) << "beyond what it speaks of";
  EXPECT_EQ(combined_log_odds(opinion_of({kNoLabel}, uneven(), true), 0, -2, 0.25, 3), 0.25) << "alone too";
}

TEST(Ensemble, LimitsWhatEitherMaySay) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  for (const double far : {50.0, kInfinite}) {
    EXPECT_DOUBLE_EQ(combined_log_odds(opinion_of({far}), 0, 0, 0, 1), kEnsembleClip);
    EXPECT_DOUBLE_EQ(combined_log_odds(opinion_of({-far}), 0, 0, 0, 1), -kEnsembleClip);
    EXPECT_DOUBLE_EQ(combined_log_odds(opinion_of({0}), 0, far, 0, 1), kEnsembleClip);
    EXPECT_DOUBLE_EQ(combined_log_odds(opinion_of({-far}, {}, true), 0, 0, 0, 0), -kEnsembleClip);
  }
}

TEST(Ensemble, AloneTheNetworkSaysNothing) {
  const EncoderOpinion opinion = opinion_of({3}, uneven(), true);
  for (const double network : {-5.0, 0.0, 5.0})
    for (const std::size_t findings : {0u, 9u}) EXPECT_DOUBLE_EQ(combined_log_odds(opinion, 0, network, network, findings), 0.9 * 3 - 2);
}

// --- What the network gives it ---

TEST(FindingsGiven, ArePresentFindingsAndAbnormalMeasurements) {
  CaseFindings findings;
  EXPECT_EQ(findings_given(findings), 0u);
  observe(findings, 0);
  observe(findings, 1, Polarity::absent);
  measure(findings, 0, Grade::normal);
  EXPECT_EQ(findings_given(findings), 1u);
  measure(findings, 1, Grade::markedly_low);
  measure(findings, 2, Grade::high);
  observe(findings, 2);
  EXPECT_EQ(findings_given(findings), 4u);
}

TEST(CalibratedLogOdds, AreThoseOfTheConfidence) {
  NetworkParameters parameters;
  parameters.temperature = 2;
  parameters.offset = -0.5;
  for (const double log_odds : {-30.0, -7.0, -1.0, 0.0, 3.0, 7.0, 30.0}) {
    const double expected = std::clamp(log_odds, -7.0, 7.0) / 2 - 0.5;
    EXPECT_DOUBLE_EQ(calibrated_log_odds(log_odds, parameters), expected);
    EXPECT_DOUBLE_EQ(confidence_of(log_odds, parameters), 1 / (1 + std::exp(-expected)));
  }
}

/// Two conditions that one finding tells apart.
struct NetworkWithEncoder : testing::Test {
  NetworkWithEncoder() {
    pain = add_finding(knowledge, "pain", 0.05);
    first = add_condition(knowledge, "first", 10);
    second = add_condition(knowledge, "second", 10);
    link(knowledge, first, pain, 0.8);
    observe(findings, pain);
  }
  Differential diagnose(const EncoderOpinion* opinion) const { return Network(knowledge, {}).diagnose(findings, 2, 2, opinion); }
  static double log_odds_of(double confidence) { return std::log(confidence / (1 - confidence)); }

  KnowledgeBase knowledge;
  CaseFindings findings;
  FindingIndex pain = 0;
  ConditionIndex first = 0, second = 0;
};

TEST_F(NetworkWithEncoder, TheEncoderMayTurnTheOrder) {
  ASSERT_EQ(diagnose(nullptr).suspected.front().condition, first);
  const EncoderOpinion other = opinion_of({-4, 4});
  const Differential both = diagnose(&other);
  EXPECT_EQ(both.suspected.front().condition, second);
  EXPECT_GT(both.suspected.front().confidence, both.suspected.back().confidence);
}

TEST_F(NetworkWithEncoder, ConfidencesAreThoseOfTheSum) {
  const EncoderOpinion opinion = opinion_of({-1, 2}, uneven());
  const Posterior posterior = Network(knowledge, {}).posterior(findings);
  for (const RankedCondition& ranked : diagnose(&opinion).suspected)
    EXPECT_NEAR(log_odds_of(ranked.confidence), combined_log_odds(opinion, ranked.condition, posterior.log_odds[ranked.condition], 0, 1), 1e-9);
}

TEST_F(NetworkWithEncoder, EvidenceUrgencyAndTheUnexplainedStayTheNetworks) {
  const Differential before = diagnose(nullptr);
  const EncoderOpinion opinion = opinion_of({1, 2}, uneven());
  const Differential after = diagnose(&opinion);
  EXPECT_EQ(after.urgency.urgency, before.urgency.urgency);
  EXPECT_EQ(after.urgency.reasons, before.urgency.reasons);
  EXPECT_EQ(after.unexplained.probability, before.unexplained.probability);
  const auto texts_for = [&](const Differential& differential, ConditionIndex condition) {
    std::vector<std::string> texts;
    for (const RankedCondition& ranked : differential.suspected)
      if (ranked.condition == condition)
        for (const Evidence& evidence : ranked.evidence) texts.push_back(evidence.text);
    return texts;
  };
  for (const ConditionIndex condition : {first, second}) {
    EXPECT_FALSE(texts_for(after, condition).empty());
    EXPECT_EQ(texts_for(after, condition), texts_for(before, condition));
  }
}

TEST_F(NetworkWithEncoder, AnEncoderWithoutLabelsChangesNoConfidence) {
  const EncoderOpinion opinion = opinion_of({}, uneven());
  const Differential before = diagnose(nullptr), after = diagnose(&opinion);
  ASSERT_EQ(after.suspected.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(after.suspected[i].condition, before.suspected[i].condition);
    EXPECT_EQ(after.suspected[i].confidence, before.suspected[i].confidence);
  }
}

TEST_F(NetworkWithEncoder, AnExcludedConditionStaysExcludedAndAKnownOneKnown) {
  knowledge.conditions[first].limits.age_max = 10;
  findings.age_years = 50;
  const EncoderOpinion sure = opinion_of({12, 12});
  ASSERT_EQ(diagnose(&sure).suspected.size(), 1u);
  EXPECT_EQ(diagnose(&sure).suspected[0].condition, second);
  knowledge.conditions[second].course = Course::chronic;
  state(findings, second);
  EXPECT_TRUE(diagnose(&sure).suspected.empty());
}

// Any opinion on any case: each condition once, ranked, with a confidence strictly inside 0..1.
TEST(NetworkAndEncoder, AlwaysGiveARanking) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    const KnowledgeBase knowledge = random_knowledge(random, 12, 15);
    const CaseFindings findings = random_case(random, knowledge, random() % 6);
    std::vector<double> log_odds;
    for (std::size_t i = 0; i < knowledge.conditions.size(); ++i)
      log_odds.push_back(random() % 4 == 0 ? kNoLabel : std::normal_distribution<double>(0, 20)(random));
    const EncoderOpinion opinion = opinion_of(log_odds, uneven(), random() % 2 == 0);
    const Network network(knowledge, {});
    const Differential both = network.diagnose(findings, 3, 0.5, &opinion);
    ASSERT_EQ(both.suspected.size(), network.diagnose(findings, 0, 2).suspected.size()) << "seed " << seed;
    for (std::size_t i = 0; i < both.suspected.size(); ++i) {
      ASSERT_TRUE(both.suspected[i].confidence > 0 && both.suspected[i].confidence < 1) << "seed " << seed;
      if (i > 0) {
        ASSERT_GE(both.suspected[i - 1].confidence, both.suspected[i].confidence) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace osler::reasoning
