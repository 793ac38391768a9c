// What the page offers while someone types: names and phrases by the beginnings of their words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "clinical/knowledge.h"
#include "language/case_reader.h"

namespace osler::language {

/// The words of all names and phrases, each with the texts that have it. Immutable and thread-safe once built.
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
    std::string text;                  // normalised, British spelling folded
    std::vector<std::uint32_t> words;  // positions in words_
  };
  struct Word {
    std::string text;
    std::vector<std::uint32_t> texts;  // positions in texts_
  };

  void add_entry(CaseReader::Completion completion, std::uint32_t filters);
  void add_text(std::string_view text, bool is_name);
  void add_word(Text& text, std::string_view word);
  void sort_words();
  bool has_all(const Text& text, const std::vector<std::string_view>& wanted) const;

  std::vector<Entry> entries_;
  std::vector<Text> texts_;
  std::vector<Word> words_;
  std::vector<std::uint32_t> sorted_;                         // positions in words_, by their text
  std::unordered_map<std::string, std::uint32_t> positions_;  // while building: of a word in words_
};

}  // namespace osler::language
