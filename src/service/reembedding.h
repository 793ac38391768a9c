// Stored cases read again by the present model, so that they can be compared with what comes now.
#pragma once

#include <cstdint>
#include <functional>

#include "service/case_answerer.h"
#include "service/similar_case_finder.h"

namespace osler::service {

struct ReembeddingCounts {
  std::uint64_t done = 0;     // stand in the present set now
  std::uint64_t failed = 0;   // could not be opened or read, and stay as they were
  std::uint64_t overtaken = 0;  // removed or changed meanwhile: the next run sees them again
};

/// Called after each case.
using ReembeddingProgress = std::function<void(const ReembeddingCounts&)>;

struct ReembeddingParts {
  const CaseAnswerer& answerer;
  SimilarCaseFinder& finder;
  cases::Store& store;
  const vault::KeySource& keys;
};

/// Cases whose vectors are of another set than answers get now get a vector of this set, and the findings as they are read now; what was suspected and what
/// it turned out to be stay. Page by page, beside servers and beside itself; a run that was cut off is gone on with by the next. Waits for the store and runs the
/// models on this thread. Errors of the store end it.
Result<ReembeddingCounts> reembed(ReembeddingParts parts, const ReembeddingProgress& progress);

}  // namespace osler::service
