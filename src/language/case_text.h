// A case as plain English for an encoder that reads text: one short sentence for each thing that the caller said. Missing labs or
// history simply leave their sentence out. The trainer and the server share this, so a trained encoder sees what it learned on.
#pragma once

#include <string>
#include <vector>

#include "clinical/findings.h"

namespace osler::language {

/// One thing said: a symptom, a lab, an item of history, a sentence of the narrative. `span` is where the request said it (begin and
/// end only for texts); the words of the caller begin at `quoted` of `text` ("no " goes before an absent finding), or, where it is
/// text.size(), the unit has none of them.
struct CaseTextUnit {
  clinical::TextSpan span;
  std::string text;
  std::size_t quoted = 0;
};

/// The units in the order they are read, the complaint first and the narrative last, so that what a length limit cuts is the end of
/// the story. Items of a list are sorted, so that their order in the request changes nothing. `quantities` are the graded measurements of this case; those read from its texts are left to the texts. Thread-safe.
std::vector<CaseTextUnit> case_text_units(const clinical::KnowledgeBase& knowledge, const clinical::PatientCase& patient,
                                          const std::vector<clinical::ObservedQuantity>& quantities);

/// Sentences of a text as (begin, end) bytes: ended by a full stop, question or exclamation mark before white space, a semicolon, or
/// a line break. Together they cover every word. Thread-safe.
std::vector<std::pair<std::size_t, std::size_t>> sentences_of(std::string_view text);

}  // namespace osler::language
