#include "reasoning/attribution_parts.h"

#include <gtest/gtest.h>

#include "random_world.h"

namespace osler::reasoning {
namespace {

using namespace clinical;
using Parts = std::vector<std::vector<std::size_t>>;

/// Each observation is a unit of its own, in the order of observing.
struct AttributionParts : testing::Test {
  FindingIndex finding(const char* id, const char* group = "") {
    const FindingIndex index = add_finding(knowledge, id, 0.05);
    knowledge.findings[index].group = group;
    return index;
  }
  void say(FindingIndex index, Polarity polarity = Polarity::present) {
    observe(findings, index, polarity);
    findings.findings.back().spans = {unit(CaseField::symptoms, findings.findings.size())};
  }
  void say_known(ConditionIndex index) {
    state(findings, index);
    findings.known.back().span = unit(CaseField::preexisting_conditions, findings.known.size());
  }
  void say_measured(QuantityIndex index, Grade grade) {
    measure(findings, index, grade);
    findings.quantities.back().span = unit(CaseField::lab_results, findings.quantities.size());
  }
  TextSpan unit(CaseField field, std::size_t item) {
    const TextSpan span{field, item, 0, 0};
    units.push_back({span});
    return span;
  }
  Parts parts() const { return parts_of(Tables(knowledge), findings, pieces_of(findings, units), std::vector<bool>(units.size(), true)); }
  void add_risk(ConditionIndex condition, FindingIndex index, double ratio, const char* group = "") {
    RiskFactor risk;
    risk.finding = index;
    risk.ratio = ratio;
    risk.group = group;
    knowledge.conditions[condition].risk_factors.push_back(risk);
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
  std::vector<Unit> units;
};

TEST_F(AttributionParts, UnrelatedFindingsStandAlone) {
  const FindingIndex cough = finding("cough"), rash = finding("rash");
  link(knowledge, add_condition(knowledge, "measles", 1), cough, 0.8);
  say(cough);
  say(rash);
  EXPECT_EQ(parts(), (Parts{{0}, {1}}));
}

TEST_F(AttributionParts, AGroupOfOnePolarityIsOnePart) {
  const FindingIndex nausea = finding("nausea", "sickness"), vomiting = finding("vomiting", "sickness"), retching = finding("retching", "sickness");
  say(nausea);
  say(vomiting, Polarity::absent);
  say(retching);
  EXPECT_EQ(parts(), (Parts{{0, 2}, {1}}));
}

TEST_F(AttributionParts, KindsOfOneThingAreOnePart) {
  const FindingIndex pain = finding("pain");
  const FindingIndex burning = add_child(knowledge, "burning", pain, 0.2), dull = add_child(knowledge, "dull", pain, 0.2);
  say(burning);
  say(finding("cough"));
  say(dull);
  EXPECT_EQ(parts(), (Parts{{0, 2}, {1}})) << "each would leave the pain behind";
}

TEST_F(AttributionParts, AMeasurementMeetsWhatWasSaidOfIt) {
  const FindingIndex fever = finding("fever");
  const QuantityIndex temperature = add_quantity(knowledge, "temperature", fever, kNone);
  say(fever);
  say_measured(temperature, Grade::normal);
  EXPECT_EQ(parts(), (Parts{{0, 1}}));
}

TEST_F(AttributionParts, AKnownConditionMeetsTheFindingsOfWhichItHasABaseline) {
  const FindingIndex cough = finding("cough"), rash = finding("rash");
  const ConditionIndex asthma = add_condition(knowledge, "asthma", 1);
  knowledge.conditions[asthma].course = Course::chronic;
  link(knowledge, asthma, cough, 0.7);
  link(knowledge, asthma, rash, 0.1);
  knowledge.conditions[asthma].findings[0].baseline = 0.3;
  say(cough);
  say(rash);
  say_known(asthma);
  EXPECT_EQ(parts(), (Parts{{0, 2}, {1}}));
}

TEST_F(AttributionParts, RisksMeetInAGroupOrAtTheLimitOfAll) {
  const FindingIndex smoking = finding("smoking"), travel = finding("travel"), surgery = finding("surgery");
  const ConditionIndex embolism = add_condition(knowledge, "embolism", 1);
  add_risk(embolism, smoking, 2);
  add_risk(embolism, travel, 4, "stillness");
  add_risk(embolism, surgery, 8, "stillness");
  say(smoking);
  say(travel);
  say(surgery);
  EXPECT_EQ(parts(), (Parts{{0}, {1, 2}}));
  knowledge.conditions[embolism].risk_factors[0].ratio = 20;
  EXPECT_EQ(parts(), (Parts{{0, 1, 2}})) << "20 x 4 x 8 is more than risks together may be";
}

TEST_F(AttributionParts, WhatNoUnitSaidCountsAtTheLimitToo) {
  const FindingIndex smoking = finding("smoking"), travel = finding("travel"), surgery = finding("surgery");
  const ConditionIndex embolism = add_condition(knowledge, "embolism", 1);
  add_risk(embolism, smoking, 4);
  add_risk(embolism, travel, 4);
  add_risk(embolism, surgery, 20);
  say(smoking);
  say(travel);
  EXPECT_EQ(parts(), (Parts{{0}, {1}}));
  observe(findings, surgery);
  EXPECT_EQ(parts(), (Parts{{0, 1}}));
}

}  // namespace
}  // namespace osler::reasoning
