// What the page offers while someone types: names and phrases by the beginnings of their words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/knowledge.h"
#include "language/case_reader.h"

namespace osler::language {

/// Sorted words of all names and phrases. Immutable and thread-safe once built.
class CompletionIndex {
 public:
  explicit CompletionIndex(const clinical::KnowledgeBase& knowledge);

  std::vector<CaseReader::Completion> complete(std::string_view typed, std::string_view kind, std::size_t limit) const;

 private:
  struct Entry {
    CaseReader::Completion completion;
    std::uint32_t filters = 0;  // which `kind` arguments it answers
  };
  struct Text {
    std::uint32_t entry = 0;
    bool is_name = false;
    std::string text;                // normalised, British spelling folded
    std::vector<std::string> words;
  };

  void add_entry(CaseReader::Completion completion, std::uint32_t filters);
  void add_text(std::string_view text, bool is_name);

  std::vector<Entry> entries_;
  std::vector<Text> texts_;
  std::vector<std::pair<std::string, std::uint32_t>> words_;  // word -> position in texts_, sorted
};

}  // namespace osler::language
