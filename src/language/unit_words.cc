#include "language/unit_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace osler::language {

namespace {

using Replacement = std::pair<std::string_view, std::string_view>;

/// In this order: longer words before what they contain.
constexpr std::array<Replacement, 41> kReplacements = {{
    {"celsius", "c"}, {"centigrade", "c"}, {"fahrenheit", "f"}, {"percent", "%"}, {"decilitre", "dl"}, {"deciliter", "dl"}, {"millilitre", "ml"}, {"milliliter", "ml"}, {"litre", "l"},
    {"liter", "l"}, {"micromol", "umol"}, {"microgram", "ug"}, {"nanogram", "ng"}, {"picogram", "pg"}, {"milligram", "mg"},
    {"grams", "g"}, {"mcg", "ug"}, {"mcl", "ul"}, {"mmols", "mmol"}, {"beats", ""}, {"breaths", ""}, {"cells", ""},
    {"thousand", "k"}, {"bpm", "/min"}, {"per", "/"}, {"minute", "min"}, {"hour", "h"}, {"hr", "h"}, {"units", "u"}, {"unit", "u"},
    {"iu", "u"}, {"mm3", "ul"}, {"cumm", "ul"}, {"degrees", ""},
    {"degree", ""}, {"deg", ""}, {"\xC2\xB0", ""}, {"mg%", "mg/dl"}, {"gm/", "g/"}, {"k/ul", "103/ul"}, {"109/l", "103/ul"},
}};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
}

}  // namespace

std::string canonical_unit(std::string_view unit) {
  if (unit == "Cel") return "c";
  std::string text;
  bool annotation = false;
  for (const char c : unit) {
    if (c == '{') annotation = true;
    const bool dropped = annotation || c == ' ' || c == '^' || c == '*' || c == '[' || c == ']' || c == '(' || c == ')' || c == '.';
    if (!dropped) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (c == '}') annotation = false;
  }
  if (text.size() > 2 && text.starts_with("x1")) text.erase(0, 1);
  for (const auto& [from, to] : kReplacements) replace_all(text, from, to);
  if (text.starts_with("ml/min")) return "ml/min";
  return text;
}

bool looks_like_unit(std::string_view word) {
  static constexpr std::array<std::string_view, 18> kUnits = {"mg", "g", "ng", "pg", "ug", "mcg", "mmol", "umol", "nmol", "pmol", "meq",
                                                              "u", "iu", "miu", "mu", "units", "kpa", "fl"};
  return std::find(kUnits.begin(), kUnits.end(), word.substr(0, word.find('/'))) != kUnits.end();
}

}  // namespace osler::language
