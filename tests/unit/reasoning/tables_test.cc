#include "reasoning/tables.h"

#include <gtest/gtest.h>

#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

TEST(Tables, ARiskFactorIsNoOrdinaryFindingOfThatCondition) {
  KnowledgeBase knowledge;
  const FindingIndex smoker = add_finding(knowledge, "smoker", 0.2, FindingKind::history);
  const ConditionIndex modifies = add_condition(knowledge, "modifies", 1), defines = add_condition(knowledge, "defines", 1);
  link(knowledge, modifies, smoker, 0.5);
  link(knowledge, defines, smoker, 0.9);
  RiskFactor risk;
  risk.finding = smoker;
  risk.ratio = 3;
  knowledge.conditions[modifies].risk_factors.push_back(risk);
  const Tables tables(knowledge);
  ASSERT_EQ(tables.links[smoker].size(), 1u);
  EXPECT_EQ(tables.links[smoker][0].condition, defines);
  EXPECT_EQ(tables.risk_users_of_finding[smoker], std::vector<ConditionIndex>{modifies});
}

TEST(Tables, AgeWeightsKeepTheirShapeOnly) {
  KnowledgeBase knowledge;
  add_condition(knowledge, "flat", 1);
  add_condition(knowledge, "sloped", 1);
  add_condition(knowledge, "sloped_ten_times", 1);
  knowledge.conditions[1].age = {{20, 0.1}, {60, 2}};
  knowledge.conditions[2].age = {{20, 1}, {60, 20}};
  const Tables tables(knowledge);
  EXPECT_NEAR(tables.mean_age_weight[0], 1, 1e-12);
  EXPECT_NEAR(tables.mean_age_weight[2], 10 * tables.mean_age_weight[1], 1e-9);
}

TEST(Tables, AWholeYearLookedUpIsWhatIsWorkedOut) {
  KnowledgeBase knowledge;
  add_condition(knowledge, "sloped", 1);
  knowledge.conditions[0].age = {{20, 0.1}, {60, 2}};
  knowledge.conditions[0].limits.age_max = 80;
  const Tables tables(knowledge);
  for (const double age : {0.0, 20.0, 41.0, 60.0, 120.0, 41.5, 121.0, 149.0}) {
    const double weight = std::max(limited_age_weight(knowledge.conditions[0], age) / tables.mean_age_weight[0], kLeastWeight);
    EXPECT_NEAR(tables.log_age_weight(0, age), std::log(weight), 1e-6) << age;
  }
}

TEST(Tables, WhatOnlyInfantsHaveIsConcentratedOnThem) {
  KnowledgeBase knowledge;
  add_condition(knowledge, "neonatal", 1);
  knowledge.conditions[0].limits.age_max = 0.083;
  const Tables tables(knowledge);
  EXPECT_NEAR(tables.mean_age_weight[0], 0.008, 1e-9);
  EXPECT_EQ(limited_age_weight(knowledge.conditions[0], 1), 0);
  EXPECT_EQ(limited_age_weight(knowledge.conditions[0], 0.01), 1);
}

TEST(Tables, AlternativesExcludeAndComplicationsRaise) {
  KnowledgeBase knowledge;
  for (const char* id : {"a", "b", "c"}) add_condition(knowledge, id, 1);
  knowledge.conditions[0].alternatives = {1};
  knowledge.conditions[0].complications = {{1, 9}, {2, 4}};
  knowledge.conditions[2].complications = {{0, 7}};
  const Tables tables(knowledge);
  EXPECT_EQ(tables.pair_factors[1], (std::vector<std::pair<ConditionIndex, double>>{{0, 0.0}})) << "an alternative stays one";
  EXPECT_EQ(tables.pair_factors[2], (std::vector<std::pair<ConditionIndex, double>>{{0, 7.0}})) << "the larger of two";
}

TEST(Tables, QuantitiesWithACommonFindingAreOneCluster) {
  KnowledgeBase knowledge;
  const FindingIndex raised = add_finding(knowledge, "troponin_high", 0.03, FindingKind::lab);
  const FindingIndex sodium = add_finding(knowledge, "sodium_low", 0.03, FindingKind::lab);
  add_quantity(knowledge, "troponin_i", raised, kNone);
  add_quantity(knowledge, "sodium", kNone, sodium);
  add_quantity(knowledge, "troponin_t", raised, kNone);
  const Tables tables(knowledge);
  EXPECT_EQ(tables.cluster_of_quantity[0], tables.cluster_of_quantity[2]);
  EXPECT_NE(tables.cluster_of_quantity[0], tables.cluster_of_quantity[1]);
}

TEST(Tables, HallmarksAreWhatPeopleMention) {
  KnowledgeBase knowledge;
  const ConditionIndex c = add_condition(knowledge, "c", 1);
  link(knowledge, c, add_finding(knowledge, "told", 0.1), 0.65);
  link(knowledge, c, add_finding(knowledge, "seldom", 0.1), 0.64);
  link(knowledge, c, add_finding(knowledge, "imaged", 0.1, FindingKind::imaging), 0.9);
  link(knowledge, c, add_finding(knowledge, "measured", 0.1, FindingKind::vital), 0.9);
  link(knowledge, c, add_finding(knowledge, "travelled", 0.1, FindingKind::exposure), 0.9);
  const Tables tables(knowledge);
  ASSERT_EQ(tables.hallmarks[c].size(), 2u);
  EXPECT_EQ(knowledge.findings[tables.hallmarks[c][0].finding].id, "told");
  EXPECT_EQ(knowledge.findings[tables.hallmarks[c][1].finding].id, "travelled");
}

}  // namespace
}  // namespace osler::reasoning
