#include "neural/word_piece.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <set>

#include "base/json.h"
#include "base/limits.h"
#include "neural/word_reader.h"

namespace osler::neural {
namespace {

std::string read(const std::string& name) {
  std::ifstream stream(std::string(OSLER_SOURCE_DIR) + "/tests/unit/neural/data/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const std::string kSpecial = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

WordPiece make(const std::string& pieces, const WordPieceOptions& options = {}) {
  return WordPiece::from_vocabulary(kSpecial + pieces, options).value();
}

const WordPieceOptions kCased{.lower_case = false};

std::string pieces_of(const WordPiece& word_piece, std::string_view text) {
  std::string joined;
  for (const WordPieceToken& token : word_piece.encode(text)) joined.append(joined.empty() ? "" : " ").append(word_piece.piece(token.id));
  return joined;
}

/// What each token covers.
std::vector<std::string> covered(const WordPiece& word_piece, std::string_view text) {
  std::vector<std::string> parts;
  for (const WordPieceToken& token : word_piece.encode(text)) parts.emplace_back(text.substr(token.begin, token.end - token.begin));
  return parts;
}

Error refusal(const std::string& vocabulary) { return WordPiece::from_vocabulary(vocabulary, {}).error(); }

TEST(WordPiece, AgreesWithAnotherImplementation) {
  const std::string vocabulary = read("golden_vocabulary.txt");
  const WordPiece uncased = WordPiece::from_vocabulary(vocabulary, {}).value();
  const WordPiece cased = WordPiece::from_vocabulary(vocabulary, kCased).value();
  const Json golden = parse_json(read("golden.json")).value();
  ASSERT_GT(golden.size(), 300u);
  for (const Json& entry : golden) {
    const std::string text = entry["text"].get<std::string>();
    EXPECT_EQ(pieces_of(uncased, text), entry["uncased"].get<std::string>()) << entry["text"];
    EXPECT_EQ(pieces_of(cased, text), entry["cased"].get<std::string>()) << entry["text"];
  }
}

// Where that other implementation (see data/golden.mjs) leaves the published rule, by hand.
TEST(WordPiece, SpecialPiecesInATextAreText) {
  const WordPiece word_piece = make("[\n]\nsep\ncls\nSEP\n");
  EXPECT_EQ(pieces_of(word_piece, "[SEP]"), "[ sep ]");
  EXPECT_EQ(pieces_of(word_piece, "[CLS] [sep]"), "[ cls ] [ sep ]");
  EXPECT_EQ(pieces_of(make("[\n]\nSEP\n", kCased), "[SEP]"), "[ SEP ]");
  EXPECT_EQ(pieces_of(word_piece, "[PAD]"), "[ [UNK] ]");  // no piece "pad"
}

TEST(WordPiece, PrivateUseCharactersStay) {
  EXPECT_EQ(pieces_of(make("a\n##b\n"), "a\xEE\x80\x80" "b"), "[UNK]");
  EXPECT_EQ(pieces_of(make("a\n##\xEE\x80\x80\n##b\n"), "a\xEE\x80\x80" "b"), "a ##\xEE\x80\x80 ##b");
}

TEST(WordPiece, ChineseBeyondTheBasicPlaneStandsAlone) {
  EXPECT_EQ(pieces_of(make("a\n\xF0\xA0\x80\x80\nb\n"), "a\xF0\xA0\x80\x80" "b"), "a \xF0\xA0\x80\x80 b");
  EXPECT_EQ(pieces_of(make("a\n##\xF0\xA0\x80\x80\n##b\n", {.split_chinese = false}), "a\xF0\xA0\x80\x80" "b"), "a ##\xF0\xA0\x80\x80 ##b");
}

TEST(WordPiece, TakesTheLongestPieceFirst) {
  const WordPiece word_piece = make("un\nunaff\n##aff\n##able\n##a\n##able##\n");
  EXPECT_EQ(pieces_of(word_piece, "unaffable"), "unaff ##able");
  EXPECT_EQ(pieces_of(word_piece, "unaable"), "un ##a ##able");
  EXPECT_EQ(pieces_of(word_piece, "unaffablex"), "[UNK]");  // a remainder that no piece begins
  EXPECT_EQ(pieces_of(word_piece, "affable"), "[UNK]");     // a continuation begins no word
  EXPECT_EQ(pieces_of(word_piece, ""), "");
}

TEST(WordPiece, GreedyDoesNotTurnBack) { EXPECT_EQ(pieces_of(make("ab\nabc\n##cd\n##d\n##x\n"), "abcdx abcx abcc"), "abc ##d ##x abc ##x [UNK]"); }

TEST(WordPiece, WordsOverTheLimitAreUnknown) {
  const WordPiece word_piece = make("a\n##a\n");
  EXPECT_EQ(word_piece.encode(std::string(100, 'a')).size(), 100u);
  const std::vector<WordPieceToken> tokens = word_piece.encode(" " + std::string(101, 'a') + " a");
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0].id, word_piece.unknown());
  EXPECT_EQ(tokens[0].begin, 1u);
  EXPECT_EQ(tokens[0].end, 102u);
  EXPECT_EQ(pieces_of(make("a\n##a\n", {.max_word_characters = 2}), "aa aaa"), "a ##a [UNK]");
}

TEST(WordPiece, TokensKnowTheirBytes) {
  const WordPiece word_piece = make("cafe\nmen\n##ier\n##e\n##s\n!\n\xCE\xB1\n##\xCF\x82\ni\n##x\n");
  using Parts = std::vector<std::string>;
  EXPECT_EQ(covered(word_piece, "Cafe\xCC\x81! "), (Parts{"Cafe\xCC\x81", "!"}));          // the accent goes with its letter
  EXPECT_EQ(covered(word_piece, "M\xC3\xA9ni\xC3\xA8res"), (Parts{"M\xC3\xA9n", "i\xC3\xA8r", "e", "s"}));
  EXPECT_EQ(covered(word_piece, "\xCE\x91\xCE\xA3"), (Parts{"\xCE\x91", "\xCE\xA3"}));
  EXPECT_EQ(covered(word_piece, "\xC4\xB0x"), (Parts{"\xC4\xB0", "x"}));                    // I with a dot becomes two characters
  EXPECT_EQ(covered(word_piece, "ca\xC2\xAD" "fe"), (Parts{"ca\xC2\xAD" "fe"}));            // a soft hyphen within
  EXPECT_EQ(covered(word_piece, "? unheard-of"), (Parts{"?", "unheard", "-", "of"}));
  const std::vector<WordPieceToken> tokens = word_piece.encode("menier");
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_TRUE(tokens[0].begins_word);
  EXPECT_FALSE(tokens[1].begins_word);
}

TEST(WordPiece, PiecesOfOneCharacterShareItsBytes) {
  const WordPiece word_piece = make("\xE1\x84\x80\n##\xE1\x85\xA1\n");  // the letters of U+AC00
  EXPECT_EQ(covered(word_piece, "\xEA\xB0\x80"), (std::vector<std::string>{"\xEA\xB0\x80", "\xEA\xB0\x80"}));
}

TEST(WordPiece, InvalidBytesAreDropped) {
  const WordPiece word_piece = make("ab\n");
  EXPECT_EQ(pieces_of(word_piece, "a\xFF" "b \xE4\xB8 a\xED\xA0\x80" "b \xC0\x80"), "ab ab");
  EXPECT_EQ(covered(word_piece, "a\xFF" "b"), (std::vector<std::string>{"a\xFF" "b"}));
}

TEST(WordPiece, ReadsAVocabulary) {
  const WordPiece word_piece = make("a\r\n##a\n##\n\xE4\xB8\xAD");  // CR LF, and no line feed at the end
  EXPECT_EQ(word_piece.size(), 9u);
  EXPECT_EQ(word_piece.piece(5), "a");
  EXPECT_EQ(word_piece.id_of("##a"), 6);
  EXPECT_EQ(word_piece.id_of("##"), 7);
  EXPECT_EQ(word_piece.id_of("\xE4\xB8\xAD"), 8);
  EXPECT_EQ(word_piece.id_of("none"), word_piece.unknown());
  EXPECT_EQ(word_piece.id_of("##none"), word_piece.unknown());
  EXPECT_EQ(word_piece.id_of(""), word_piece.unknown());
  EXPECT_EQ(word_piece.padding(), 0);
  EXPECT_EQ(word_piece.unknown(), 1);
  EXPECT_EQ(word_piece.begin(), 2);
  EXPECT_EQ(word_piece.separator(), 3);
  EXPECT_EQ(word_piece.mask(), 4);
}

TEST(WordPiece, StaysItselfWhenMoved) {
  WordPiece first = make("a\n##b\n");
  const WordPiece second = std::move(first);
  EXPECT_EQ(pieces_of(second, "ab"), "a ##b");
}

TEST(WordPiece, TheMaskMayBeMissing) {
  const WordPiece word_piece = WordPiece::from_vocabulary("[PAD]\n[UNK]\n[CLS]\n[SEP]\n", {}).value();
  EXPECT_EQ(word_piece.mask(), word_piece.unknown());
}

TEST(WordPiece, RefusesAVocabularyThatIsNone) {
  for (const char* special : {"[PAD]\n", "[UNK]\n", "[CLS]\n", "[SEP]\n"}) {
    std::string vocabulary = kSpecial;
    vocabulary.erase(vocabulary.find(special), 6);
    EXPECT_EQ(refusal(vocabulary).code, ErrorCode::corrupted) << special;
  }
  EXPECT_EQ(refusal(kSpecial + "a\nb\na\n").internal, "line 8 stands twice; it is line 6 too");
  EXPECT_EQ(refusal(kSpecial + "##a\n##a").internal, "line 7 stands twice; it is line 6 too");
  EXPECT_EQ(refusal(kSpecial + "a\n\nb\n").internal, "line 7 is empty");
  EXPECT_EQ(refusal(kSpecial + "a\n\r\n").internal, "line 7 is empty");
  EXPECT_EQ(refusal(kSpecial + "a\n\xFF\n").internal, "line 7 is not UTF-8");
  EXPECT_EQ(refusal(kSpecial + "\xED\xA0\x80\n").internal, "line 6 is not UTF-8");  // a surrogate
  EXPECT_EQ(refusal("").code, ErrorCode::corrupted);
  EXPECT_EQ(refusal("\n").code, ErrorCode::corrupted);
}

TEST(WordPiece, RefusesMoreBytesOrLinesThanItsLimits) {
  EXPECT_EQ(refusal(std::string(limits::kMaxVocabularyBytes + 1, 'a')).code, ErrorCode::too_large);
  std::string lines = kSpecial;
  for (std::size_t i = 5; i < limits::kMaxVocabularyLines; ++i) lines += std::to_string(i) + "\n";
  EXPECT_TRUE(WordPiece::from_vocabulary(lines, {}));
  EXPECT_EQ(refusal(lines + "more\n").code, ErrorCode::too_large);
}

/// The published algorithm, word for word: every end from the longest down, by characters.
std::vector<std::string> reference_pieces(const std::string& word, const std::set<std::string>& vocabulary) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < word.size(); ++i)
    if ((static_cast<unsigned char>(word[i]) & 0xC0) != 0x80) starts.push_back(i);
  if (starts.size() > 100) return {"[UNK]"};
  starts.push_back(word.size());
  std::vector<std::string> pieces;
  for (std::size_t start = 0; start + 1 < starts.size();) {
    std::size_t end = starts.size() - 1;
    const auto piece = [&] { return (start > 0 ? "##" : "") + word.substr(starts[start], starts[end] - starts[start]); };
    while (end > start && !vocabulary.contains(piece())) --end;
    if (end == start) return {"[UNK]"};
    pieces.push_back(piece());
    start = end;
  }
  return pieces;
}

/// Texts out of fragments that meet in all the ways that matter, with a random byte now and then.
rc::Gen<std::string> texts() {
  const auto fragment = rc::gen::element<std::string>(
      "a", "b", "ab", "aba", "A", "B", " ", "\n", "-", "!", "\xC3\xA9", "\xC3\x89", "e\xCC\x81", "\xCC\xA3", "\xCE\xA3", "\xCE\x91", "\xC4\xB0",
      "\xC3\x9F", "\xE4\xB8\xAD", "\xEA\xB0\x81", "\xC2\xAD", "\xC2\xA0", "\xE2\x80\xA8", "\xEF\xBF\xBD", "\xF0\x9F\xA4\x92", "\xE3\x80\xAE",
      "\xE3\x80\xAF", "\xE1\xAD\x84", "\xE0\xBD\xB3", "\xEF\xA4\x80", "\xE2\x89\xA0", "\xFF", "\xE4\xB8", std::string(1, '\0'));
  const auto pieces = rc::gen::container<std::vector<std::string>>(rc::gen::weightedOneOf<std::string>(
      {{12, fragment}, {1, rc::gen::map(rc::gen::arbitrary<char>(), [](char byte) { return std::string(1, byte); })}}));
  return rc::gen::map(pieces, [](const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += part;
    return text;
  });
}

const std::vector<std::string> kSmallVocabulary = {
    "a", "b", "ab", "##a", "##b", "##ab", "##ba", "aba", "A", "##A", "e", "##e", "\xC3\xA9", "##\xC3\xA9", "-", "!", "\xCF\x83",
    "##\xCF\x83", "##\xCF\x82", "\xCE\xB1", "##\xCE\xB1", "i", "##i", "\xC3\x9F", "##\xC3\x9F", "\xE4\xB8\xAD", "\xE1\x84\x80",
    "##\xE1\x85\xA1", "##\xE1\x86\xA8", "\xE3\x80\xAE", "##\xE3\x80\xAE", "##\xE1\xAD\x84"};

RC_GTEST_PROP(WordPiece, IsThePublishedAlgorithmOnEachWord, (bool lower_case, bool strip_accents, bool split_chinese)) {
  const std::string text = *texts();
  const WordPieceOptions options{lower_case, strip_accents, split_chinese};
  std::string vocabulary;
  for (const std::string& piece : kSmallVocabulary) vocabulary += piece + "\n";
  const WordPiece word_piece = make(vocabulary, options);
  const std::set<std::string> set(kSmallVocabulary.begin(), kSmallVocabulary.end());
  std::vector<std::string> expected;
  WordReader reader(text, options);
  while (reader.next())
    for (std::string& piece : reference_pieces(std::string(reader.word()), set)) expected.push_back(std::move(piece));
  std::vector<std::string> found;
  for (const WordPieceToken& token : word_piece.encode(text)) found.emplace_back(word_piece.piece(token.id));
  RC_ASSERT(found == expected);
}

RC_GTEST_PROP(WordPiece, OffsetsAscendInsideTheText, (bool lower_case, bool strip_accents, bool split_chinese)) {
  const std::string text = *texts();
  std::string vocabulary;
  for (const std::string& piece : kSmallVocabulary) vocabulary += piece + "\n";
  std::size_t begin = 0;
  std::size_t end = 0;
  bool first = true;
  for (const WordPieceToken& token : make(vocabulary, {lower_case, strip_accents, split_chinese}).encode(text)) {
    RC_ASSERT(token.begin < token.end);
    RC_ASSERT(token.begin >= begin);
    RC_ASSERT(token.end >= end);
    RC_ASSERT(token.end <= text.size());
    RC_ASSERT(!first || token.begins_word);
    begin = token.begin;
    end = token.end;
    first = false;
  }
}

}  // namespace
}  // namespace osler::neural
