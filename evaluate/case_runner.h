// One vignette through the product, and why it failed if it did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "clinical/patient_case.h"
#include "evaluate/scoring.h"
#include "evaluate/vignettes.h"
#include "language/case_reader.h"
#include "reasoning/network.h"
#include "service/encoder_stage.h"

namespace osler::evaluate {

/// Why the right diagnosis is not first.
enum class Failure {
  none,
  not_known,       // the knowledge base has no such condition
  excluded,        // a hard limit of age, sex or pregnancy, or a chronic condition that the case states as known
  not_understood,  // nothing that was understood speaks for it
  outranked        // others fit what was understood better
};
const char* name_of(Failure failure);

struct CaseOutcome {
  ScoredCase scored;
  Failure failure = Failure::none;
  std::string first;                       // name of the first suspected condition
  std::vector<std::string> why;            // outranked: what speaks more for the first than for the right one
  double reading_ms = 0, reasoning_ms = 0; // wall time; the network without evidence texts, the encoder where there is one
  bool nothing_found = false;              // the network was given no finding
  std::vector<std::string> not_understood; // texts of the case of which nothing was understood
};

/// Keeps references; every thread may use it.
class CaseRunner {
 public:
  /// `encoder` may be null: the network alone.
  CaseRunner(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
             const service::EncoderStage* encoder, std::optional<clinical::Setting> default_setting);

  /// Read exactly as the server reads a request. ErrorCode::invalid when the case breaks the contract.
  Result<CaseOutcome> run(const Vignette& vignette) const;

 private:
  void explain(const clinical::CaseFindings& findings, std::size_t right, const reasoning::EncoderOpinion* opinion,
               CaseOutcome& outcome) const;

  const clinical::KnowledgeBase& knowledge_;
  const language::CaseReader& reader_;
  const reasoning::Network& network_;
  const service::EncoderStage* encoder_;
  std::optional<clinical::Setting> default_setting_;
  SystemClock clock_;
};

/// The request of a vignette as a case in this setting where it names none. ErrorCode::invalid.
Result<clinical::PatientCase> patient_of(const Vignette& vignette, std::optional<clinical::Setting> default_setting);

}  // namespace osler::evaluate
