#include "reasoning/evidence.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_world.h"
#include "reasoning/evidence_text.h"
#include "reasoning/network.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

struct EvidenceTest : testing::Test {
  EvidenceTest() {
    pain = add_finding(knowledge, "chest_pain", 0.03);
    breathless = add_finding(knowledge, "dyspnoea", 0.06);
    cough = add_finding(knowledge, "cough", 0.1);
    knowledge.findings[pain].name = "chest pain";
    infarction = add_condition(knowledge, "infarction", 10);
    pneumonia = add_condition(knowledge, "pneumonia", 10);
    link(knowledge, infarction, pain, 0.9);
    link(knowledge, infarction, breathless, 0.4);
    link(knowledge, pneumonia, breathless, 0.7);
    link(knowledge, pneumonia, cough, 0.9);
    findings.age_years = 65;
  }
  std::vector<Evidence> evidence(ConditionIndex condition) const {
    const Differential differential = Network(knowledge, {}).diagnose(findings, 10, 0.65);
    for (const RankedCondition& one : differential.suspected)
      if (one.condition == condition) return one.evidence;
    return {};
  }
  static const Evidence* find(const std::vector<Evidence>& list, const std::string& text) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const Evidence& one) { return one.text == text; });
    return found == list.end() ? nullptr : &*found;
  }
  KnowledgeBase knowledge;
  CaseFindings findings;
  FindingIndex pain = 0, breathless = 0, cough = 0;
  ConditionIndex infarction = 0, pneumonia = 0;
};

TEST_F(EvidenceTest, SupportsAndOpposesLargestFirst) {
  observe(findings, pain);
  observe(findings, cough, Polarity::absent);
  const std::vector<Evidence> list = evidence(pneumonia);
  ASSERT_NE(find(list, "chest pain"), nullptr);
  EXPECT_LT(find(list, "chest pain")->weight, 0) << "the rival explains it";
  ASSERT_NE(find(list, "no cough"), nullptr);
  EXPECT_LT(find(list, "no cough")->weight, 0);
  for (std::size_t i = 1; i < list.size(); ++i) EXPECT_LE(std::abs(list[i].weight), std::abs(list[i - 1].weight));
}

TEST_F(EvidenceTest, WhatAConditionExplainsSupportsItEvenWhereARivalExplainsItBetter) {
  observe(findings, pain);
  observe(findings, breathless);
  const std::vector<Evidence> list = evidence(infarction);
  ASSERT_NE(find(list, "chest pain"), nullptr);
  ASSERT_NE(find(list, "dyspnoea"), nullptr);
  EXPECT_GT(find(list, "chest pain")->weight, find(list, "dyspnoea")->weight);
  EXPECT_GT(find(list, "dyspnoea")->weight, 0);
}

TEST_F(EvidenceTest, CarriesIdsSourcesAndSpans) {
  observe(findings, pain);
  findings.findings[0].spans = {{CaseField::symptoms, 2, 0, 10}};
  const std::vector<Evidence> list = evidence(infarction);
  const Evidence* found = find(list, "chest pain");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, "chest_pain");
  EXPECT_EQ(found->source, "finding");
  EXPECT_EQ(found->spans, findings.findings[0].spans);
}

TEST_F(EvidenceTest, HistoryAgeSeverityOnsetDurationAndSilenceAreEvidenceToo) {
  knowledge.conditions[infarction].urgency = Urgency::emergency;
  knowledge.conditions[infarction].age = {{20, 0.05}, {65, 3}};
  knowledge.conditions[infarction].sudden = 0.9;
  knowledge.conditions[infarction].duration_median_days = 0.2;
  knowledge.conditions[pneumonia].duration_median_days = 6;
  const ConditionIndex hypertension = add_condition(knowledge, "hypertension", 10);
  knowledge.conditions[hypertension].course = Course::chronic;
  RiskFactor risk;
  risk.condition = hypertension;
  risk.ratio = 3;
  knowledge.conditions[infarction].risk_factors.push_back(risk);
  state(findings, hypertension);
  findings.severity = Severity::severe;
  findings.onset = Onset::sudden;
  findings.duration_days = 2.0 / 24;
  findings.has_narrative = true;
  const std::vector<Evidence> list = evidence(infarction);
  for (const char* text : {"hypertension in the history", "age 65", "severe", "sudden onset", "for 2 hours"}) {
    ASSERT_NE(find(list, text), nullptr) << text;
    EXPECT_GT(find(list, text)->weight, 0) << text;
  }
  ASSERT_NE(find(list, "chest pain not mentioned"), nullptr);
  EXPECT_LT(find(list, "chest pain not mentioned")->weight, 0);
}

TEST_F(EvidenceTest, LeavingOutAChildTakesItsAncestors) {
  const FindingIndex pressure = add_child(knowledge, "pressure", pain, 0.2);
  link(knowledge, infarction, pressure, 0.6);
  observe(findings, pressure);
  const double alone = find(evidence(infarction), "pressure")->weight;
  observe(findings, pain);
  const double beside_its_parent = find(evidence(infarction), "pressure")->weight;
  EXPECT_GT(alone, beside_its_parent + 1) << "the parent stays when it was stated itself";
}

TEST(EvidenceText, SaysFindingsAsAClinicianWould) {
  KnowledgeBase knowledge;
  const FindingIndex sweating = add_finding(knowledge, "diaphoresis", 0.02);
  knowledge.findings[sweating].name = "sweating";
  ObservedFinding observed;
  observed.finding = sweating;
  EXPECT_EQ(finding_evidence(knowledge, observed).text, "sweating");
  observed.words = "diaphoresis";
  EXPECT_EQ(finding_evidence(knowledge, observed).text, "sweating (diaphoresis)");
  observed.words = "Sweating";
  EXPECT_EQ(finding_evidence(knowledge, observed).text, "sweating");
  observed.words = "profuse sweating";
  EXPECT_EQ(finding_evidence(knowledge, observed).text, "profuse sweating");
  observed.polarity = Polarity::absent;
  EXPECT_EQ(finding_evidence(knowledge, observed).text, "no sweating");
}

TEST(EvidenceText, SaysValuesWithTheirGrade) {
  KnowledgeBase knowledge;
  add_quantity(knowledge, "troponin", kNone, kNone);
  ObservedQuantity observed;
  observed.quantity = 0;
  observed.grade = Grade::markedly_high;
  observed.text = "2.1 ng/mL";
  EXPECT_EQ(quantity_evidence(knowledge, observed).text, "troponin 2.1 ng/mL (markedly high)");
  observed.text = "troponin 0.01 ng/mL";
  observed.grade = Grade::normal;
  EXPECT_EQ(quantity_evidence(knowledge, observed).text, "troponin 0.01 ng/mL (normal)");
}

TEST(EvidenceText, SaysAgesAndDurations) {
  EXPECT_EQ(age_evidence(65.9).text, "age 65");
  EXPECT_EQ(age_evidence(0.34).text, "age 4 months");
  EXPECT_EQ(age_evidence(0.0055).text, "age 2 days");
  EXPECT_EQ(duration_evidence(1).text, "for 1 day");
  EXPECT_EQ(duration_evidence(21).text, "for 21 days");
  EXPECT_EQ(duration_evidence(0.01).text, "for 1 hour");
  EXPECT_EQ(plain_evidence("female", "sex", CaseField::sex).source, "sex");
}

}  // namespace
}  // namespace osler::reasoning
