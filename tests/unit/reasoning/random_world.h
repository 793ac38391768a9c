// Random knowledge bases and cases, small handmade ones, and renumbered copies of both, for the tests of reasoning.
#pragma once

#include <random>
#include <string>

#include "clinical/findings.h"

namespace osler::reasoning {

/// Is-a trees, groups, quantities that share a finding, chronic conditions with baselines, alternatives, complications,
/// exposures, limits: everything that docs/formats/knowledge.md allows.
clinical::KnowledgeBase random_knowledge(std::mt19937& random, std::size_t conditions, std::size_t findings);

clinical::CaseFindings random_case(std::mt19937& random, const clinical::KnowledgeBase& knowledge, std::size_t observations);

/// The same knowledge with findings, quantities and conditions in another order, and the case that means the same there.
struct Renumbered {
  clinical::KnowledgeBase knowledge;
  clinical::CaseFindings findings;
  std::vector<clinical::ConditionIndex> new_place;  // by old condition index
};
Renumbered renumbered(std::mt19937& random, const clinical::KnowledgeBase& knowledge, const clinical::CaseFindings& findings);

/// Building blocks of handmade knowledge; each returns its index.
clinical::FindingIndex add_finding(clinical::KnowledgeBase& knowledge, const std::string& id, double leak,
                                   clinical::FindingKind kind = clinical::FindingKind::symptom);
clinical::FindingIndex add_child(clinical::KnowledgeBase& knowledge, const std::string& id, clinical::FindingIndex parent, double share);
clinical::QuantityIndex add_quantity(clinical::KnowledgeBase& knowledge, const std::string& id, clinical::FindingIndex high,
                                     clinical::FindingIndex low);
clinical::ConditionIndex add_condition(clinical::KnowledgeBase& knowledge, const std::string& id, double frequency);
void link(clinical::KnowledgeBase& knowledge, clinical::ConditionIndex condition, clinical::FindingIndex finding, double probability);

void observe(clinical::CaseFindings& findings, clinical::FindingIndex finding,
             clinical::Polarity polarity = clinical::Polarity::present);
void measure(clinical::CaseFindings& findings, clinical::QuantityIndex quantity, clinical::Grade grade);
void state(clinical::CaseFindings& findings, clinical::ConditionIndex condition);

}  // namespace osler::reasoning
