// WordPiece as BERT defines it (Devlin et al. 2019; the reference is google-research/bert tokenization.py): clean, split at white
// space, punctuation and Chinese characters, optionally lower-case and strip accents, then the longest piece first. Each token knows
// its bytes in the text as it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "neural/piece_trie.h"

namespace osler::neural {

using TokenId = std::int32_t;

class WordReader;

struct WordPieceToken {
  TokenId id = 0;
  // Bytes of the text, of this piece alone; [UNK] covers its word. Accents that were stripped belong to their letter. Neither begins
  // nor ends ever descend, and pieces of one character (of a Hangul syllable, say) share its bytes.
  std::size_t begin = 0, end = 0;
  bool begins_word = true;  // false for a "##" piece
};

struct WordPieceOptions {
  bool lower_case = true;     // uncased models; accents are stripped then, unless told
  bool strip_accents = true;  // only if lower_case
  bool split_chinese = true;
  std::size_t max_word_characters = 100;  // a longer word is [UNK]; what published models' tokenisers have
};

/// Immutable after creation, so every thread may use it.
class WordPiece {
 public:
  /// vocab.txt: one piece a line (LF or CR LF), the line number, from 0, is the id. ErrorCode::corrupted (with the line, from 1) for
  /// a piece that stands twice, an empty line or file, invalid UTF-8, or a missing [PAD], [UNK], [CLS], [SEP]; [MASK] may be missing.
  /// ErrorCode::too_large over limits::kMaxVocabularyBytes or kMaxVocabularyLines.
  static Result<WordPiece> from_vocabulary(std::string_view vocabulary, const WordPieceOptions& options);

  /// Pieces of a text, without [CLS] and [SEP]. Special tokens written in the text are text. Invalid UTF-8 is read as U+FFFD,
  /// which cleaning drops (a hole joins what is left and right of it). Linear in the length of the text, but for
  /// rows of combining marks, which are sorted.
  std::vector<WordPieceToken> encode(std::string_view text) const;

  std::size_t size() const;  // pieces
  std::string_view piece(TokenId id) const;     // as the vocabulary spells it; `id` must be below size()
  TokenId id_of(std::string_view piece) const;  // unknown() if it is not in the vocabulary
  TokenId padding() const;
  TokenId unknown() const;
  TokenId begin() const;      // [CLS]
  TokenId separator() const;  // [SEP]
  TokenId mask() const;       // unknown() if there is none

 private:
  struct Line {
    std::uint32_t begin, size;  // in text_
  };

  WordPiece() = default;
  Result<void> read_lines();
  Result<void> build_tries();
  Result<void> find_special_pieces();
  void add_pieces(const WordReader& reader, std::vector<WordPieceToken>& tokens) const;

  WordPieceOptions options_;
  std::string text_;
  std::vector<Line> lines_;
  PieceTrie beginnings_;     // pieces that begin a word
  PieceTrie continuations_;  // those written with "##", without it
  TokenId padding_ = 0, unknown_ = 0, begin_ = 0, separator_ = 0, mask_ = 0;
};

}  // namespace osler::neural
