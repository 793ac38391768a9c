#include "reasoning/prior.h"

#include <gtest/gtest.h>

#include <cmath>

#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

struct PriorTest : testing::Test {
  PriorTest() {
    common = add_condition(knowledge, "common", 100);
    rare = add_condition(knowledge, "rare", 1);
    parameters.alpha = 0.5;
    findings.age_years = 40;
  }
  std::vector<double> logs(const PriorUses& uses = {}) const {
    const Tables tables(knowledge);
    return log_priors(tables, findings, candidates_of(tables, findings), parameters, uses);
  }
  double difference(const PriorUses& uses = {}) const { return logs(uses)[common] - logs(uses)[rare]; }
  KnowledgeBase knowledge;
  CaseFindings findings;
  NetworkParameters parameters;
  ConditionIndex common = 0, rare = 0;
};

TEST_F(PriorTest, SumsToOneAndFlattensFrequencies) {
  EXPECT_NEAR(std::exp(logs()[0]) + std::exp(logs()[1]), 1, 1e-12);
  EXPECT_NEAR(difference(), 0.5 * std::log(100), 1e-12);
}

TEST_F(PriorTest, AnUnknownSettingIsTheGeometricMean) {
  knowledge.conditions[common].frequency_emergency = 4;
  findings.setting_known = false;
  EXPECT_NEAR(difference(), 0.5 * std::log(std::sqrt(100 * 4)), 1e-12);
  findings.setting_known = true;
  findings.setting = Setting::emergency;
  EXPECT_NEAR(difference(), 0.5 * std::log(4), 1e-12);
  findings.setting = Setting::primary_care;
  EXPECT_NEAR(difference(), 0.5 * std::log(100), 1e-12);
}

TEST_F(PriorTest, AgeIsRelativeToTheAverageVisit) {
  knowledge.conditions[rare].age = {{10, 0.5}, {40, 3}};
  const Tables tables(knowledge);
  EXPECT_NEAR(difference(), 0.5 * std::log(100) - std::log(3 / tables.mean_age_weight[rare]), 1e-12);
  EXPECT_NEAR(difference({false, true, true}), 0.5 * std::log(100), 1e-12) << "forgotten";
}

TEST_F(PriorTest, UnknownSexIsTheAverageOfBoth) {
  knowledge.conditions[rare].female = 1.5;
  knowledge.conditions[rare].male = 0.5;
  findings.sex = Sex::female;
  EXPECT_NEAR(difference(), 0.5 * std::log(100) - std::log(1.5), 1e-12);
  findings.sex = Sex::other;
  EXPECT_NEAR(difference(), 0.5 * std::log(100), 1e-12);
}

TEST_F(PriorTest, HardLimitsExclude) {
  const auto candidates = [&] { return candidates_of(Tables(knowledge), findings).conditions; };
  knowledge.conditions[rare].limits.age_max = 39;
  EXPECT_EQ(candidates(), std::vector<ConditionIndex>{common});
  knowledge.conditions[rare].limits.age_max = 40;
  EXPECT_EQ(candidates().size(), 2u);
  knowledge.conditions[rare].limits.pregnant = true;
  EXPECT_EQ(candidates().size(), 2u) << "not stated";
  findings.pregnant = false;
  EXPECT_EQ(candidates().size(), 1u);
  findings.pregnant.reset();
  findings.sex = Sex::male;
  EXPECT_EQ(candidates().size(), 1u);
}

}  // namespace
}  // namespace osler::reasoning
