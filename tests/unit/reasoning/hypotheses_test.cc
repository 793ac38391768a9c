#include "reasoning/hypotheses.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "../random_seed.h"
#include "random_world.h"
#include "reasoning/case_model.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

struct World {
  explicit World(std::size_t conditions) : random(fresh_seed()), knowledge(random_knowledge(random, conditions, 25)), tables(knowledge) {
    findings = random_case(random, knowledge, 10);
  }
  std::mt19937 random;
  KnowledgeBase knowledge;
  Tables tables;
  CaseFindings findings;
  NetworkParameters parameters;
};

TEST(CaseModel, HoldsANumberOfEveryKindForEachCandidate) {
  const World world(20);
  const CaseModel model(world.tables, world.parameters, world.findings);
  const std::size_t size = model.candidates.size();
  for (const auto* numbers : {&model.prior, &model.risk, &model.silence, &model.duration, &model.onset, &model.likelihood})
    EXPECT_EQ(numbers->size(), size);
  ASSERT_EQ(model.log_ratios.size(), model.factors.size());
  for (std::size_t c = 0; c < size; ++c) {
    double sum = 0;
    for (std::size_t f = 0; f < model.factors.size(); ++f)
      if (const std::uint32_t place = model.factors[f].place_of(static_cast<std::uint32_t>(c)); place != clinical::kNone)
        sum += model.log_ratios[f][place];
    EXPECT_NEAR(sum, model.likelihood[c], 1e-9);
  }
}

TEST(Hypotheses, SharesOfUrgencyAndOfNothingMakeUpTheTotal) {
  World world(60);
  world.parameters.alpha = 1;  // the prior that urgency is judged by
  const CaseModel model(world.tables, world.parameters, world.findings);
  const Hypotheses hypotheses(model);
  const Sums sums = hypotheses.sums(hypotheses.weights());
  const std::array<double, 4> shares = hypotheses.urgency_shares();
  EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0) + hypotheses.weights().nothing / sums.total, 1, 1e-12);
}

TEST(Hypotheses, EachPairStandsOnce) {
  const World world(60);
  const CaseModel model(world.tables, world.parameters, world.findings);
  const Hypotheses hypotheses(model);
  const Sums sums = hypotheses.sums(hypotheses.weights());
  const Weights& weights = hypotheses.weights();
  const double singles = std::accumulate(weights.single.begin(), weights.single.end(), 0.0);
  const double pairs = std::accumulate(weights.pair.begin(), weights.pair.end(), 0.0);
  EXPECT_NEAR(std::accumulate(sums.with.begin(), sums.with.end(), 0.0), singles + 2 * pairs, 1e-9 * (singles + pairs));
}

TEST(Hypotheses, NoChangeChangesNothing) {
  const World world(20);
  const CaseModel model(world.tables, world.parameters, world.findings);
  const Hypotheses hypotheses(model);
  Weights same;
  hypotheses.apply({}, same);
  EXPECT_EQ(same.single, hypotheses.weights().single);
  EXPECT_EQ(same.pair, hypotheses.weights().pair);
}

TEST(Hypotheses, NearCertaintyKeepsItsDigits) {
  KnowledgeBase knowledge;
  const ConditionIndex sure = add_condition(knowledge, "sure", 1);
  add_condition(knowledge, "other", 1);
  CaseFindings findings;
  for (int i = 0; i < 9; ++i) {
    const FindingIndex finding = add_finding(knowledge, "finding_" + std::to_string(i), 0.001);
    link(knowledge, sure, finding, 0.9);
    observe(findings, finding);
  }
  const Tables tables(knowledge);
  NetworkParameters parameters;
  parameters.lambda = 1;
  parameters.pair_weight = 1e-30;
  const CaseModel model(tables, parameters, findings);
  const Hypotheses hypotheses(model);
  const double odds = 9 * std::log(900) + std::log(0.95 / 2) - std::log(0.05 + 0.95 / 2);
  EXPECT_NEAR(hypotheses.log_odds(hypotheses.weights(), hypotheses.sums(hypotheses.weights()), sure), odds, 1e-9);
}

TEST(Hypotheses, HeaviestAreSortedSharesOfTheTotal) {
  const World world(30);
  const CaseModel model(world.tables, world.parameters, world.findings);
  const std::vector<Heavy> heavy = Hypotheses(model).heaviest(10);
  ASSERT_EQ(heavy.size(), 10u);
  double sum = 0;
  for (std::size_t i = 0; i < heavy.size(); ++i) {
    sum += heavy[i].weight;
    if (i > 0) {
      EXPECT_LE(heavy[i].weight, heavy[i - 1].weight);
    }
  }
  EXPECT_LE(sum, 1 + 1e-12);
}

TEST(Hypotheses, AlternativesAreNeverBothPresent) {
  KnowledgeBase knowledge;
  const ConditionIndex a = add_condition(knowledge, "a", 1), b = add_condition(knowledge, "b", 1);
  knowledge.conditions[a].alternatives = {b};
  knowledge.conditions[b].alternatives = {a};
  const Tables tables(knowledge);
  const CaseFindings findings;
  const NetworkParameters parameters;
  const CaseModel model(tables, parameters, findings);
  const Hypotheses hypotheses(model);
  for (const double weight : hypotheses.weights().pair) EXPECT_EQ(weight, 0);
}

}  // namespace
}  // namespace osler::reasoning
