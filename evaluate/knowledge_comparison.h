// What is authored beside what others measured: priors against visits, findings against two published collections.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "clinical/knowledge.h"
#include "language/case_reader.h"
#include "reasoning/network.h"

namespace osler::evaluate {

struct ComparisonParts {
  const clinical::KnowledgeBase& knowledge;
  const language::CaseReader& reader;
  const reasoning::Network& network;
  /// Reads a file below the folder of published collections; ErrorCode::not_found.
  std::function<Result<std::string>(const std::string& path)> read;
};

/// Markdown: NAMCS 2018 visits (namcs/), the emergency department's knowledge graph (healthkg/; Rotmensch et al., Sci Rep 2017;
/// 7:5994) and DDXPlus (ddxplus/; Fansi Tchango et al., NeurIPS 2022). ErrorCode::malformed for a file of another shape.
Result<std::string> compare_knowledge(const ComparisonParts& parts);

}  // namespace osler::evaluate
