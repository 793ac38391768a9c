// What the small words do: one table of word -> classes, used by every stage.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace osler::language {

/// Classes of a word as bits; a word may have several.
enum WordClass : std::uint32_t {
  kStop = 1u << 0,            // carries no meaning in a phrase ("of", "my", "is")
  kArticle = 1u << 1,         // dropped even from phrases that are otherwise kept whole
  kNegation = 1u << 2,        // "no", "denies", "without": what follows is absent
  kInability = 1u << 3,       // "can't", "unable": not an absence of what follows
  kCoordination = 1u << 4,    // "and", "or", "nor"
  kContrast = 1u << 5,        // "but", "however": ends every scope
  kReason = 1u << 6,          // "because", "since": ends a negation
  kReport = 1u << 7,          // "has", "complains", "developed": a new statement about the subject
  kPronoun = 1u << 8,         // "i", "he", "she", "they", "patient": the subject
  kRelative = 1u << 9,        // "mother", "father"
  kInformant = 1u << 10,      // "says", "noticed": a relative before it is the informant, not the subject
  kUncertain = 1u << 11,      // "possible", "suspected"
  kPast = 1u << 12,           // "previous", "prior"
  kNow = 1u << 13,            // "presents", "today", "currently": ends a scope of the past
  kSharedHead = 1u << 14,     // "pain": "pain in the chest and back" is two pains
  kSite = 1u << 15,           // "chest", "left": what may stand between a shared head and its site
  kLight = 1u << 16,          // "severe", "constant": free as a gap inside a phrase
  kGoneAfter = 1u << 17,      // "absent", "denied", "negative" after what they deny
  kResolved = 1u << 18,       // "resolved" after a symptom: past
  kEvent = 1u << 19,          // "surgery", "returned": a time nearby belongs to it, not to the illness
  kSharedModifier = 1u << 21,  // "urinary": "urinary frequency and urgency" is two findings
  kNegatesOne = 1u << 22,      // the "no" inside "afebrile": denies what it is spelled out as alone
  kBegin = 1u << 20,          // "started", "began", "onset"
};

/// Whether `text` is one of a few words that a rule names itself.
inline bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Classes of a normalised word as written; 0 when it has none. Thread-safe.
std::uint32_t word_classes(std::string_view word);

/// Count meant by a word ("two", "several", "a couple" by its noun); 0 when none.
double number_word(std::string_view word);

/// Days in one unit of time named by the word ("week", "hrs", "d"); 0 when it names none.
double time_unit_days(std::string_view word);

}  // namespace osler::language
