// Which of a finding's phrases is said: one that fits the sentence, the patient and who is speaking.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "train/cases/case_sampler.h"

namespace osler::train {

/// "my chest hurts" or "can't sleep" rather than "chest pain": nothing to put after "I have". By its words, so some are missed.
bool is_clause(std::string_view words);

/// "my chest hurts when i cough" of somebody else: "her chest hurts when she coughs". In words that speak of somebody else already ("screams when you
/// touch his tummy"), that person's sex becomes `sex`.
std::string in_third_person(std::string words, clinical::Sex sex);

/// Whether nothing in the words is of the other sex, or of a baby where the patient is none and has none.
bool could_be_said_of(std::string_view words, const SampledCase& patient);

struct Speaker {
  bool first_person = true;  // the patient; else somebody who speaks of them
  double lay = 0.5;          // share of lay phrases
  double misspelling = 0;    // of long words
};

/// Phrases for one case. A finding that is told again gets other words where it has others. Not thread-safe; the referents outlive it.
class Wording {
 public:
  Wording(const clinical::KnowledgeBase& knowledge, const SampledCase& patient, Speaker speaker, Random& random)
      : knowledge_(knowledge), patient_(patient), speaker_(speaker), random_(random) {}

  /// As a noun where the sentence needs one; the finding's name where no phrase will do.
  std::string of(clinical::FindingIndex finding, bool noun);

 private:
  bool fits(std::string_view words, bool noun) const;

  const clinical::KnowledgeBase& knowledge_;
  const SampledCase& patient_;
  const Speaker speaker_;
  Random& random_;
  std::set<std::string_view> said_;  // of the knowledge base's phrases
};

}  // namespace osler::train
