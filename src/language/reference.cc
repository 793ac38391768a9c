#include "language/reference.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "language/word_classes.h"

namespace osler::language {

namespace {

constexpr std::uint32_t kReach = 14;  // tokens of a continuation

bool is_pronoun(const Token& token) {
  static const std::unordered_set<std::string_view> kPronouns = {"it", "it's", "its", "they", "they're", "there", "them", "this", "these", "that"};
  return kPronouns.contains(token.text);
}

/// Words that begin a description without its subject.
bool only_describes(const Token& token) {
  static const std::unordered_set<std::string_view> kWords = {
      "worse", "worst", "better", "radiates", "radiating", "radiated", "relieved", "eased", "eases", "easing", "aggravated", "exacerbated",
      "spreads", "spreading", "goes", "going", "comes", "coming", "moves", "moving", "moved", "sharp", "dull", "crushing", "burning", "throbbing",
      "throbs", "stabbing", "cramping", "crampy", "colicky", "squeezing", "gripping", "tight", "heavy", "shooting", "mainly", "mostly",
      "usually", "brought", "precipitated", "triggered", "provoked", "made", "builds", "pulsating", "itchy", "painful", "painless", "tender",
      "hot", "red", "swollen", "hurts", "bleeds", "bleeding", "localised", "localized", "unilateral", "bilateral", "wakes",
      "waking", "lasting", "sudden", "came", "started", "constant", "intermittent", "pleuritic", "exertional", "positional"};
  return kWords.contains(token.text);
}

bool ends(const Token& token, std::uint32_t sentence) {
  return token.sentence != sentence || token.text == ";" || token.text == "." || token.is(kContrast);
}

}  // namespace

std::vector<Continuation> continuations(const std::vector<Token>& tokens) {
  std::vector<Continuation> found;
  for (std::uint32_t at = 0; at < tokens.size(); ++at) {
    const bool begins = at == 0 || tokens[at - 1].sentence != tokens[at].sentence || tokens[at - 1].text == "," || tokens[at - 1].text == ";" ||
                        tokens[at - 1].text == "." || tokens[at - 1].is(kCoordination | kContrast);
    const bool pronoun = is_pronoun(tokens[at]);
    if (!pronoun && !(begins && only_describes(tokens[at]))) continue;
    Continuation part{pronoun ? at + 1 : at, at + 1, tokens[at].sentence};
    while (part.to < tokens.size() && part.to < at + kReach && !ends(tokens[part.to], part.sentence)) ++part.to;
    if (part.from < part.to) found.push_back(part);
  }
  return found;
}

std::vector<Token> with_topic(const std::vector<Token>& tokens, const std::vector<std::uint32_t>& topic, const Continuation& of) {
  std::vector<Token> text;
  text.reserve(topic.size() + of.to - of.from);
  for (const std::uint32_t at : topic) text.push_back(tokens[at]);
  text.insert(text.end(), tokens.begin() + of.from, tokens.begin() + of.to);
  for (Token& token : text) token.sentence = 0;
  return text;
}

}  // namespace osler::language
