#include "reasoning/network_attribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "../random_seed.h"
#include "attribution_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

std::vector<ConditionIndex> possible_conditions(const Network& network, const CaseFindings& findings) {
  std::vector<ConditionIndex> list;
  const Posterior posterior = network.posterior(findings);
  for (ConditionIndex c = 0; c < posterior.log_odds.size(); ++c)
    if (std::isfinite(posterior.log_odds[c])) list.push_back(c);
  return list;
}

double sum_of(const Attribution& result) { return std::accumulate(result.values.begin(), result.values.end(), 0.0); }

PartialCaseLimits anything_tabulated() {
  PartialCaseLimits limits;
  limits.largest_part = 20;
  limits.most_products = 1e10;
  return limits;
}

PartialCaseLimits nothing_tabulated() {
  PartialCaseLimits limits;
  limits.most_products = 0;
  return limits;
}

TEST(NetworkAttribution, EveryCoalitionIsTheNetworkRunAnew) {
  std::mt19937 random(fresh_seed());
  for (int world = 0; world < 12; ++world) {
    const AttributionWorld one(random, 20, 12, 3);
    const Network network(one.knowledge, one.parameters);
    const std::vector<ConditionIndex> conditions = possible_conditions(network, one.findings);
    PartialCase partial(network, one.findings, conditions, one.units, anything_tabulated());
    PartialCase untabulated(network, one.findings, conditions, one.units, nothing_tabulated());
    ASSERT_TRUE(partial.tabulated() && !untabulated.tabulated());
    for (int i = 0; i < 40; ++i) {
      const Coalition present = random_coalition_of(random, one.units.size());
      const std::size_t which = random() % conditions.size();
      const double expected = one.run_anew(present, conditions[which]);
      EXPECT_NEAR(partial.log_odds(which, present), expected, 1e-7);
      EXPECT_NEAR(untabulated.log_odds(which, present), expected, 1e-7);
    }
  }
}

TEST(NetworkAttribution, ShapleyValuesAreThoseOfBruteForce) {
  std::mt19937 random(fresh_seed());
  for (int world = 0; world < 3; ++world) {
    AttributionWorld one(random, 10, 8, 1);
    one.units.resize(std::min<std::size_t>(one.units.size(), 8));  // what the others said stays
    one.pieces = pieces_of(one.findings, one.units);
    const Network network(one.knowledge, one.parameters);
    const ConditionIndex condition = possible_conditions(network, one.findings).front();
    const Attribution brute =
        exact_shapley(one.units.size(), one_by_one([&](const Coalition& present) { return one.run_anew(present, condition); }));
    const Attribution result = attribute(network, one.findings, {condition}, one.units, {}, anything_tabulated()).front();
    for (std::size_t u = 0; u < one.units.size(); ++u) EXPECT_NEAR(result.values[u], brute.values[u], 1e-7);
    EXPECT_NEAR(result.with_none, brute.with_none, 1e-7);
  }
}

TEST(NetworkAttribution, ValuesAddUpFromNothingSaidToTheWholeCase) {
  std::mt19937 random(fresh_seed());
  const AttributionWorld one(random, 60, 20, 3);  // at most 16 units
  const Network network(one.knowledge, one.parameters);
  std::vector<ConditionIndex> conditions = possible_conditions(network, one.findings);
  conditions.resize(5);
  const std::vector<Attribution> results = attribute(network, one.findings, conditions, one.units, {}, anything_tabulated());
  const Posterior posterior = network.posterior(one.findings);
  for (std::size_t which = 0; which < conditions.size(); ++which) {
    EXPECT_TRUE(results[which].exact);
    EXPECT_NEAR(results[which].with_all, posterior.log_odds[conditions[which]], 1e-9);
    EXPECT_NEAR(sum_of(results[which]), results[which].with_all - results[which].with_none, 1e-7);
  }
}

/// How many values of a random case lie over five of their standard errors from the exact ones, and of how many.
std::pair<std::size_t, std::size_t> beyond_their_errors(std::mt19937& random) {
  const AttributionWorld one(random, 60, 20, 3);
  const Network network(one.knowledge, one.parameters);
  std::vector<ConditionIndex> conditions = possible_conditions(network, one.findings);
  conditions.resize(5);
  PartialCaseLimits limits = nothing_tabulated();
  limits.heaviest = 100;  // of 60 and more: the corrections have something to correct
  Budget budget;
  budget.evaluations = 300;
  const std::vector<Attribution> exact = attribute(network, one.findings, conditions, one.units, {}, anything_tabulated());
  const std::vector<Attribution> estimates = attribute(network, one.findings, conditions, one.units, budget, limits);
  std::size_t beyond = 0, all = 0;
  for (std::size_t which = 0; which < conditions.size(); ++which) {
    EXPECT_FALSE(estimates[which].exact && estimates[which].standard_errors[0] > 0);
    EXPECT_NEAR(estimates[which].with_all, exact[which].with_all, 1e-7);
    EXPECT_NEAR(estimates[which].with_none, exact[which].with_none, 1e-7);
    EXPECT_NEAR(sum_of(estimates[which]), sum_of(exact[which]), 1e-6);
    for (std::size_t u = 0; u < one.units.size(); ++u, ++all)
      beyond += std::abs(estimates[which].values[u] - exact[which].values[u]) > 5 * estimates[which].standard_errors[u] + 1e-5;
  }
  return {beyond, all};
}

TEST(NetworkAttribution, AnEstimateIsNearAndSaysThatItIsOne) {
  std::mt19937 random(fresh_seed());
  constexpr int kCases = 40;  // the values of one case err together: one in some hundred cases has several beyond
  std::size_t beyond = 0, all = 0;
  for (int i = 0; i < kCases; ++i) {
    const auto [of_case, values] = beyond_their_errors(random);
    beyond += of_case;
    all += values;
  }
  EXPECT_LE(beyond, all / 50) << "of " << all;
}

struct TinyCase : testing::Test {
  TinyCase() {
    cough = add_finding(knowledge, "cough", 0.1);
    fever = add_finding(knowledge, "fever", 0.05);
    rash = add_finding(knowledge, "rash", 0.05);
    flu = add_condition(knowledge, "flu", 20);
    cold = add_condition(knowledge, "cold", 40);
    link(knowledge, flu, cough, 0.8);
    link(knowledge, flu, fever, 0.8);
    link(knowledge, cold, cough, 0.7);
    for (const FindingIndex finding : {cough, fever, rash}) {
      observe(findings, finding);
      findings.findings.back().spans = {{CaseField::symptoms, finding, 0, 4}};
      units.push_back({{CaseField::symptoms, finding, 0, 0}});
    }
    findings.age_years = 30;
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
  std::vector<Unit> units;
  FindingIndex cough = 0, fever = 0, rash = 0;
  ConditionIndex flu = 0, cold = 0;
};

TEST_F(TinyCase, SupportIsPositiveAndWhatARivalExplainsIsNot) {
  const std::vector<Attribution> results = attribute(Network(knowledge, {}), findings, {flu, cold}, units);
  EXPECT_GT(results[0].values[1], 0.5);
  EXPECT_LT(results[1].values[1], 0);
}

TEST_F(TinyCase, AUnitThatNobodyReadsGetsNothing) {
  units.push_back({{CaseField::narrative, 0, 0, 50}});
  const Network network(knowledge, {});
  PartialCase partial(network, findings, {flu}, units);
  EXPECT_EQ(partial.active_units(), (std::vector<std::size_t>{0, 1}));
  const Attribution result = partial.attributions().front();
  EXPECT_EQ(result.values[2], 0) << "no condition knows the rash";
  EXPECT_EQ(result.values[3], 0);
  EXPECT_EQ(result.values.size(), 4u);
}

TEST_F(TinyCase, LeavingOneOutIsTheWeightOfItsEvidence) {
  const Network network(knowledge, {});
  PartialCase partial(network, findings, {flu}, units);
  const double all = partial.log_odds(0, Coalition(3, true));
  for (const RankedCondition& ranked : network.diagnose(findings, 2, 1).suspected) {
    if (ranked.condition != flu) continue;
    for (const Evidence& evidence : ranked.evidence) {
      if (evidence.id != "fever") continue;
      EXPECT_NEAR(evidence.weight, all - partial.log_odds(0, {true, false, true}), 1e-9);
      return;
    }
  }
  FAIL() << "fever is evidence of flu";
}

TEST_F(TinyCase, AHallmarkThatIsWithheldWasNotAskedFor) {
  findings.has_narrative = true;
  const Network network(knowledge, {});
  CaseFindings silent = findings;
  silent.findings.erase(silent.findings.begin() + 1);
  PartialCase partial(network, findings, {flu}, units);
  EXPECT_GT(partial.log_odds(0, {true, false, true}), network.posterior(silent).log_odds[flu] + 0.1);
}

TEST_F(TinyCase, ASexThatIsWithheldLetsTheOtherSexsConditionsIn) {
  const ConditionIndex prostatitis = add_condition(knowledge, "prostatitis", 1000);
  knowledge.conditions[prostatitis].limits.sex = Sex::male;
  findings.sex = Sex::female;
  units.push_back({{CaseField::sex, 0, 0, 0}});
  const Network network(knowledge, {});
  const std::vector<Attribution> results = attribute(network, findings, {flu, prostatitis}, units);
  EXPECT_GT(results[0].values[3], 0.3);
  EXPECT_TRUE(std::isinf(results[1].with_all)) << "a hard limit excludes it";
  EXPECT_EQ(results[1].values, std::vector<double>(4, 0));
}

TEST_F(TinyCase, AnEstimateStopsAtTheDeadline) {
  SteadyTime time{};
  Budget budget;
  budget.evaluations = 100'000;
  budget.now = [&] { return time += std::chrono::milliseconds(1); };
  budget.deadline = SteadyTime(std::chrono::milliseconds(20));
  std::mt19937 random(fresh_seed());
  const AttributionWorld one(random, 30, 60, 30);
  const Network network(one.knowledge, {});
  const std::vector<ConditionIndex> conditions = possible_conditions(network, one.findings);
  const Attribution result = attribute(network, one.findings, {conditions.front()}, one.units, budget, nothing_tabulated()).front();
  EXPECT_LT(result.evaluations, 1000u);
  EXPECT_FALSE(result.exact);
  EXPECT_NEAR(sum_of(result), result.with_all - result.with_none, 1e-6);
}

}  // namespace
}  // namespace osler::reasoning
