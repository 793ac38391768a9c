// Misspelled words: the word of the knowledge base one edit away.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace osler::language {

inline constexpr std::size_t kMinCorrectedLetters = 6;

/// Insertion, deletion, substitution or swap of neighbours: at most one of them apart.
bool within_one_edit(std::string_view a, std::string_view b);

/// Words indexed by themselves and all their one-letter deletions, so a look-up costs the word's length. Immutable and
/// thread-safe once built.
class SpellingIndex {
 public:
  /// Words shorter than kMinCorrectedLetters are not indexed.
  void add(std::string_view word, std::uint32_t id);
  /// After the last add().
  void seal();

  /// The id of the one word that begins with the same letter and lies within one edit; none when there is none, when several
  /// do, or when `word` is short or a common English word of its own.
  std::uint32_t correct(std::string_view word) const;

 private:
  std::vector<std::pair<std::string, std::uint32_t>> words_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> by_deletion_;  // (hash, position in words_), sorted by seal()
};

}  // namespace osler::language
