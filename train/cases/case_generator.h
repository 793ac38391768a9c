// Cases without end from the knowledge base, for training: case number i of a seed is always the same, on every machine and in any
// order. What they cannot teach: text from a generator is not text from a ward. The wordings are the knowledge base's own, the
// sentences around them a few dozen patterns, and a finding nobody listed never comes up.
#pragma once

#include "base/json.h"
#include "train/cases/voice.h"

namespace osler::train {

struct GeneratedCase {
  clinical::ConditionIndex condition = clinical::kNone;
  Voice voice = Voice::own_words;
  WordedCase words;
};

/// Immutable after construction, so every thread may generate; keeps a reference to the knowledge base.
class CaseGenerator {
 public:
  CaseGenerator(const clinical::KnowledgeBase& knowledge, std::uint64_t seed, double flattening);

  GeneratedCase make(std::uint64_t index) const;
  /// Another patient with that condition, for contrast.
  GeneratedCase make_of(clinical::ConditionIndex condition, std::uint64_t index) const;

 private:
  GeneratedCase word(clinical::ConditionIndex condition, Random& random) const;

  const clinical::KnowledgeBase& knowledge_;
  std::uint64_t seed_;
  CaseSampler sampler_;
};

/// The case as a request of the API, and beside it what is true of it: "condition", "voice" and "spans".
Json write_generated(const clinical::KnowledgeBase& knowledge, const GeneratedCase& generated);

}  // namespace osler::train
