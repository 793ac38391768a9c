// libFuzzer: any bytes as a text, cut with the vocabulary of the golden test, or as lines of a vocabulary of their own. Offsets
// ascend inside the text, and the pieces of a word put together are the word.
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "base/check.h"
#include "neural/word_reader.h"

namespace {

using namespace osler::neural;

const std::string& golden_vocabulary() {
  static const std::string kVocabulary = [] {
    std::ifstream stream(std::string(OSLER_SOURCE_DIR) + "/tests/unit/neural/data/golden_vocabulary.txt", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }();
  return kVocabulary;
}

const WordPiece& word_piece(const WordPieceOptions& options) {
  static const std::array<WordPiece, 8> kAll = [] {
    const auto make = [](int bits) {
      const WordPieceOptions one{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
      return WordPiece::from_vocabulary(golden_vocabulary(), one).value();
    };
    return std::array<WordPiece, 8>{make(0), make(1), make(2), make(3), make(4), make(5), make(6), make(7)};
  }();
  return kAll[(options.lower_case ? 1u : 0u) + (options.strip_accents ? 2u : 0u) + (options.split_chinese ? 4u : 0u)];
}

void check_offsets(const std::vector<WordPieceToken>& tokens, std::size_t size) {
  std::size_t begin = 0;
  std::size_t end = 0;
  for (const WordPieceToken& token : tokens) {
    CHECK(token.begin < token.end && token.end <= size);
    CHECK(token.begin >= begin && token.end >= end);
    begin = token.begin;
    end = token.end;
  }
}

void check_words(const WordPiece& pieces, const std::vector<WordPieceToken>& tokens, WordReader reader) {
  std::size_t at = 0;
  while (reader.next()) {
    CHECK(at < tokens.size() && tokens[at].begins_word);
    const bool unknown = tokens[at].id == pieces.unknown();
    std::string joined(pieces.piece(tokens[at++].id));
    while (at < tokens.size() && !tokens[at].begins_word) joined += pieces.piece(tokens[at++].id).substr(2);
    CHECK(unknown || joined == reader.word());
  }
  CHECK(at == tokens.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 20'000) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const WordPieceOptions options{(data[0] & 1) != 0, (data[0] & 2) != 0, (data[0] & 4) != 0};
  const auto check = [&](const WordPiece& pieces) {
    const std::vector<WordPieceToken> tokens = pieces.encode(text);
    check_offsets(tokens, text.size());
    check_words(pieces, tokens, WordReader(text, options));
  };
  check(word_piece(options));
  const auto own = WordPiece::from_vocabulary("[PAD]\n[UNK]\n[CLS]\n[SEP]\n" + text, options);
  if (own) check(*own);
  return 0;
}
