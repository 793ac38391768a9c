// Clinical abbreviations and fixed expressions, spelled out before anything is matched.
#pragma once

#include <vector>

#include "language/tokens.h"

namespace osler::language {

/// Replaces every known sequence ("n/v/d", "sob", "no appetite", "afebrile") by its words, longest first. Each new
/// token spans everything it replaces. Words that mean something else in lower case are left alone.
std::vector<Token> expand_abbreviations(std::vector<Token> tokens);

/// How many rules there are, for the tests.
std::size_t abbreviation_count();

}  // namespace osler::language
