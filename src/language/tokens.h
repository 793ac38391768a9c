// Second stage: normalised text to words, numbers and punctuation, in sentences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "language/normalise.h"

namespace osler::language {

enum class TokenKind { word, number, punctuation };

/// Not a word of any phrase.
inline constexpr std::uint32_t kUnknownWord = 0xffffffffu;

struct Token {
  TokenKind kind = TokenKind::word;
  std::string text;                    // normalised, abbreviations spelled out
  std::string key;                     // stem of a word; canonical "not" and "cannot" for their contractions
  std::uint32_t id = kUnknownWord;     // in the lexicon, shared with its synonyms; filled in by the reader
  std::uint32_t own_id = kUnknownWord; // of `key` alone
  std::uint32_t classes = 0;           // WordClass bits
  double value = 0;                    // of a number
  std::size_t begin = 0, end = 0;      // bytes of the source
  std::size_t normal_begin = 0, normal_end = 0;  // bytes of the normalised text
  std::uint32_t sentence = 0;

  bool is(std::uint32_t bits) const { return (classes & bits) != 0; }
};

struct TokenisedText {
  NormalText normal;
  std::vector<Token> tokens;
};

/// Words keep inner apostrophes, hyphens separate ("right-sided" is two words), digits after letters stay ("spo2"), letters
/// after digits part ("38c"). Abbreviations and fixed rewrites are already spelled out (abbreviations.h): the spelled-out words
/// share the span of what was written. Linear time. Thread-safe.
TokenisedText tokenise(std::string_view source);

}  // namespace osler::language
