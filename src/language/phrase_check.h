// What the knowledge loader cannot see: phrases that are the same to the reader, once small words and endings are gone.
#pragma once

#include <string>
#include <vector>

#include "clinical/knowledge.h"

namespace osler::language {

/// Two findings of which a text cannot say which is meant.
struct PhraseClash {
  clinical::FindingIndex first = clinical::kNone, second = clinical::kNone;
  std::string first_phrase, second_phrase;
};

/// In the order of the knowledge base. Findings of kind family clash only among themselves: they are looked for elsewhere.
std::vector<PhraseClash> phrase_clashes(const clinical::KnowledgeBase& knowledge);

}  // namespace osler::language
