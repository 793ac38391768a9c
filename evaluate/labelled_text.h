// Sentences with marked findings, and how well reading finds them: docs/evaluation.md, "Reading text".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "language/case_reader.h"

namespace osler::evaluate {

/// One marked place: {words|finding_id absent past uncertain relative}.
struct Label {
  std::string finding;
  bool absent = false, past = false, uncertain = false, relative = false;
  std::size_t begin = 0, end = 0;  // bytes of the sentence without its marks
};

struct LabelledSentence {
  std::string file;
  int line = 0;
  double age_years = 40;
  std::string text;
  std::vector<Label> labels;
};

/// One sentence a line; `#` begins a comment line, `age: 7` sets the age from there on. ErrorCode::malformed with file and line for a
/// broken mark, an unknown attribute, or a finding that the knowledge base lacks.
Result<std::vector<LabelledSentence>> parse_labelled_text(const std::string& file, const std::string& content,
                                                          const clinical::KnowledgeBase& knowledge);

struct Count {
  std::size_t right = 0, wanted = 0;  // of those wanted, how many were found
  std::size_t sound = 0, found = 0;   // of those found, how many were wanted
  double precision() const { return found == 0 ? 1 : static_cast<double>(sound) / static_cast<double>(found); }
  double recall() const { return wanted == 0 ? 1 : static_cast<double>(right) / static_cast<double>(wanted); }
};

struct TextScores {
  std::size_t sentences = 0;
  Count findings;                          // same finding at an overlapping place
  Count in_general;                        // the same, a more general or a more specific finding at an overlapping place
  Count present, absent;                   // of the findings that were found: polarity
  Count past, uncertain, relative;         // likewise: time, doubt, subject
  std::vector<std::string> faults;         // "file:line: missed cough", for people
};

TextScores score_texts(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader,
                       const std::vector<LabelledSentence>& sentences);

Json text_scores_json(const TextScores& scores);
std::string text_scores_text(const TextScores& scores);

}  // namespace osler::evaluate
