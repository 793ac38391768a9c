// Whose, when and whether: negation, uncertainty, relatives and the past, for each token of a text.
#pragma once

#include <cstdint>
#include <vector>

#include "language/teller.h"
#include "language/tokens.h"

namespace osler::language {

/// What holds at a token. Rules: docs/language.md.
struct TokenContext {
  bool negated = false;
  bool uncertain = false;
  bool relative = false;  // about a relative, not the patient
  bool past = false;      // not today's problem
  bool is_patient = false;  // names the patient, of whom another tells ("my son")
  bool known = false;     // a disease named here is a diagnosis the patient has or had, not today's question
};

/// `in_phrase`: tokens that a phrase of the knowledge base uses ("won't" of "won't wake up"): they negate nothing else.
/// Of a patient under age "my son" is the patient; other relations as teller.h says. One pass, linear time. Thread-safe.
std::vector<TokenContext> read_context(const std::vector<Token>& tokens, const std::vector<bool>& in_phrase, const PatientView& patient = {});

/// What the words after a mention say of it.
struct AfterMention {
  bool denied = false;     // "fever: no", "rash is absent"
  bool uncertain = false;  // "pneumonia unlikely"
  bool resolved = false;   // "the rash has settled"
  bool whole_list = false; // "cough, fever and chills were denied"
};

/// `last` is the mention's last token.
AfterMention read_after(const std::vector<Token>& tokens, std::size_t last);

/// Whether a pronoun stands at `at` and what it stands for is said to be over: "but that's gone now", "it has settled".
bool says_gone(const std::vector<Token>& tokens, std::size_t at);

}  // namespace osler::language
