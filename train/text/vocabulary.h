// Making a WordPiece vocabulary: whole words first, then pieces to spell any other word with.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace osler::train {

/// Lower-cased words of ASCII letters and digits with their counts.
using WordCounts = std::map<std::string, std::size_t>;
void count_words(std::string_view text, WordCounts& counts);

/// vocab.txt, one piece a line: the special tokens; every printable ASCII character and its "##" form; the words counted at least twice, most
/// frequent first; a tenth of the places for "##" pieces that end or continue words often; the rest filled from `more_words` in their order.
std::string make_vocabulary(const WordCounts& counts, const std::vector<std::string>& more_words, std::size_t size);

}  // namespace osler::train
