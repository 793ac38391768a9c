#include "language/before_mention.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "language/word_classes.h"

namespace osler::language {

namespace {

constexpr std::uint32_t kUndoReach = 4;
constexpr std::uint32_t kProvokeReach = 6;
constexpr std::uint32_t kContactReach = 8;

bool ends_here(const Token& token, const Token& of) {
  return token.sentence != of.sentence || token.is(kContrast | kReason) || one_of(token.text, {",", ";", ":", ".", "then", "now"});
}

bool is_provoked(const Token& token) {
  return one_of(token.key, {"wors", "hurt", "aggravat", "exacerbat", "provok"});
}

}  // namespace

bool absence_undone(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& match) {
  const std::uint32_t first = match.front();
  for (const std::uint32_t at : match)
    if (tokens[at].is(kNegation | kInability)) return false;
  for (std::uint32_t back = 1; back <= kUndoReach && back <= first; ++back) {
    const Token& token = tokens[first - back];
    if (ends_here(token, tokens[first]) || one_of(token.text, {"and", "&"})) return false;
    if (token.key == "not" || token.is(kInability)) return true;
    if (one_of(token.text, {"trouble", "difficulty", "struggle", "struggles", "struggling", "struggled", "hardly", "barely", "stopped"})) return true;
  }
  return false;
}

bool only_provokes(const std::vector<Token>& tokens, std::uint32_t at) {
  if (!one_of(tokens[at].key, {"cough", "sneez"})) return false;
  bool linked = false;  // by "to", "on", "with"
  bool listed = false, other = false;  // "when I walk or cough"; not "when lying cough"
  for (std::uint32_t back = 1; back <= kProvokeReach && back <= at; ++back) {
    const Token& token = tokens[at - back];
    if (ends_here(token, tokens[at])) return false;
    if (one_of(token.text, {"when", "whenever"})) return listed || !other;
    if (token.is(kPronoun) && other && !listed) return false;
    if (linked && is_provoked(token)) return true;
    if (back == 1 && token.is(kPronoun) && (at < 2 || !one_of(tokens[at - 2].text, {"when", "whenever"}))) return false;
    linked = linked || one_of(token.text, {"to", "on", "by", "with"});
    listed = listed || token.is(kCoordination);
    other = other || !token.is(kStop | kPronoun);
  }
  return false;
}

bool names_a_thing(const std::vector<Token>& tokens, std::uint32_t last) {
  return last + 1 < tokens.size() && tokens[last + 1].sentence == tokens[last].sentence &&
         one_of(tokens[last + 1].text, {"clinic", "class", "classes", "sweets", "sweet", "ward", "leaflet", "diary", "specialist", "nurse",
                                        "cream", "lozenges", "lozenge", "charity"});
}

Contact contact_before(const std::vector<Token>& tokens, std::uint32_t first) {
  bool person = false;
  for (std::uint32_t back = 1; back <= kContactReach && back <= first; ++back) {
    const Token& token = tokens[first - back];
    if (ends_here(token, tokens[first]) || one_of(token.text, {"i", "he", "she", "patient"})) return Contact::none;
    person = person || one_of(token.text, {"who", "whose", "someone", "somebody", "anyone", "person", "people"});
    const bool linked = one_of(tokens[first - back + 1].text, {"with", "to", "of"});  // not "contact lens wearer with asthma"
    if (linked && one_of(token.text, {"contact", "contacts", "exposed", "exposure"})) return person ? Contact::person : Contact::illness;
  }
  return Contact::none;
}

}  // namespace osler::language
