// What to ask, examine or test next, and what the answer would change: POST /api/v1/next.
#pragma once

#include "base/json.h"
#include "clinical/findings.h"
#include "reasoning/network.h"

namespace osler::service {

/// The steps as a JSON array, best first: each with how to ask, its gain (nats of weighted entropy per unit of cost), the confidences
/// that a yes and a no would change most, and in which field of a request each answer belongs (null where none takes it).
Json write_next_steps(const clinical::KnowledgeBase& knowledge, const reasoning::Network& network,
                      const clinical::CaseFindings& findings, std::size_t count);

}  // namespace osler::service
