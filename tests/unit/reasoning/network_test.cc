#include "reasoning/network.h"

#include <gtest/gtest.h>

#include "../random_seed.h"
#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

/// Two equally common conditions; `first` lists a finding, and that is all.
struct TwoConditions : testing::Test {
  TwoConditions() {
    pain = add_finding(knowledge, "pain", 0.05);
    sharp_pain = add_child(knowledge, "sharp_pain", pain, 0.2);
    rash = add_finding(knowledge, "rash", 0.02);
    first = add_condition(knowledge, "first", 10);
    second = add_condition(knowledge, "second", 10);
    link(knowledge, first, pain, 0.8);
    parameters.lambda = 1;
    parameters.pair_weight = 1e-12;  // singles only
  }
  double log_odds_between(const CaseFindings& seen) const {
    const Posterior posterior = Network(knowledge, parameters).posterior(seen);
    const auto log_p = [](double logit) { return -std::log1p(std::exp(-logit)); };
    return log_p(posterior.log_odds[first]) - log_p(posterior.log_odds[second]);
  }
  KnowledgeBase knowledge;
  NetworkParameters parameters;
  CaseFindings findings;
  FindingIndex pain = 0, sharp_pain = 0, rash = 0;
  ConditionIndex first = 0, second = 0;
};

TEST_F(TwoConditions, OneFindingMovesOddsByItsProbabilityOverLeak) {
  observe(findings, pain);
  EXPECT_NEAR(log_odds_between(findings), std::log(0.8 / 0.05), 1e-9);
}

TEST_F(TwoConditions, ItsAbsenceMovesThemByTheComplement) {
  observe(findings, pain, Polarity::absent);
  EXPECT_NEAR(log_odds_between(findings), std::log(0.2 / 0.95), 1e-9);
}

TEST_F(TwoConditions, AnAttributeThatNobodyListsChangesNothing) {
  observe(findings, pain);
  const double before = log_odds_between(findings);
  observe(findings, sharp_pain);
  EXPECT_NEAR(log_odds_between(findings), before, 1e-12);
}

TEST_F(TwoConditions, AChildCountsForAConditionThatListsOnlyTheParent) {
  observe(findings, sharp_pain);
  EXPECT_NEAR(log_odds_between(findings), std::log(0.8 / 0.05), 1e-9);
}

TEST_F(TwoConditions, NothingEntersBelowAnAbsentParent) {
  link(knowledge, first, sharp_pain, 0.7);
  observe(findings, pain, Polarity::absent);
  const double before = log_odds_between(findings);
  observe(findings, sharp_pain, Polarity::absent);
  EXPECT_EQ(log_odds_between(findings), before);
}

TEST_F(TwoConditions, AFindingThatNobodyListsChangesNothing) {
  const double before = log_odds_between(findings);
  observe(findings, rash);
  EXPECT_NEAR(log_odds_between(findings), before, 1e-12);
}

TEST_F(TwoConditions, KnownAsthmaDoesNotHideAnEmbolism) {
  // Asthma explains breathlessness too, but as known only by what is usual on an ordinary day.
  const ConditionIndex asthma = add_condition(knowledge, "asthma", 10);
  knowledge.conditions[asthma].course = Course::chronic;
  link(knowledge, asthma, pain, 0.9);
  observe(findings, pain);
  state(findings, asthma);
  EXPECT_NEAR(log_odds_between(findings), std::log(0.8 / 0.05), 1e-9) << "no baseline: nothing explained away";
  knowledge.conditions[asthma].findings.back().baseline = 0.3;
  EXPECT_NEAR(log_odds_between(findings), std::log((1 - 0.7 * 0.2 / 0.95) / 0.3), 1e-9);
}

TEST_F(TwoConditions, AKnownChronicConditionIsNotSuspectedAgain) {
  knowledge.conditions[second].course = Course::chronic;
  state(findings, second);
  const Differential differential = Network(knowledge, parameters).diagnose(findings, 10, 0.65);
  ASSERT_EQ(differential.suspected.size(), 1u);
  EXPECT_EQ(differential.suspected[0].condition, first);
}

TEST_F(TwoConditions, AnEpisodicOneOfThePastIsACandidateAtFiveTimesTheOdds) {
  const double before = log_odds_between(findings);
  state(findings, first);
  EXPECT_NEAR(log_odds_between(findings) - before, std::log(5), 1e-9);
}

TEST_F(TwoConditions, UnknownSexExcludesNothingAndKnownSexDoes) {
  knowledge.conditions[first].limits.sex = Sex::female;
  const Network network(knowledge, parameters);
  for (const Sex sex : {Sex::unknown, Sex::other, Sex::female}) {
    findings.sex = sex;
    EXPECT_TRUE(std::isfinite(network.posterior(findings).log_odds[first]));
  }
  findings.sex = Sex::male;
  EXPECT_EQ(network.posterior(findings).log_odds[first], -std::numeric_limits<double>::infinity());
}

TEST_F(TwoConditions, AllAbsentLeavesTheUnlistedConditionAhead) {
  observe(findings, pain, Polarity::absent);
  observe(findings, rash, Polarity::absent);
  const Differential differential = Network(knowledge, parameters).diagnose(findings, 10, 0.65);
  EXPECT_EQ(differential.suspected[0].condition, second);
}

TEST_F(TwoConditions, UnexplainedNamesWhatTheFirstCandidateLeavesToLeak) {
  observe(findings, pain);
  observe(findings, sharp_pain);
  observe(findings, rash);
  const Differential differential = Network(knowledge, parameters).diagnose(findings, 10, 0.65);
  EXPECT_EQ(differential.suspected[0].condition, first);
  EXPECT_EQ(differential.unexplained.findings, std::vector<FindingIndex>{rash}) << "the attribute goes with its parent";
}

TEST_F(TwoConditions, MustNotMissListsTheDangerousOnesNotExcluded) {
  knowledge.conditions[second].must_not_miss = true;
  EXPECT_EQ(Network(knowledge, parameters).diagnose(findings, 10, 0.65).must_not_miss, std::vector<ConditionIndex>{second});
  knowledge.conditions[second].limits.age_min = 90;
  EXPECT_TRUE(Network(knowledge, parameters).diagnose(findings, 10, 0.65).must_not_miss.empty());
}

TEST_F(TwoConditions, AHigherProbabilityNeverLowersTheOdds) {
  observe(findings, pain);
  double last = -1e9;
  for (double p = 0.01; p < 0.98; p += 0.01) {
    knowledge.conditions[first].findings[0].probability = p;
    const double now = Network(knowledge, parameters).posterior(findings).log_odds[first];
    EXPECT_GE(now, last);
    last = now;
  }
}

TEST_F(TwoConditions, AKnowledgeBaseWithoutConditionsExplainsNothing) {
  const KnowledgeBase empty;
  const Differential differential = Network(empty, parameters).diagnose({}, 10, 0.65);
  EXPECT_TRUE(differential.suspected.empty());
  EXPECT_GT(differential.unexplained.probability, 0.99);
}

TEST(Confidence, IsClippedBeforeTemperatureAndOffset) {
  NetworkParameters parameters;
  parameters.temperature = 2;
  parameters.offset = 0.5;
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  EXPECT_DOUBLE_EQ(confidence_of(1, parameters), sigmoid(1));
  EXPECT_DOUBLE_EQ(confidence_of(100, parameters), sigmoid(4));
  EXPECT_DOUBLE_EQ(confidence_of(-std::numeric_limits<double>::infinity(), parameters), sigmoid(-3));
}

void expect_sane(const Differential& differential, const Posterior& posterior) {
  EXPECT_GE(posterior.emergency, 0);
  EXPECT_LE(posterior.urgent_or_worse, 1 + 1e-9);
  EXPECT_GE(posterior.urgent_or_worse, posterior.emergency);
  EXPECT_TRUE(std::isfinite(posterior.nothing_log_odds));
  for (const RankedCondition& one : differential.suspected) {
    EXPECT_TRUE(std::isfinite(one.log_odds));
    EXPECT_TRUE(one.confidence >= 0 && one.confidence <= 1);
    for (const Evidence& evidence : one.evidence) EXPECT_TRUE(std::isfinite(evidence.weight)) << evidence.text;
  }
  EXPECT_TRUE(differential.unexplained.probability >= 0 && differential.unexplained.probability <= 1);
}

TEST(Network, IsNeverNanAndAlwaysAProbability) {
  std::mt19937 random(fresh_seed());
  for (int world = 0; world < 12; ++world) {
    const KnowledgeBase knowledge = random_knowledge(random, 1 + world * 6, 40);
    const Network network(knowledge, {});
    for (int i = 0; i < 25; ++i) {
      CaseFindings findings = random_case(random, knowledge, static_cast<std::size_t>(i * 4));
      if (i % 5 == 0) findings.age_years = std::array{0.0, 0.01, 150.0, 15.999, 65.0}[static_cast<std::size_t>(i / 5)];
      if (i % 7 == 0) findings.duration_days = 0;
      expect_sane(network.diagnose(findings, 3, 0.65), network.posterior(findings));
    }
  }
}

TEST(Network, EveryFindingAtOnceStaysFinite) {
  std::mt19937 random(fresh_seed());
  const KnowledgeBase knowledge = random_knowledge(random, 50, 200);
  for (const Polarity polarity : {Polarity::present, Polarity::absent}) {
    CaseFindings findings;
    for (FindingIndex f = 0; f < knowledge.findings.size(); ++f) observe(findings, f, polarity);
    const Network network(knowledge, {});
    expect_sane(network.diagnose(findings, 3, 0.65), network.posterior(findings));
  }
}

TEST(Network, DiagnoseAndPosteriorSayTheSame) {
  std::mt19937 random(fresh_seed());
  const KnowledgeBase knowledge = random_knowledge(random, 30, 30);
  const CaseFindings findings = random_case(random, knowledge, 10);
  const Network network(knowledge, {});
  const Posterior posterior = network.posterior(findings);
  for (const RankedCondition& one : network.diagnose(findings, 3, 0.65).suspected)
    EXPECT_EQ(one.log_odds, posterior.log_odds[one.condition]);
}

}  // namespace
}  // namespace osler::reasoning
