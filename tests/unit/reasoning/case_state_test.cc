#include "reasoning/case_state.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

struct CaseStateTest : testing::Test {
  CaseStateTest() {
    pain = add_finding(knowledge, "pain", 0.1);
    sharp = add_child(knowledge, "sharp", pain, 0.2);
    stabbing = add_child(knowledge, "stabbing", sharp, 0.5);
    dull = add_child(knowledge, "dull", pain, 0.2);
    high = add_finding(knowledge, "fever", 0.06, FindingKind::vital);
    low = add_finding(knowledge, "hypothermia", 0.01, FindingKind::vital);
    temperature = add_quantity(knowledge, "temperature", high, low);
    temperature_of_skin = add_quantity(knowledge, "temperature_of_skin", high, kNone);
  }
  CaseState read(const LeftOut& left_out = {}) const { return read_case(Tables(knowledge), findings, left_out); }
  std::vector<FactorSpec> factors() const {
    const Tables tables(knowledge);
    return factors_of(tables, findings, read_case(tables, findings), {});
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
  FindingIndex pain = 0, sharp = 0, stabbing = 0, dull = 0, high = 0, low = 0;
  QuantityIndex temperature = 0, temperature_of_skin = 0;
};

TEST_F(CaseStateTest, APresentChildMakesItsAncestorsPresentWhateverWasSaid) {
  observe(findings, pain, Polarity::absent);
  observe(findings, stabbing);
  const CaseState state = read();
  for (const FindingIndex f : {pain, sharp, stabbing}) EXPECT_EQ(state.standing[f], Standing::present);
  EXPECT_EQ(state.standing[dull], Standing::unmentioned);
}

TEST_F(CaseStateTest, EachPresentFindingEntersOnceGivenItsParent) {
  observe(findings, stabbing);
  observe(findings, dull, Polarity::absent);
  const std::vector<FactorSpec> specs = factors();
  ASSERT_EQ(specs.size(), 4u);
  EXPECT_EQ(specs[0].given, kNone);
  EXPECT_EQ(specs[1].given, pain);
  EXPECT_EQ(specs[2].given, sharp);
  EXPECT_EQ(specs[3].kind, FactorSpec::Kind::absent);
  EXPECT_EQ(specs[3].given, pain);
}

TEST_F(CaseStateTest, NothingEntersBelowAnAbsentFinding) {
  observe(findings, pain, Polarity::absent);
  observe(findings, stabbing, Polarity::absent);
  ASSERT_EQ(factors().size(), 1u);
  EXPECT_EQ(factors()[0].finding, pain);
}

TEST_F(CaseStateTest, AMeasuredValueReplacesWhatWasSaid) {
  observe(findings, high);
  measure(findings, temperature, Grade::normal);
  const CaseState state = read();
  EXPECT_EQ(state.standing[high], Standing::absent);
  ASSERT_EQ(factors().size(), 1u);
  EXPECT_EQ(factors()[0].kind, FactorSpec::Kind::measured);
}

TEST_F(CaseStateTest, OfTwoQuantitiesWithOneFindingTheMoreExtremeCounts) {
  measure(findings, temperature, Grade::normal);
  measure(findings, temperature_of_skin, Grade::markedly_high);
  ASSERT_EQ(factors().size(), 1u);
  EXPECT_EQ(factors()[0].quantity, temperature_of_skin);
  EXPECT_EQ(factors()[0].grade, Grade::markedly_high);
  EXPECT_EQ(read().standing[high], Standing::present);
  EXPECT_EQ(read().standing[low], Standing::absent);
}

TEST_F(CaseStateTest, AGradeOnASideWithoutFindingIsNormal) {
  measure(findings, temperature_of_skin, Grade::markedly_low);
  EXPECT_EQ(factors()[0].grade, Grade::normal);
}

TEST_F(CaseStateTest, LeavingOutAChildTakesTheAncestorsThatItAloneImplied) {
  observe(findings, stabbing);
  LeftOut child;
  child.finding = stabbing;
  EXPECT_EQ(read(child).standing[pain], Standing::unmentioned);
  observe(findings, pain);
  EXPECT_EQ(read(child).standing[pain], Standing::present);
  EXPECT_EQ(read(child).standing[sharp], Standing::unmentioned);
}

TEST_F(CaseStateTest, TheRarestOfAGroupCountsInFull) {
  for (const FindingIndex f : {pain, high, low}) knowledge.findings[f].group = "together";
  observe(findings, pain);
  observe(findings, low);
  observe(findings, high);
  NetworkParameters parameters;
  parameters.group_weight = 0.5;
  const std::vector<FactorSpec> specs = factors();
  const auto weight = [&](FindingIndex f) {
    return std::find_if(specs.begin(), specs.end(), [&](const FactorSpec& spec) { return spec.finding == f; })->weight;
  };
  EXPECT_EQ(weight(low), 1);
  EXPECT_EQ(weight(high), 0.5);
  EXPECT_EQ(weight(pain), 0.25);
}

TEST_F(CaseStateTest, PresentAndAbsentOfAGroupAreWeighedApart) {
  for (const FindingIndex f : {pain, high}) knowledge.findings[f].group = "together";
  observe(findings, pain);
  observe(findings, high, Polarity::absent);
  for (const FactorSpec& spec : factors()) EXPECT_EQ(spec.weight, 1);
}

TEST_F(CaseStateTest, OnlyChronicConditionsAreKnown) {
  const ConditionIndex chronic = add_condition(knowledge, "diabetes", 1), episodic = add_condition(knowledge, "gout", 1);
  knowledge.conditions[chronic].course = Course::chronic;
  knowledge.conditions[episodic].course = Course::episodic;
  state(findings, episodic);
  state(findings, chronic);
  state(findings, chronic);
  EXPECT_EQ(read().known, std::vector<ConditionIndex>{chronic});
  EXPECT_EQ(read().stated, (std::vector<ConditionIndex>{chronic, episodic}));
}

}  // namespace
}  // namespace osler::reasoning
