// What to ask, examine or test next, and what the answer would change: POST /api/v1/next.
#pragma once

#include "base/json.h"
#include "clinical/patient_case.h"
#include "language/case_reader.h"
#include "reasoning/network.h"
#include "service/encoder_stage.h"

namespace osler::service {

/// What the steps are worked out from; all references outlive the call only.
struct NextParts {
  const clinical::KnowledgeBase& knowledge;
  const language::CaseReader& reader;
  const reasoning::Network& network;
  const EncoderStage* encoder;  // null: the network alone
  const clinical::PatientCase& patient;
};

/// The steps as a JSON array, best first: each with how to ask, its gain (nats of weighted entropy per unit of cost), the confidences
/// that a yes and a no would change most, and in which field of a request each answer belongs (null where none takes it). The
/// changes are those of the same request with that answer in it.
Json write_next_steps(const NextParts& parts, std::size_t count);

}  // namespace osler::service
