// First stage: any bytes to plain lower-case text that remembers where each byte came from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace osler::language {

/// NFKC and case folding for each code point, accents dropped (Ménière = meniere), typographic quotes, hyphens, fractions
/// and superscripts made plain, micro sign as `u`, ligatures (œ) spelled out. Invalid UTF-8 becomes a
/// blank. A line break stays one; every other white space is a blank.
struct NormalText {
  std::string text;
  std::vector<std::uint32_t> begins;  // for each byte of `text`: first byte of its source code point
  std::vector<std::uint32_t> ends;    // ... and one past its last
};

/// Never fails; linear time. Thread-safe. Sources beyond 4 GiB are not supported (limits.h bounds them far below).
NormalText normalise(std::string_view source);

}  // namespace osler::language
