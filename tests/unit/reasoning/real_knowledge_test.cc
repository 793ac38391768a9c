// The shipped knowledge base: the reference request, and that no authored number can break the sums.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "../random_seed.h"
#include "clinical/knowledge_loader.h"
#include "random_world.h"
#include "reasoning/network.h"

namespace osler::reasoning {
namespace {

using namespace clinical;

std::optional<KnowledgeBase> shipped() {
  const std::filesystem::path root = std::filesystem::path(OSLER_SOURCE_DIR) / "knowledge";
  std::vector<KnowledgeFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    files.push_back({std::filesystem::relative(entry.path(), root).generic_string(), text.str()});
  }
  std::vector<KnowledgeFault> faults;
  Result<KnowledgeBase> knowledge = load_knowledge(files, faults);
  if (!knowledge) return {};
  return std::move(knowledge).value();
}

struct ShippedKnowledge : testing::Test {
  void SetUp() override { ASSERT_TRUE(loaded().has_value()) << "run `osler knowledge check`"; }
  const KnowledgeBase& base() const { return *loaded(); }
  static const std::optional<KnowledgeBase>& loaded() {
    static const std::optional<KnowledgeBase> once = shipped();
    return once;
  }
};

CaseFindings reference_request(const KnowledgeBase& knowledge) {
  CaseFindings findings;
  findings.age_years = 65;
  findings.severity = Severity::severe;
  for (const char* id : {"chest_pain", "dyspnoea", "diaphoresis"}) observe(findings, knowledge.finding_by_id.at(id));
  for (const char* id : {"essential_hypertension", "type_2_diabetes"}) state(findings, knowledge.condition_by_id.at(id));
  return findings;
}

TEST_F(ShippedKnowledge, TheReferenceRequestPutsInfarctionFirstAndNamesItsSymptoms) {
  const Differential differential = Network(base(), {}).diagnose(reference_request(base()), 10, 0.65);
  const RankedCondition& first = differential.suspected.at(0);
  EXPECT_EQ(base().conditions[first.condition].id, "acute_myocardial_infarction");
  for (const char* id : {"chest_pain", "dyspnoea", "diaphoresis"}) {
    const auto named = [&](const Evidence& one) { return one.id == id && one.weight > 0; };
    EXPECT_TRUE(std::any_of(first.evidence.begin(), first.evidence.end(), named)) << id;
  }
  EXPECT_EQ(differential.urgency.urgency, Urgency::emergency);
  EXPECT_EQ(differential.must_not_miss.at(0), first.condition);
  for (const RankedCondition& one : differential.suspected) {
    EXPECT_NE(base().conditions[one.condition].id, "type_2_diabetes");
    EXPECT_NE(base().conditions[one.condition].id, "essential_hypertension");
  }
}

TEST_F(ShippedKnowledge, EveryRedFlagFindsItsIds) {
  EXPECT_EQ(Network(base(), {}).unknown_red_flags(), std::vector<std::string>{});
}

TEST_F(ShippedKnowledge, RandomCasesStayFinite) {
  std::mt19937 random(fresh_seed());
  const Network network(base(), {});
  for (int i = 0; i < 40; ++i) {
    const CaseFindings findings = random_case(random, base(), 25);
    const Posterior posterior = network.posterior(findings);
    EXPECT_TRUE(std::isfinite(posterior.nothing_log_odds) && std::isfinite(posterior.emergency));
    for (const double log_odds : posterior.log_odds) EXPECT_FALSE(std::isnan(log_odds));
    for (const RankedCondition& one : network.diagnose(findings, 3, 0.65).suspected) EXPECT_TRUE(one.confidence >= 0 && one.confidence <= 1);
  }
}

}  // namespace
}  // namespace osler::reasoning
