// Why a condition stands where it stands: Shapley values over the units of a case, or LIME over its words (docs/adr/0015). For
// `?explain=shap|lime` of POST /api/v1/diagnose.
#pragma once

#include <span>

#include "base/clock.h"
#include "base/json.h"
#include "clinical/differential.h"
#include "language/case_reader.h"
#include "reasoning/attribution.h"
#include "reasoning/network.h"
#include "service/diagnose.h"
#include "service/encoder_stage.h"

namespace osler::service {

/// What an explanation is worked out from; all references outlive the call only.
struct ExplanationParts {
  const clinical::KnowledgeBase& knowledge;
  const language::CaseReader& reader;
  const reasoning::Network& network;
  const EncoderStage* encoder;              // null: the network alone
  const clinical::PatientCase& patient;
  const language::CaseReading& reading;
  const Clock& clock;
  reasoning::EvaluationCounts* counts = nullptr;  // where it says what its estimates cost, or is told what they did cost
};

/// Of one condition. The values are changes of its calibrated log-odds, before any limit of the confidence:
/// {"method", "condition", "condition_id", "with_none", "with_all", "exact", "evaluations",
///  shap: "largest_standard_error", "units": [{"field", "item", "begin", "end", "text", "value", "standard_error"}],
///  lime: "fidelity", "words": [the same without standard_error]}, the largest first. Shapley values take about 300 ms where they are estimated, LIME
/// at most a second; what more time would have given shows in the standard errors and the fidelity.
Json explain(const ExplanationParts& parts, clinical::ConditionIndex condition, ExplanationMethod method);

/// The patient with blanks at these places of its texts (bytes, as LIME hides words); a text that is left empty stays and says nothing.
clinical::PatientCase without_texts(clinical::PatientCase patient, std::span<const clinical::TextSpan> places);

}  // namespace osler::service
