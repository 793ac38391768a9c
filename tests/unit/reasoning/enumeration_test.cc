// The network agrees with a plain enumeration of all hypotheses, and so does its evidence.
#include <gtest/gtest.h>

#include "../random_seed.h"
#include "plain_enumeration.h"
#include "random_world.h"
#include "reasoning/evidence.h"
#include "reasoning/network.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

NetworkParameters random_parameters(std::mt19937& random) {
  std::uniform_real_distribution<double> part(0.2, 0.9);
  NetworkParameters parameters;
  parameters.alpha = part(random);
  parameters.lambda = part(random);
  parameters.group_weight = part(random);
  parameters.silence = part(random);
  return parameters;
}

/// Within 1e-11 of itself, and of 1 where it is smaller than that: near certainty, log-odds lose a digit or two (1.02e-12 was met at 10.3).
void expect_same(long double expected, double actual, const std::string& what) {
  EXPECT_NEAR(static_cast<double>(expected), actual, 1e-11 * std::max(1.0, std::abs(actual))) << what;
}

TEST(Enumeration, AgreesOnRandomNetworksAndCases) {
  std::mt19937 random(fresh_seed());
  for (int world = 0; world < 30; ++world) {
    const KnowledgeBase knowledge = random_knowledge(random, world % 3 == 0 ? 60 : 12, 25);
    const NetworkParameters parameters = random_parameters(random);
    const Network network(knowledge, parameters);
    for (int i = 0; i < 4; ++i) {
      const CaseFindings findings = random_case(random, knowledge, 12);
      const plain::Answer expected = plain::enumerate(knowledge, parameters, findings);
      const Posterior actual = network.posterior(findings);
      for (std::size_t c = 0; c < knowledge.conditions.size(); ++c) {
        if (std::isinf(expected.log_odds[c])) {
          EXPECT_EQ(actual.log_odds[c], -std::numeric_limits<double>::infinity());
        } else {
          expect_same(expected.log_odds[c], actual.log_odds[c], knowledge.conditions[c].id);
        }
      }
      expect_same(expected.nothing, actual.nothing_log_odds, "nothing");
      NetworkParameters of_visits = parameters;
      of_visits.alpha = 1;
      plain::Options same_pairs;
      same_pairs.best = expected.best;
      const plain::Answer triage = plain::enumerate(knowledge, of_visits, findings, same_pairs);
      expect_same(triage.emergency, actual.emergency, "emergency");
      expect_same(triage.urgent_or_worse, actual.urgent_or_worse, "urgent");
    }
  }
}

/// What the case would be without the thing that an item of evidence names.
CaseFindings without(const KnowledgeBase& knowledge, CaseFindings findings, const Evidence& evidence, plain::Options& options) {
  options.age = evidence.source != "age";
  options.sex = evidence.source != "sex";
  options.pregnancy = evidence.source != "pregnancy";
  options.severity = evidence.source != "severity";
  options.duration = evidence.source != "duration";
  options.onset = evidence.source != "onset";
  if (evidence.id.empty()) return findings;
  std::erase_if(findings.findings, [&](const auto& one) { return knowledge.findings[one.finding].id == evidence.id; });
  std::erase_if(findings.known, [&](const auto& one) { return knowledge.conditions[one.condition].id == evidence.id; });
  const auto found = knowledge.quantity_by_id.find(evidence.id);
  if (found == knowledge.quantity_by_id.end()) return findings;
  const Tables tables(knowledge);
  const std::uint32_t cluster = tables.cluster_of_quantity[found->second];
  std::erase_if(findings.quantities, [&](const auto& one) { return tables.cluster_of_quantity[one.quantity] == cluster; });
  return findings;
}

TEST(Enumeration, EvidenceIsTheExactLeaveOneOutChange) {
  std::mt19937 random(fresh_seed());
  for (int world = 0; world < 8; ++world) {
    const KnowledgeBase knowledge = random_knowledge(random, world % 2 == 0 ? 55 : 10, 25);
    const NetworkParameters parameters = random_parameters(random);
    const CaseFindings findings = random_case(random, knowledge, 10);
    const plain::Answer full = plain::enumerate(knowledge, parameters, findings);
    const Tables tables(knowledge);
    const CaseModel model(tables, parameters, findings);
    std::vector<std::size_t> all(model.candidates.size());
    for (std::size_t c = 0; c < all.size(); ++c) all[c] = c;
    for (const LeaveOneOut& item : leave_one_out(Hypotheses(model), all)) {
      plain::Options options;
      options.best = full.best;
      options.silence_of = &findings;
      const CaseFindings reduced = without(knowledge, findings, item.evidence, options);
      const plain::Answer rest = plain::enumerate(knowledge, parameters, reduced, options);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const ConditionIndex c = model.candidates.conditions[i];
        EXPECT_NEAR(static_cast<double>(full.log_odds[c] - rest.log_odds[c]), item.weight[i], 1e-10)
            << item.evidence.text << " for " << knowledge.conditions[c].id;
      }
    }
  }
}

}  // namespace
}  // namespace osler::reasoning
