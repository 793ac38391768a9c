// The order of conditions, findings, quantities and observations changes nothing.
#include <gtest/gtest.h>

#include <map>

#include "../random_seed.h"
#include "random_world.h"
#include "reasoning/network.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

/// By condition id, and by text, since ids are what both orders have in common.
std::map<std::string, std::map<std::string, double>> evidence_by_id(const KnowledgeBase& knowledge, const Differential& differential) {
  std::map<std::string, std::map<std::string, double>> all;
  for (const RankedCondition& ranked : differential.suspected)
    for (const Evidence& evidence : ranked.evidence) all[knowledge.conditions[ranked.condition].id][evidence.text] += evidence.weight;
  return all;
}

TEST(Order, ProbabilitiesDoNotDependOnIt) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 20; ++i) {
    const KnowledgeBase knowledge = random_knowledge(random, 60, 30);
    const CaseFindings findings = random_case(random, knowledge, 15);
    const Renumbered other = renumbered(random, knowledge, findings);
    const Posterior here = Network(knowledge, {}).posterior(findings);
    const Posterior there = Network(other.knowledge, {}).posterior(other.findings);
    for (std::size_t c = 0; c < knowledge.conditions.size(); ++c) {
      if (std::isinf(here.log_odds[c])) {
        EXPECT_EQ(there.log_odds[other.new_place[c]], here.log_odds[c]);
      } else {
        EXPECT_NEAR(there.log_odds[other.new_place[c]], here.log_odds[c], 1e-11 * std::max(1.0, std::abs(here.log_odds[c])));
      }
    }
    EXPECT_NEAR(here.emergency, there.emergency, 1e-12);
    EXPECT_NEAR(here.nothing_log_odds, there.nothing_log_odds, 1e-10);
  }
}

TEST(Order, EvidenceDoesNotDependOnIt) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 10; ++i) {
    const KnowledgeBase knowledge = random_knowledge(random, 45, 30);
    const CaseFindings findings = random_case(random, knowledge, 12);
    const Renumbered other = renumbered(random, knowledge, findings);
    const auto here = evidence_by_id(knowledge, Network(knowledge, {}).diagnose(findings, 10, 0.65));
    const auto there = evidence_by_id(other.knowledge, Network(other.knowledge, {}).diagnose(other.findings, 10, 0.65));
    ASSERT_EQ(here.size(), there.size());
    for (const auto& [condition, list] : here) {
      ASSERT_TRUE(there.contains(condition)) << condition;
      ASSERT_EQ(list.size(), there.at(condition).size()) << condition;
      for (const auto& [text, weight] : list) {
        ASSERT_TRUE(there.at(condition).contains(text)) << condition << ": " << text;
        EXPECT_NEAR(weight, there.at(condition).at(text), 1e-9) << condition << ": " << text;
      }
    }
  }
}

TEST(Order, NextStepsDoNotDependOnIt) {
  std::mt19937 random(fresh_seed());
  const KnowledgeBase knowledge = random_knowledge(random, 30, 30);
  const CaseFindings findings = random_case(random, knowledge, 8);
  const Renumbered other = renumbered(random, knowledge, findings);
  const std::vector<NextStep> here = Network(knowledge, {}).next_steps(findings, 3);
  const std::vector<NextStep> there = Network(other.knowledge, {}).next_steps(other.findings, 3);
  ASSERT_EQ(here.size(), there.size());
  for (std::size_t i = 0; i < here.size(); ++i) EXPECT_NEAR(here[i].gain, there[i].gain, 1e-9);
}

}  // namespace
}  // namespace osler::reasoning
