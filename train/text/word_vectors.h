// Vectors of English words made elsewhere from general text, which the encoder's embeddings start from: they tell it that two words are
// alike although only one of them is in the knowledge base.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace osler::train {

struct WordVectors {
  std::size_t width = 0;
  std::vector<std::string> words;                        // the most frequent first
  std::unordered_map<std::string, std::size_t> index;
  std::vector<float> numbers;                            // [words][width]
};

/// A text file: a word and its numbers a line, parted by blanks, all lines alike. ErrorCode::not_found or corrupted with the line.
Result<WordVectors> read_word_vectors(const std::string& path);

}  // namespace osler::train
