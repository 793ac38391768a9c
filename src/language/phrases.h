// The phrases of the knowledge base, and finding them in text: content words in any order within a small window.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "language/tokens.h"

namespace osler::language {

enum class TargetKind { finding, denied, condition };

/// What a phrase means. `denied` is the absence of a finding stated outright ("neck supple").
struct PhraseTarget {
  TargetKind kind = TargetKind::finding;
  std::uint32_t index = 0;  // FindingIndex or ConditionIndex
  bool operator==(const PhraseTarget&) const = default;
};

struct PhraseMatch {
  PhraseTarget target;
  std::vector<std::uint32_t> tokens;  // the matched ones, ascending
  std::uint32_t gaps = 0;             // content words in between that the phrase does not have
  std::uint32_t synonyms = 0;         // words of the text that are not the phrase's own but mean the same
  bool in_order = true;               // the words stand in the phrase's order
  bool coordinated = false;           // "nausea and vomiting": names two things, so it hides neither
};

/// Every word.
std::vector<const Token*> all_words(const std::vector<Token>& tokens);
/// The words of a phrase that a text must have: all but small ones, or all but articles where fewer than two would remain.
std::vector<const Token*> phrase_words(const std::vector<Token>& tokens);

/// Whether a phrase of the knowledge base is exact, and what it is without the mark.
inline bool is_exact_phrase(std::string_view phrase) { return phrase.starts_with('='); }
inline std::string_view plain_phrase(std::string_view phrase) { return is_exact_phrase(phrase) ? phrase.substr(1) : phrase; }

/// Words -> ids, and phrases by their rarest word. Build with add() and then seal(); immutable and thread-safe after.
class PhraseBook {
 public:
  /// Phrases of which only stop words remain are ignored. A later phrase with the same words and target changes nothing. One
  /// written with a leading "=" is exact: all its words, small ones too, in this order with nothing in between.
  void add(std::string_view phrase, PhraseTarget target);
  /// A phrase made by machine: `tight`, no other content word inside ("raised troponin"), and dropped where a written phrase
  /// already has these words.
  void add_tight(const std::vector<Token>& phrase, PhraseTarget target);
  void seal();

  /// How many phrases have the word.
  std::uint32_t uses(std::uint32_t word) const { return word == kUnknownWord ? 0 : uses_[word]; }

  std::size_t phrase_count() const { return phrases_.size(); }
  std::size_t word_count() const { return words_.size(); }
  /// kUnknownWord when neither the word nor a synonym of it is in a phrase.
  std::uint32_t word_id(const std::string& key) const;
  /// The id that all synonyms of a word share (synonyms.h).
  std::uint32_t shared_id(std::uint32_t word) const { return word == kUnknownWord ? word : shared_[word]; }
  const std::unordered_map<std::string, std::uint32_t>& words() const { return words_; }

  /// All matches, also those inside each other; `tokens` have their ids. Bounded work for each token.
  std::vector<PhraseMatch> match(const std::vector<Token>& tokens) const;

 private:
  struct Phrase {
    PhraseTarget target;
    std::uint32_t first = 0, count = 0;  // its words in words_of_phrases_
    std::uint64_t bloom = 0;             // of all words, for a quick no
    bool coordinated = false;            // has "and" or "or" inside
    bool shared_head = false;            // two words, one of them "pain" or alike: "pain in the chest and back"
    bool shared_modifier = false;        // two words, the first "urinary" or alike: "urinary frequency and urgency"
    bool tight = false;
    bool exact = false;
  };

  struct PhraseWord {
    std::uint32_t shared = 0;  // the id that its synonyms share
    std::uint32_t own = 0;
  };

  enum class Fit { loose, tight, exact };
  void add_tokens(const std::vector<Token>& tokens, PhraseTarget target, Fit fit);
  void match_at(const std::vector<Token>& tokens, std::uint32_t anchor, std::uint64_t nearby,
                std::vector<PhraseMatch>& out) const;
  bool try_phrase(const std::vector<Token>& tokens, std::uint32_t anchor, const Phrase& phrase, PhraseMatch& match) const;

  std::uint32_t intern(const std::string& key);
  /// Whether the book has no phrase of these words and this target, nor, for one made by machine, any written one of these words.
  bool is_new(const std::vector<std::uint32_t>& words, PhraseTarget target, Fit fit);
  std::span<const PhraseWord> words_of(const Phrase& phrase) const { return std::span(words_of_phrases_).subspan(phrase.first, phrase.count); }

  std::unordered_map<std::string, std::uint32_t> words_;
  std::vector<std::uint32_t> shared_;                    // word id -> the id its synonyms share
  std::vector<std::uint32_t> uses_;                      // word id -> number of phrases that have it
  std::vector<Phrase> phrases_;
  std::vector<PhraseWord> words_of_phrases_;             // of one phrase after the other, in its order
  std::vector<std::vector<std::uint32_t>> by_rarest_;    // word id -> phrases anchored at it
  std::unordered_multimap<std::u32string, PhraseTarget> targets_;  // while building: a phrase's words, sorted -> what they mean
};

}  // namespace osler::language
