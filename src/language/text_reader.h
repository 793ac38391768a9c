// One text to what it says: findings with their context, diseases, and the words left over. The lexicon lives here.
#pragma once

#include <string_view>
#include <vector>

#include "clinical/knowledge.h"
#include "language/before_mention.h"
#include "language/context.h"
#include "language/phrases.h"
#include "language/reference.h"
#include "language/spelling.h"
#include "language/tokens.h"

namespace osler::language {

/// A phrase of the knowledge base in the text, with what the text says of it.
struct Reading {
  PhraseTarget target;
  TokenContext context;
  bool absent = false;              // negated, denied afterwards, or a phrase that states the absence
  bool denies_list = false;         // "... and chills were denied": the list before it too
  bool never_before = false;        // "no previous chest pain": says nothing of today
  Contact contact = Contact::none;  // after "contact with"
  bool names_relative = false;      // the phrase itself has the relative ("my son has been ill")
  std::vector<std::uint32_t> tokens;
  std::size_t begin = 0, end = 0;   // bytes of the source
};

struct TextReading {
  TokenisedText text;
  std::vector<TokenContext> contexts;   // for each token
  std::vector<Reading> readings;        // sorted by begin; nothing inside a longer match of its kind
};

/// Words that mean one thing in a woman, a man or an infant say nothing of that in others.
bool can_mean(const clinical::Limits& limits, const PatientView& patient);

/// Immutable after construction and thread-safe. Keeps a reference to the knowledge base.
class TextReader {
 public:
  explicit TextReader(const clinical::KnowledgeBase& knowledge);

  /// `about_relatives`: the text is an item of family_history.
  TextReading read(std::string_view source, bool about_relatives, const PatientView& patient = {}) const;

  const PhraseBook& phrases() const { return phrases_; }

 private:
  void add_findings();
  void add_conditions();
  void add_quantities();
  void add_quantity(const clinical::Quantity& quantity, std::vector<Token> phrase);
  void identify_words(std::vector<Token>& tokens) const;
  bool is_family(const PhraseTarget& target) const;
  bool is_ancestor(const PhraseTarget& ancestor, const PhraseTarget& of) const;
  bool states_more(const PhraseMatch& match, const PhraseMatch& longer) const;
  std::vector<PhraseMatch> select(std::vector<PhraseMatch> matches, const std::vector<Token>& tokens,
                                  const std::vector<TokenContext>& contexts, const PatientView& patient) const;
  void add_carried(TextReading& reading, const PatientView& patient) const;
  std::vector<std::size_t> topics_before(const TextReading& reading, const Continuation& part) const;
  void match_carried(const TextReading& reading, const Reading& topic, const Continuation& part, const std::vector<bool>& read,
                     std::vector<PhraseMatch>& out) const;
  void deny_lists(std::vector<Reading>& readings, const std::vector<Token>& tokens) const;
  static void end_last(std::vector<Reading>& readings, const std::vector<Token>& tokens, std::size_t pronoun);
  Reading to_reading(PhraseMatch match, const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts) const;

  const clinical::KnowledgeBase& knowledge_;
  PhraseBook phrases_;
  SpellingIndex spelling_;
};

}  // namespace osler::language
