// Text to findings, for callers who want to see or correct what a text was taken to say: POST /api/v1/findings.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "language/case_reader.h"

namespace osler::service {

/// An empty object with room for so many members: an answer has thousands, and growing moves all that are there.
Json object_of(std::size_t members);

/// The places of a text that mean something, as `understood` of an answer has them.
Json write_mentions(const clinical::KnowledgeBase& knowledge, const std::vector<language::Mention>& mentions);

/// Warnings as every answer has them.
Json write_warnings(const std::vector<clinical::CaseWarning>& warnings);

/// Reads `text` of the request {"text", "age", "sex"} as a narrative. Age and sex only grade measurements; without an age the
/// text's own counts, else that of an adult (30) with the warning `age_unknown`. ErrorCode::malformed or invalid.
Result<Json> answer_findings(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader, std::string_view body);

}  // namespace osler::service
