// The explanations of one case put to the test: what supports a condition most, as they have it, is taken away first, and the confidence is worked out anew.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "clinical/differential.h"
#include "evaluate/deletion.h"
#include "evaluate/vignettes.h"
#include "language/case_reader.h"
#include "reasoning/network.h"
#include "service/encoder_stage.h"
#include "service/explanation.h"

namespace osler::evaluate {

/// How the confidence of the explained condition changes with the share of parts removed, or added.
struct TestedExplanation {
  std::size_t parts = 0;         // units, or words
  ShareCurve removed{}, added{}; // in the order of the explanation, most supporting first
  ShareCurve at_random{};        // removed, mean of kRandomOrders random orders
};

inline constexpr std::size_t kRandomOrders = 4;

struct ExplainedCase {
  TestedExplanation shap;  // over units
  TestedExplanation lime;  // over words
};

/// Keeps references; every thread may use it.
class ExplanationTester {
 public:
  /// `encoder` may be null: the network alone. `clock`: explanations stop at its deadlines, as when they are served.
  ExplanationTester(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
                    const service::EncoderStage* encoder, const Clock& clock, std::optional<clinical::Setting> default_setting);

  /// Explains the first suspected condition, as `?explain=` does unless told otherwise. A unit that is taken away leaves the network's findings and
  /// the encoder's text (an age leaves the text only, since the network cannot do without; that a history was given stays known). Words become blanks
  /// in the request, which is read anew. What is left is answered like any request: silence counts, where Shapley values take it as not asked.
  /// Random orders are drawn by the seed. ErrorCode::invalid when the case breaks the contract.
  Result<ExplainedCase> run(const Vignette& vignette, unsigned seed) const;

 private:
  struct Patient;
  TestedExplanation test_units(const Patient& patient, unsigned seed) const;
  TestedExplanation test_words(const Patient& patient, unsigned seed) const;
  Json explanation(const Patient& patient, service::ExplanationMethod method) const;
  double confidence(const clinical::CaseFindings& findings, const std::optional<reasoning::EncoderOpinion>& opinion, clinical::ConditionIndex condition) const;

  const clinical::KnowledgeBase& knowledge_;
  const language::CaseReader& reader_;
  const reasoning::Network& network_;
  const service::EncoderStage* encoder_;
  const Clock& clock_;
  std::optional<clinical::Setting> default_setting_;
};

}  // namespace osler::evaluate
