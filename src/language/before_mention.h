// What the words beside a mention make of it, beyond the scopes of context.h.
#pragma once

#include <cstdint>
#include <vector>

#include "language/tokens.h"

namespace osler::language {

/// Whether a phrase that states an absence is undone: "not passing wind", "cannot keep fluids down". `match`: ascending tokens of the
/// phrase. A phrase with a negation of its own is never undone. Looks back a few tokens only.
bool absence_undone(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& match);

/// Whether one word names what provokes the complaint and not a complaint: the cough of "worse when I cough".
bool only_provokes(const std::vector<Token>& tokens, std::uint32_t at);

/// Whether the words up to `last` are the first part of a thing's name: "headache clinic", "cough sweets".
bool names_a_thing(const std::vector<Token>& tokens, std::uint32_t last);

/// Whose illness a mention after "contact with" is.
enum class Contact {
  none,
  illness,   // "contact with COVID-19": of a disease, not the patient's; of a symptom, unclear
  person,    // "contact with someone who had a rash": another person's
};
Contact contact_before(const std::vector<Token>& tokens, std::uint32_t first);

}  // namespace osler::language
