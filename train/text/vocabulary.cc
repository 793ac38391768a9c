#include "train/text/vocabulary.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

namespace osler::train {

namespace {

constexpr std::size_t kLeastCount = 2;
constexpr std::size_t kShortestPiece = 2, kLongestPiece = 8;

bool is_word_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Pieces that save most: the more words they continue, and the longer they are, the better. The start of a word counts too.
std::vector<std::string> best_pieces(const WordCounts& counts, std::size_t size) {
  std::unordered_map<std::string, double> worth;
  for (const auto& [word, count] : counts) {
    const double weight = 1 + std::log(static_cast<double>(count));
    for (std::size_t at = 0; at < word.size(); ++at)
      for (std::size_t length = kShortestPiece; length <= kLongestPiece && at + length <= word.size(); ++length) {
        const bool ends = at + length == word.size();
        if (at == 0 ? length == word.size() : !ends && length > 4) continue;
        worth[(at == 0 ? "" : "##") + word.substr(at, length)] += weight * static_cast<double>(length - 1) * (ends ? 1.5 : 1);
      }
  }
  std::vector<std::pair<double, std::string>> sorted;
  for (auto& [piece, value] : worth) sorted.emplace_back(-value, piece);
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < std::min(size, sorted.size()); ++i) pieces.push_back(sorted[i].second);
  return pieces;
}

}  // namespace

void count_words(std::string_view text, WordCounts& counts) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? lowered(text[i]) : ' ';
    if (is_word_character(c)) {
      word += c;
    } else if (!word.empty()) {
      ++counts[word];
      word.clear();
    }
  }
}

std::string make_vocabulary(const WordCounts& counts, const std::vector<std::string>& more_words, std::size_t size) {
  std::set<std::string> seen;
  std::string out;
  std::size_t lines = 0;
  const auto add = [&](const std::string& piece) {
    if (lines >= size || !seen.insert(piece).second) return;
    out += piece + "\n";
    ++lines;
  };
  for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) add(special);
  for (char c = '!'; c <= '~'; ++c) {
    if (c >= 'A' && c <= 'Z') continue;
    add(std::string(1, c));
    if (is_word_character(c)) add("##" + std::string(1, c));
  }
  std::vector<std::pair<std::size_t, std::string>> words;
  for (const auto& [word, count] : counts)
    if (count >= kLeastCount) words.emplace_back(count, word);
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  const std::size_t pieces = size / 10;
  for (const auto& [count, word] : words)
    if (lines + pieces < size) add(word);
  for (const std::string& piece : best_pieces(counts, pieces)) add(piece);
  for (const std::string& word : more_words)
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_word_character)) add(word);
  return out;
}

}  // namespace osler::train
