// What a sentence without a subject of its own speaks about: the complaint before it. "Headache since Monday. It throbs, and
// is worse when I bend."
#pragma once

#include <cstdint>
#include <vector>

#include "language/tokens.h"

namespace osler::language {

/// A part of a sentence that goes on about an earlier mention.
struct Continuation {
  std::uint32_t from = 0, to = 0;  // its own tokens, [from, to)
  std::uint32_t sentence = 0;
};

/// Where a pronoun ("it", "they", "there") stands, or a part of a sentence begins with a word that only describes ("worse when",
/// "radiating to", "crushing"). In the order of the text; each is bounded, so the whole is linear. Thread-safe.
std::vector<Continuation> continuations(const std::vector<Token>& tokens);

/// The continuation with the words of `topic` (positions in `tokens`) in front, as one sentence: the first topic.size() tokens
/// are the topic's, the rest are tokens[from..to).
std::vector<Token> with_topic(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& topic, const Continuation& of);

}  // namespace osler::language
