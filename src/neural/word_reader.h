// The first half of BERT's tokenisation ("BasicTokenizer" in google-research/bert tokenization.py): a text to its normalised words,
// which the dictionary then cuts to pieces. Each byte of a word knows where it came from.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "neural/word_piece.h"

namespace osler::neural {

/// Bytes of the text as it was given.
struct SourceSpan {
  std::size_t begin = 0, end = 0;
};

/// A code point and the bytes it came from.
struct SourceCharacter {
  char32_t code = 0;
  SourceSpan source{};
  bool begins_word = false;
};

/// Reads one word after the other. The text must outlive it. Not thread-safe; make one for each text.
class WordReader {
 public:
  WordReader(std::string_view text, const WordPieceOptions& options);

  /// False at the end of the text. Words are never empty; punctuation and (with split_chinese) Chinese characters are words of one
  /// character.
  bool next();

  // The word that next() found; valid until the next call.
  std::string_view word() const { return word_; }
  /// For each byte of the word the source of its code point. Neither begins nor ends ever descend. A mark that was stripped is part
  /// of the source of the letter before it.
  std::span<const SourceSpan> sources() const { return sources_; }
  std::size_t characters() const { return characters_; }

 private:
  bool find_chunk();
  void read_ascii_word();
  void read_pending_word();
  void prepare_chunk(std::size_t end);
  void add_to_segment(char32_t code, SourceSpan source);
  void finish_segment();
  void append(const SourceCharacter& character);

  std::string_view text_;
  WordPieceOptions options_;
  std::size_t at_ = 0;
  std::size_t ascii_end_ = 0;                // what lies before it and after at_ is ASCII without white space
  std::vector<SourceCharacter> segment_;     // of a chunk that is not ASCII: what lies between blanks
  std::vector<SourceCharacter> pending_;     // normalised, cut to words, not yet given out
  std::size_t pending_at_ = 0;
  std::string word_;
  std::vector<SourceSpan> sources_;
  std::size_t characters_ = 0;
};

}  // namespace osler::neural
