#include "reasoning/factors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "random_world.h"
#include "reasoning/constants.h"
#include "reasoning/prior.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

struct FactorsTest : testing::Test {
  FactorsTest() {
    cough = add_finding(knowledge, "cough", 0.08);
    wet_cough = add_child(knowledge, "wet_cough", cough, 0.3);
    travel = add_finding(knowledge, "travel", 0.01, FindingKind::exposure);
    high = add_finding(knowledge, "sodium_high", 0.02, FindingKind::lab);
    low = add_finding(knowledge, "sodium_low", 0.05, FindingKind::lab);
    sodium = add_quantity(knowledge, "sodium", high, low);
    a = add_condition(knowledge, "a", 1);
    b = add_condition(knowledge, "b", 1);
    link(knowledge, a, cough, 0.6);
    link(knowledge, b, cough, 0.4);
    link(knowledge, a, wet_cough, 0.5);
    link(knowledge, a, travel, 0.98);
    link(knowledge, a, low, 0.7);
    link(knowledge, b, high, 0.6);
    knowledge.conditions[a].findings.back().marked = 0.5;
  }
  /// The factor of the first observation that `wanted` accepts.
  template <typename Work>
  void with_factor(std::size_t which, Work&& work) const {
    const Tables tables(knowledge);
    const CaseState state = read_case(tables, findings);
    const Candidates candidates = candidates_of(tables, findings);
    Nodes nodes(tables, findings, candidates, state.known);
    work(make_factor(tables, factors_of(tables, findings, state, {}).at(which), nodes));
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
  FindingIndex cough = 0, wet_cough = 0, travel = 0, high = 0, low = 0;
  QuantityIndex sodium = 0;
  ConditionIndex a = 0, b = 0;
};

TEST_F(FactorsTest, ASingleConditionReproducesItsProbability) {
  observe(findings, cough);
  with_factor(0, [&](const Factor& factor) {
    EXPECT_NEAR(factor.none, 0.08, 1e-15);
    EXPECT_NEAR(single_ratio(factor, a) * factor.none, 0.6, 1e-15);
    EXPECT_NEAR(single_log_ratio(factor, b), std::log(0.4 / 0.08), 1e-12);
  });
}

TEST_F(FactorsTest, TwoCausesCombineAsANoisyOr) {
  observe(findings, cough);
  with_factor(0, [&](const Factor& factor) {
    const double absent = 0.92 * (0.4 / 0.92) * (0.6 / 0.92);
    EXPECT_NEAR(pair_ratio(factor, a, b) * factor.none, 1 - absent, 1e-15);
    std::vector<double> products(2, 1);
    std::vector<double> room;
    multiply_pair_ratios(factor, factor.place_of(a), products.data(), room);
    EXPECT_NEAR(products[b], pair_ratio(factor, a, b), 1e-12);
  });
}

TEST_F(FactorsTest, AChildIsConditionalOnItsParent) {
  observe(findings, wet_cough);
  with_factor(1, [&](const Factor& factor) {
    EXPECT_NEAR(factor.none, 0.3, 1e-12);
    EXPECT_NEAR(single_ratio(factor, a) * factor.none, 0.5 / 0.6, 1e-12);
    EXPECT_NEAR(single_ratio(factor, b), 1, 1e-12) << "an attribute that b does not list says nothing of b";
  });
}

TEST_F(FactorsTest, ADeniedExposureDividesByThirtyAtMost) {
  observe(findings, travel, Polarity::absent);
  knowledge.findings[travel].leak = 1e-4;
  with_factor(0, [&](const Factor& factor) { EXPECT_NEAR(single_ratio(factor, a), 1.0 / 30, 1e-12); });
}

TEST_F(FactorsTest, FiveGradesSumToOne) {
  for (const auto& who : {std::vector<std::size_t>{}, {0}, {1}, {0, 1}}) {
    double sum = 0;
    for (int grade = 0; grade < 5; ++grade) {
      findings.quantities.clear();
      measure(findings, sodium, static_cast<Grade>(grade));
      with_factor(0, [&](const Factor& factor) {
        sum += factor.none * (who.empty() ? 1 : who.size() == 1 ? single_ratio(factor, who[0]) : pair_ratio(factor, 0, 1));
      });
    }
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST_F(FactorsTest, TheMarkedShareIsAQuarterUnlessStated) {
  const auto probability = [&](Grade grade, ConditionIndex condition) {
    findings.quantities.clear();
    measure(findings, sodium, grade);
    double p = 0;
    with_factor(0, [&](const Factor& factor) { p = factor.none * single_ratio(factor, condition); });
    return p;
  };
  knowledge.conditions[a].findings.back().marked = 0.5;
  EXPECT_NEAR(probability(Grade::markedly_high, b), 0.6 * 0.25, 1e-12);
  EXPECT_NEAR(probability(Grade::high, b), 0.6 * 0.75, 1e-12);
  EXPECT_NEAR(probability(Grade::markedly_low, b), 0.05 * 0.25, 1e-12);
  EXPECT_NEAR(probability(Grade::markedly_low, a), 0.7 * 0.5, 1e-12);
}

TEST_F(FactorsTest, ProbabilitiesStayWithinTheirLimits) {
  observe(findings, cough);
  knowledge.conditions[a].findings[0].probability = 0.98;
  with_factor(0, [&](const Factor& factor) { EXPECT_NEAR(single_ratio(factor, a) * factor.none, 0.97, 1e-12); });
  knowledge.conditions[a].findings[0].probability = 0.002;
  with_factor(0, [&](const Factor& factor) { EXPECT_NEAR(single_ratio(factor, a) * factor.none, 0.08 / 5, 1e-12); });
}

TEST_F(FactorsTest, AKnownConditionExplainsByItsBaselineUnderEveryHypothesis) {
  knowledge.conditions[b].course = Course::chronic;
  knowledge.conditions[b].findings[0].baseline = 0.25;
  observe(findings, cough);
  state(findings, b);
  with_factor(0, [&](const Factor& factor) {
    EXPECT_NEAR(factor.none, 0.25, 1e-12);
    EXPECT_NEAR(single_ratio(factor, a) * factor.none, 1 - 0.92 * (0.75 / 0.92) * (0.4 / 0.92), 1e-12);
    EXPECT_NEAR(single_ratio(factor, b) * factor.none, 0.4, 1e-12) << "today's p in place of the baseline";
  });
}

}  // namespace
}  // namespace osler::reasoning
