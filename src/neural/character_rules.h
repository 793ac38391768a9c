// What BERT's reference (google-research/bert tokenization.py) says about single characters and about the normal form of a word.
// Categories and decompositions are those of the ICU in use.
#pragma once

#include <cstdint>
#include <vector>

#include "neural/word_reader.h"

namespace osler::neural {

enum class AsciiKind : std::uint8_t { kept, punctuation, white_space, dropped };

/// `code` below 0x80.
constexpr AsciiKind ascii_kind_of(char32_t code) {
  if (code == ' ' || code == '\t' || code == '\n' || code == '\r') return AsciiKind::white_space;
  if (code < 0x20 || code == 0x7f) return AsciiKind::dropped;
  const bool alphanumeric = (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
  return alphanumeric ? AsciiKind::kept : AsciiKind::punctuation;
}

// The same for every character.
/// A blank, a tab, a line break, Zs, and U+2028 and U+2029 (at which Python's split() parts too).
bool is_white_space(char32_t code);
/// U+0000, U+FFFD, Cc and Cf; tab, line feed and carriage return are white space instead.
bool is_dropped(char32_t code);
/// ASCII other than letters, digits and blanks; Unicode P*.
bool is_punctuation(char32_t code);
/// The blocks of CJK ideographs; not kana, not Hangul.
bool is_chinese(char32_t code);

/// Lower case of each character, with the two rules beyond single characters that Unicode has outside of languages: the final
/// sigma and the dotted I.
void lower_case(std::vector<SourceCharacter>& characters);

/// Canonical decomposition (NFD), then without non-spacing marks (Mn).
void strip_accents(std::vector<SourceCharacter>& characters);

}  // namespace osler::neural
