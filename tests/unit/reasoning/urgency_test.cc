#include "reasoning/urgency.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_world.h"
#include "reasoning/parameters.h"
#include "reasoning/red_flags.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

NetworkParameters parameters() {
  NetworkParameters parameters;
  parameters.emergency_threshold = 0.15;
  parameters.urgent_threshold = 0.3;
  return parameters;
}

Urgency assess(const std::array<double, 4>& shares, const std::vector<Alarm>& alarms = {}, Severity severity = Severity::moderate) {
  return assess_urgency(shares, alarms, severity, parameters()).urgency;
}

TEST(Urgency, FollowsTheDangerNotTheFavourite) {
  EXPECT_EQ(assess({0.16, 0, 0.8, 0}), Urgency::emergency);
  EXPECT_EQ(assess({0.14, 0.17, 0.6, 0}), Urgency::urgent);
  EXPECT_EQ(assess({0.01, 0.1, 0.8, 0.05}), Urgency::routine);
  EXPECT_EQ(assess({0.01, 0.01, 0.2, 0.7}), Urgency::self_care);
  EXPECT_EQ(assess({0.01, 0.01, 0.2, 0.7}, {}, Severity::severe), Urgency::routine);
}

TEST(Urgency, AMildComplaintNeedsMoreASevereOneLess) {
  EXPECT_EQ(assess({0.3, 0, 0.6, 0}, {}, Severity::mild), Urgency::urgent);
  EXPECT_EQ(assess({0.33, 0, 0.6, 0}, {}, Severity::mild), Urgency::emergency);
  EXPECT_EQ(assess({0.07, 0, 0.9, 0}, {}, Severity::severe), Urgency::emergency);
  EXPECT_EQ(assess({0.05, 0, 0.9, 0}, {}, Severity::severe), Urgency::routine);
  EXPECT_DOUBLE_EQ(judged_emergency(0.1, Severity::moderate), 0.1);
  EXPECT_DOUBLE_EQ(judged_emergency(1, Severity::mild), 1);
  EXPECT_DOUBLE_EQ(judged_emergency(0, Severity::severe), 0);
}

TEST(Urgency, AnAlarmRaisesAndNeverLowers) {
  EXPECT_EQ(assess({0, 0, 0, 1}, {{Urgency::emergency, "stridor"}}), Urgency::emergency);
  EXPECT_EQ(assess({0.5, 0, 0, 0.5}, {{Urgency::urgent, "seizure"}}), Urgency::emergency);
}

TEST(Urgency, AlwaysGivesItsReasons) {
  EXPECT_EQ(assess_urgency({0.2, 0, 0, 0}, {{Urgency::urgent, "seizure"}}, Severity::moderate, parameters()).reasons,
            (std::vector<std::string>{"seizure", "probability of an emergency condition 20 %"}));
  EXPECT_FALSE(assess_urgency({0, 0, 0, 1}, {}, Severity::mild, parameters()).reasons.empty());
}

struct RedFlagsTest : testing::Test {
  std::vector<Alarm> alarms() const {
    const Tables tables(knowledge);
    return RedFlags(knowledge).alarms(findings, read_case(tables, findings));
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
};

TEST_F(RedFlagsTest, LossOfVisionForYearsIsNoFlag) {
  observe(findings, add_finding(knowledge, "visual_loss", 0.01));
  EXPECT_EQ(alarms().size(), 1u);
  findings.duration_days = 2;
  EXPECT_EQ(alarms().size(), 1u);
  findings.duration_days = 700;
  EXPECT_EQ(alarms().size(), 0u);
}

TEST_F(RedFlagsTest, FireWhenEveryPartIsPresent) {
  const FindingIndex stiff = add_finding(knowledge, "neck_stiffness", 0.01), fever = add_finding(knowledge, "fever", 0.06),
                     headache = add_finding(knowledge, "headache", 0.1);
  findings.age_years = 30;
  observe(findings, stiff);
  observe(findings, fever);
  EXPECT_TRUE(alarms().empty());
  observe(findings, headache);
  ASSERT_EQ(alarms().size(), 1u);
  EXPECT_EQ(alarms()[0].urgency, Urgency::emergency);
}

TEST_F(RedFlagsTest, SomeAreForAnAgeOnly) {
  const FindingIndex fever = add_finding(knowledge, "fever", 0.06);
  observe(findings, fever);
  findings.age_years = 0.1;
  EXPECT_EQ(alarms().size(), 1u);
  findings.age_years = 0.25;
  EXPECT_TRUE(alarms().empty());
}

TEST_F(RedFlagsTest, DangerousVitalsFireByGrade) {
  const FindingIndex low = add_finding(knowledge, "hypoxia", 0.02, FindingKind::vital);
  const QuantityIndex saturation = add_quantity(knowledge, "oxygen_saturation", kNone, low);
  measure(findings, saturation, Grade::markedly_low);
  ASSERT_EQ(alarms().size(), 1u);
  EXPECT_EQ(alarms()[0].urgency, Urgency::emergency);
  findings.quantities[0].grade = Grade::low;
  ASSERT_EQ(alarms().size(), 1u);
  EXPECT_EQ(alarms()[0].urgency, Urgency::urgent);
  findings.quantities[0].grade = Grade::normal;
  EXPECT_TRUE(alarms().empty());
}

TEST_F(RedFlagsTest, IdsThatTheKnowledgeBaseLacksAreNamedOnce) {
  add_finding(knowledge, "stridor", 0.005);
  const RedFlags flags(knowledge);
  const std::vector<std::string>& unknown = flags.unknown_ids();
  EXPECT_EQ(std::count(unknown.begin(), unknown.end(), "chest_pain"), 1);
  EXPECT_EQ(std::count(unknown.begin(), unknown.end(), "stridor"), 0);
}

}  // namespace
}  // namespace osler::reasoning
