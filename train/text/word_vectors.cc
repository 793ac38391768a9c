#include "train/text/word_vectors.h"

#include <charconv>
#include <cmath>
#include <fstream>

namespace osler::train {

namespace {

/// Appends the numbers of a line after its word; false when something there is no number.
bool read_numbers(std::string_view text, std::vector<float>& out) {
  while (!text.empty()) {
    text.remove_prefix(1);
    float number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || !std::isfinite(number)) return false;
    out.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text.front() != ' ') return false;
  }
  return true;
}

}  // namespace

Result<WordVectors> read_word_vectors(const std::string& path) {
  std::ifstream file(path);
  if (!file) return make_error(ErrorCode::not_found, "There are no word vectors at " + path + "; train/word_vectors.mjs makes them.");
  WordVectors vectors;
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t blank = line.find(' ');
    const std::size_t before = vectors.numbers.size();
    const bool fine = blank != std::string::npos && blank > 0 && read_numbers(std::string_view(line).substr(blank), vectors.numbers);
    const std::size_t width = vectors.numbers.size() - before;
    if (!fine || (vectors.width != 0 && width != vectors.width))
      return make_error(ErrorCode::corrupted, path + ", line " + std::to_string(vectors.words.size() + 1) + ": expected a word and as many numbers as on the first line.");
    vectors.width = width;
    vectors.words.push_back(line.substr(0, blank));
    vectors.index.emplace(vectors.words.back(), vectors.words.size() - 1);
  }
  return vectors;
}

}  // namespace osler::train
