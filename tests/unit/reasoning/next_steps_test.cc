#include "reasoning/next_steps.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

struct NextStepsTest : testing::Test {
  NextStepsTest() {
    telling = add_finding(knowledge, "telling", 0.05);
    child = add_child(knowledge, "child", telling, 0.3);
    useless = add_finding(knowledge, "useless", 0.3);
    scan = add_finding(knowledge, "scan", 0.05, FindingKind::imaging);
    a = add_condition(knowledge, "a", 10);
    b = add_condition(knowledge, "b", 10);
    link(knowledge, a, telling, 0.9);
    link(knowledge, a, child, 0.8);
    link(knowledge, a, useless, 0.3);
    link(knowledge, a, scan, 0.9);
    link(knowledge, b, useless, 0.3);
  }
  double gain(FindingIndex finding) const {
    for (const NextStep& step : Network(knowledge, {}).next_steps(findings, 100))
      if (step.finding == finding) return step.gain;
    return 0;
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
  FindingIndex telling = 0, child = 0, useless = 0, scan = 0;
  ConditionIndex a = 0, b = 0;
};

TEST_F(NextStepsTest, WhatTellsApartComesFirst) {
  const std::vector<NextStep> steps = Network(knowledge, {}).next_steps(findings, 1);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].finding, telling);
  EXPECT_GT(gain(telling), 10 * gain(useless));
}

TEST_F(NextStepsTest, DividesByTheCost) { EXPECT_NEAR(gain(scan), gain(telling) / 8, 1e-12); }

TEST_F(NextStepsTest, AsksForAChildOnlyAfterItsParent) {
  EXPECT_EQ(gain(child), 0);
  observe(findings, telling);
  EXPECT_GT(gain(child), 0);
  EXPECT_EQ(gain(telling), 0) << "settled";
  findings.findings[0].polarity = Polarity::absent;
  EXPECT_EQ(gain(child), 0);
}

TEST_F(NextStepsTest, AMissedDangerIsWorthThreeTimesAsMuch) {
  const double before = gain(telling);
  knowledge.conditions[a].must_not_miss = knowledge.conditions[b].must_not_miss = true;
  EXPECT_NEAR(gain(telling), 3 * before, 1e-12);
}

TEST(CostOf, FollowsTheKind) {
  Finding finding;
  finding.id = "st_elevation_on_ecg";
  finding.kind = FindingKind::imaging;
  EXPECT_EQ(cost_of(finding), 2);
  finding.id = "mass_on_ct";
  EXPECT_EQ(cost_of(finding), 8);
  finding.kind = FindingKind::lab;
  EXPECT_EQ(cost_of(finding), 4);
  finding.kind = FindingKind::sign;
  EXPECT_EQ(cost_of(finding), 1.5);
  finding.kind = FindingKind::family;
  EXPECT_EQ(cost_of(finding), 1);
}

}  // namespace
}  // namespace osler::reasoning
