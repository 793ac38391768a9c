#include "reasoning/context.h"

#include <gtest/gtest.h>

#include <cmath>

#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

struct ContextTest : testing::Test {
  ContextTest() { target = add_condition(knowledge, "target", 1); }
  FindingIndex risk(const std::string& id, double ratio, const std::string& group = "") {
    const FindingIndex finding = add_finding(knowledge, id, 0.1, FindingKind::history);
    RiskFactor factor;
    factor.finding = finding;
    factor.ratio = ratio;
    factor.group = group;
    knowledge.conditions[target].risk_factors.push_back(factor);
    observe(findings, finding);
    return finding;
  }
  double ratio() const {
    const Tables tables(knowledge);
    return std::exp(log_risk(tables, read_case(tables, findings), target));
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
  ConditionIndex target = 0;
};

TEST_F(ContextTest, RiskFactorsMultiply) {
  risk("smoker", 3);
  risk("drinker", 2);
  EXPECT_NEAR(ratio(), 6, 1e-12);
}

TEST_F(ContextTest, OfAGroupOnlyTheStrongestCounts) {
  risk("obesity", 2, "metabolic");
  risk("diabetes", 4, "metabolic");
  EXPECT_NEAR(ratio(), 4, 1e-12);
  risk("protection", 0.1, "metabolic");
  EXPECT_NEAR(ratio(), 0.1, 1e-12);
}

TEST_F(ContextTest, CapsAreThirtyEachAndTwoHundredTogether) {
  risk("first", 100);
  EXPECT_NEAR(ratio(), 30, 1e-9);
  risk("second", 20);
  EXPECT_NEAR(ratio(), 200, 1e-9);
}

TEST_F(ContextTest, AnAbsentOrUnmentionedRiskFactorSaysNothing) {
  const FindingIndex smoker = risk("smoker", 3);
  findings.findings.clear();
  EXPECT_EQ(ratio(), 1);
  observe(findings, smoker, Polarity::absent);
  EXPECT_EQ(ratio(), 1);
}

TEST_F(ContextTest, AStatedConditionIsARiskFactorOfOthers) {
  const ConditionIndex diabetes = add_condition(knowledge, "diabetes", 1);
  RiskFactor factor;
  factor.condition = diabetes;
  factor.ratio = 2.5;
  knowledge.conditions[target].risk_factors.push_back(factor);
  EXPECT_EQ(ratio(), 1);
  state(findings, diabetes);
  EXPECT_NEAR(ratio(), 2.5, 1e-12);
}

TEST_F(ContextTest, AnAuthoredSelfReplacesTheDefault) {
  state(findings, target);
  EXPECT_NEAR(ratio(), 5, 1e-12);
  RiskFactor self;
  self.self = true;
  self.ratio = 12;
  knowledge.conditions[target].risk_factors.push_back(self);
  EXPECT_NEAR(ratio(), 12, 1e-12);
}

TEST_F(ContextTest, OnlyWhatDiffersIsLookedAtButTheResultIsTheSame) {
  risk("smoker", 3);
  const Tables tables(knowledge);
  const CaseState now = read_case(tables, findings), before = read_case(tables, {});
  const Candidates candidates{{target}, {0}};
  EXPECT_EQ(log_risks(tables, candidates, now, before, {0.0})[0], log_risk(tables, now, target));
}

TEST_F(ContextTest, SilenceOfAHallmark) {
  const FindingIndex pain = add_finding(knowledge, "pain", 0.05);
  const FindingIndex sharp = add_child(knowledge, "sharp", pain, 0.3);
  link(knowledge, target, pain, 0.9);
  link(knowledge, target, sharp, 0.7);
  const auto silent = [&] {
    const Tables tables(knowledge);
    return silent_hallmarks(tables, unsaid_at_large(tables, findings, read_case(tables, findings), 0.4), target);
  };
  EXPECT_TRUE(silent().empty()) << "no narrative";
  findings.has_narrative = true;
  ASSERT_EQ(silent().size(), 1u) << "the topmost stands for its children";
  EXPECT_EQ(silent()[0].finding, pain);
  const Tables all(knowledge);
  const std::vector<double> unsaid = unsaid_at_large(all, findings, read_case(all, findings), 0.4);
  EXPECT_NEAR(log_silence(silent()[0], unsaid, 0.4), std::log((1 - 0.4 * 0.9) / (1 - 0.4 * 0.05)), 1e-12);
  EXPECT_NEAR(log_silence_of(all, unsaid, target, 0.4), log_silence(silent()[0], unsaid, 0.4), 1e-12);
  observe(findings, pain);
  ASSERT_EQ(silent().size(), 1u);
  EXPECT_EQ(silent()[0].finding, sharp);
  findings.findings[0].polarity = Polarity::absent;
  EXPECT_TRUE(silent().empty()) << "nothing to say below an absent finding";
  EXPECT_NEAR(log_silence_together(-50), std::log(0.1), 1e-12);
}

TEST_F(ContextTest, DurationFavoursConditionsOfThatCourse) {
  Condition quick, slow;
  quick.duration_median_days = 0.5;
  quick.duration_spread = 1;
  slow.duration_median_days = 200;
  slow.duration_spread = 1;
  findings.duration_days = 0.5;
  EXPECT_NEAR(std::exp(log_duration(quick, findings)), 2 * std::exp(std::pow(std::log(0.5 / 5) / 2, 2) / 2), 1e-9);
  EXPECT_NEAR(std::exp(log_duration(slow, findings)), 0.1, 1e-12);
  findings.duration_days.reset();
  EXPECT_EQ(log_duration(quick, findings), 0);
}

TEST_F(ContextTest, OnsetIsARatioOfShares) {
  Condition sudden;
  sudden.sudden = 0.9;
  EXPECT_EQ(log_onset(sudden, findings), 0);
  findings.onset = Onset::sudden;
  EXPECT_NEAR(std::exp(log_onset(sudden, findings)), 0.9 / 0.25, 1e-12);
  findings.onset = Onset::gradual;
  EXPECT_NEAR(std::exp(log_onset(sudden, findings)), 0.1 / 0.75, 1e-12);
}

TEST_F(ContextTest, SeverityLeansWithUrgency) {
  EXPECT_EQ(log_severity(Severity::moderate)[0], 0);
  EXPECT_NEAR(log_severity(Severity::severe)[0], std::log(2), 1e-12);
  EXPECT_NEAR(log_severity(Severity::mild)[0], std::log(0.4), 1e-12);
  EXPECT_NEAR(log_severity(Severity::mild)[3], std::log(2), 1e-12);
}

}  // namespace
}  // namespace osler::reasoning
