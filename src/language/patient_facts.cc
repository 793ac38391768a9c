#include "language/patient_facts.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "language/word_classes.h"

namespace osler::language {

using clinical::Sex;

namespace {

std::string_view text_at(const std::vector<Token>& tokens, std::size_t at) {
  return at < tokens.size() ? std::string_view(tokens[at].text) : std::string_view{};
}

std::optional<Sex> sex_word(std::string_view word) {
  if (one_of(word, {"man", "male", "gentleman", "boy", "m"})) return Sex::male;
  if (one_of(word, {"woman", "female", "lady", "girl", "f"})) return Sex::female;
  return std::nullopt;
}

bool is_gravida(std::string_view word) {
  return word.size() >= 4 && word[0] == 'g' && word[1] >= '1' && word[1] <= '9' && word.find('p') != std::string_view::npos &&
         word.size() <= 7;
}

}  // namespace

std::optional<bool> read_pregnancy(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts) {
  bool gravida = false;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const TokenContext& context = contexts[at];
    if (context.relative || context.uncertain || context.past) continue;
    const std::string_view word = text_at(tokens, at), next = text_at(tokens, at + 1), second = text_at(tokens, at + 2);
    gravida = gravida || is_gravida(word) || word == "gravida";
    if (word == "pregnancy" && next == "test" && one_of(second, {"negative", "positive"})) return second == "positive";
    if (word == "negative" && next == "pregnancy" && second == "test") return false;
    if (word == "positive" && next == "pregnancy" && second == "test") return true;
    if (word == "pregnant" && !one_of(text_at(tokens, at - 1), {"become", "becoming", "get", "getting", "be", "be-"})) return !context.negated;
    const bool week = one_of(word, {"weeks", "wks", "week", "weeks'", "week's"}) && at > 0 && tokens[at - 1].kind == TokenKind::number;
    if (week && (one_of(next, {"gestation", "pregnant", "gestational", "'"}) || (next == "of" && one_of(second, {"gestation", "pregnancy"}))))
      return true;
    if (week && at > 1 && one_of(text_at(tokens, at - 2), {"i'm", "im", "am"}) && tokens[at - 1].value >= 4 && tokens[at - 1].value <= 43 &&
        (next.empty() || one_of(next, {",", ".", "and", "with", "now", "today"})))  // not "I'm 6 weeks post-op"
      return true;
    if (week && gravida && at > 1 && text_at(tokens, at - 2) == "at") return true;
    const bool fraction = word == "/" && at > 0 && tokens[at - 1].kind == TokenKind::number && next == "40" && tokens[at - 1].value >= 4 &&
                          tokens[at - 1].value <= 42;
    if (fraction && (gravida || one_of(text_at(tokens, at - 2), {"at"}) || one_of(second, {"pregnant", "gestation"}))) return true;
  }
  return std::nullopt;
}

std::optional<Sex> read_sex(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts) {
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (contexts[at].relative) continue;
    const std::optional<Sex> sex = sex_word(tokens[at].text);
    if (!sex) continue;
    const std::string_view word = tokens[at].text;
    const bool letter = word.size() == 1;
    for (std::size_t back = 1; back <= (letter ? 2u : 6u) && back <= at; ++back) {
      const std::string_view earlier = tokens[at - back].text;
      if (tokens[at - back].sentence != tokens[at].sentence) break;
      const bool age = tokens[at - back].kind == TokenKind::number && tokens[at - back].value <= (letter ? 94 : 120) && (!letter || at <= 4);
      if (one_of(earlier, {"old", "aged", "[age]"}) || (letter && age && back == 1 && tokens[at].normal_begin == tokens[at - 1].normal_end) ||
          (!letter && age && back == 1))
        return sex;
      if (!letter && one_of(earlier, {",", "-"})) continue;
    }
    if (!letter && at <= 2 && one_of(text_at(tokens, at + 1), {"aged", ",", "presents", "with"})) return sex;
  }
  return std::nullopt;
}

std::optional<double> read_age(const std::vector<Token>& tokens, const std::vector<TokenContext>& contexts) {
  constexpr double kDaysOfYear = 365.25, kOldest = 120;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const Token& token = tokens[at];
    if (token.kind != TokenKind::number || contexts[at].relative) continue;
    const std::string_view before = text_at(tokens, at - 1);
    std::size_t after = at + 1;
    while (text_at(tokens, after) == "-") ++after;
    const double unit_days = time_unit_days(text_at(tokens, after));
    std::size_t old = after + 1;
    while (text_at(tokens, old) == "-") ++old;
    double years = -1;
    if (unit_days > 0 && one_of(text_at(tokens, old), {"old", "[age]"})) years = token.value * unit_days / kDaysOfYear;
    else if (text_at(tokens, after) == "[age]" || text_at(tokens, after) == "old") years = token.value;
    else if (before == "aged" || (before == "age" && text_at(tokens, at - 2) != "the")) years = unit_days > 0 ? token.value * unit_days / kDaysOfYear : token.value;
    else if (at <= 1 && one_of(text_at(tokens, after), {"m", "f"}) && after < tokens.size() && tokens[after].normal_begin == token.normal_end)
      years = token.value;
    if (years < 0 || years > kOldest) continue;
    if (unit_days >= 365 && unit_days < 366) years = token.value;  // years are whole
    return years;
  }
  return std::nullopt;
}

}  // namespace osler::language
