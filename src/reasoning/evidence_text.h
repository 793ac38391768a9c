// Evidence in the words of a clinician.
#pragma once

#include "clinical/differential.h"

namespace osler::reasoning {

/// "chest pain", "sweating (diaphoresis)" with the caller's own words where they differ, "no fever".
clinical::Evidence finding_evidence(const clinical::KnowledgeBase& knowledge, const clinical::ObservedFinding& observed);

/// "troponin 2.1 ng/mL (markedly high)"
clinical::Evidence quantity_evidence(const clinical::KnowledgeBase& knowledge, const clinical::ObservedQuantity& observed);

/// "hypertension in the history"
clinical::Evidence history_evidence(const clinical::KnowledgeBase& knowledge, const clinical::StatedCondition& stated);

/// "age 65", "age 4 months"
clinical::Evidence age_evidence(double age_years);

/// "for 3 days", "for 2 hours"
clinical::Evidence duration_evidence(double days);

/// Anything without an id: "female", "severe", "sudden onset".
clinical::Evidence plain_evidence(std::string text, std::string source, clinical::CaseField field);

/// "cough not mentioned"
clinical::Evidence silence_evidence(const clinical::KnowledgeBase& knowledge, clinical::FindingIndex finding);

}  // namespace osler::reasoning
