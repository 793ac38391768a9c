#include "train/cases/misspelling.h"

#include <array>
#include <cctype>

namespace osler::train {

namespace {

constexpr std::size_t kShortestWord = 5;
constexpr std::array<std::string_view, 3> kRows = {"qwertyuiop", "asdfghjkl", "zxcvbnm"};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

char neighbour(char letter, Random& random) {
  for (const std::string_view row : kRows) {
    const std::size_t at = row.find(letter);
    if (at == std::string_view::npos) continue;
    const bool left = at > 0 && (at + 1 == row.size() || random.chance(0.5));
    return left ? row[at - 1] : row[at + 1];
  }
  return letter;
}

/// One slip after the first letter, where slips are.
std::string slip(std::string word, Random& random) {
  const std::size_t at = 1 + random.below(word.size() - 2);
  switch (random.below(4)) {
    case 0: word.erase(at, 1); break;
    case 1: word.insert(at, 1, word[at]); break;
    case 2: std::swap(word[at], word[at + 1]); break;
    default: word[at] = neighbour(word[at], random);
  }
  return word;
}

}  // namespace

std::string misspelled(std::string_view text, double probability, Random& random) {
  std::string out;
  out.reserve(text.size() + 4);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (word.size() >= kShortestWord && random.chance(probability)) out += slip(std::string(word), random);
    else out += word;
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

}  // namespace osler::train
