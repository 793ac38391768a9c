#include "neural/word_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "neural/character_rules.h"

namespace osler::neural {
namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view text, const WordPieceOptions& options = {}) {
  Words words;
  WordReader reader(text, options);
  while (reader.next()) words.emplace_back(reader.word());
  return words;
}

const WordPieceOptions kCased{.lower_case = false};
const WordPieceOptions kAccented{.strip_accents = false};

TEST(WordReader, SplitsAtBlanksAndPunctuation) {
  EXPECT_EQ(words_of("  Chest pain,\t2/7\r\n"), (Words{"chest", "pain", ",", "2", "/", "7"}));
  EXPECT_EQ(words_of("a$b^c`d~e_f"), (Words{"a", "$", "b", "^", "c", "`", "d", "~", "e", "_", "f"}));
  EXPECT_EQ(words_of("!?"), (Words{"!", "?"}));
  EXPECT_EQ(words_of(""), Words{});
  EXPECT_EQ(words_of(" \n"), Words{});
}

TEST(WordReader, KnowsTheBlanksAndPunctuationOfUnicode) {
  for (const char* blank : {"\xC2\xA0", "\xE2\x80\x83", "\xE3\x80\x80", "\xE2\x80\xA8", "\xE2\x80\xA9"})
    EXPECT_EQ(words_of(std::string("a") + blank + "b"), (Words{"a", "b"})) << blank;
  for (const char* mark : {"\xE2\x80\x94", "\xE2\x80\xA6", "\xC2\xBF", "\xE3\x80\x82"})
    EXPECT_EQ(words_of(std::string("a") + mark + "b"), (Words{"a", mark, "b"})) << mark;
  EXPECT_EQ(words_of("a\xC2\xB0" "b\xE2\x82\xAC" "c"), (Words{"a\xC2\xB0" "b\xE2\x82\xAC" "c"}));  // symbols are not punctuation
}

TEST(WordReader, DropsControlCharactersAndJoinsWhatTheyPart) {
  const std::string text("a\0b\x01" "c\x0B" "d\x7F" "e", 9);
  EXPECT_EQ(words_of(text), (Words{"abcde"}));
  EXPECT_EQ(words_of("a\xC2\xAD" "b\xE2\x80\x8D" "c\xEF\xBB\xBF" "d\xEF\xBF\xBD" "e\xC2\x85" "f"), (Words{"abcdef"}));
  EXPECT_EQ(words_of("\x01 \x02"), Words{});
}

TEST(WordReader, LowersAndStripsOnlyWhenTold) {
  const std::string text = "M\xC3\x89NI\xC3\x88RE e\xCC\x81";
  EXPECT_EQ(words_of(text), (Words{"meniere", "e"}));
  EXPECT_EQ(words_of(text, kAccented), (Words{"m\xC3\xA9ni\xC3\xA8re", "e\xCC\x81"}));
  EXPECT_EQ(words_of(text, kCased), (Words{"M\xC3\x89NI\xC3\x88RE", "e\xCC\x81"}));
}

TEST(WordReader, LowersWhatSingleCharactersDoNotDecide) {
  EXPECT_EQ(words_of("\xCE\x91\xCE\xA3 \xCE\xA3\xCE\x91 \xCE\xA3"), (Words{"\xCE\xB1\xCF\x82", "\xCF\x83\xCE\xB1", "\xCF\x83"}));
  EXPECT_EQ(words_of("\xCE\x91\xCE\xA3.\xCE\x91"), (Words{"\xCE\xB1\xCF\x83", ".", "\xCE\xB1"}));  // a stop does not end a word here
  EXPECT_EQ(words_of("\xC4\xB0", kAccented), (Words{"i\xCC\x87"}));
  EXPECT_EQ(words_of("\xC4\xB0"), (Words{"i"}));
  EXPECT_EQ(words_of("\xC3\x9F\xE1\xBA\x9E"), (Words{"\xC3\x9F\xC3\x9F"}));  // sharp s stays one letter
}

TEST(WordReader, PunctuationMayComeOutOfADecomposition) {
  EXPECT_EQ(words_of("a\xE2\x89\xA0" "b"), (Words{"a", "=", "b"}));      // not equal: = and a stroke
  EXPECT_EQ(words_of("a\xCD\xBE" "b"), (Words{"a", ";", "b"}));          // the Greek question mark
  EXPECT_EQ(words_of("a\xE2\x89\xA0" "b", kCased), (Words{"a\xE2\x89\xA0" "b"}));
}

TEST(WordReader, MarksThatStayAreInCanonicalOrder) {
  // U+302E (Mc, class 224) before U+1B44 (Mc, class 9): NFD turns them round; both then come from the whole row.
  WordReader reader("a\xE3\x80\xAE\xE1\xAD\x84", {});
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.word(), "a\xE1\xAD\x84\xE3\x80\xAE");
  EXPECT_EQ(reader.characters(), 3u);
  EXPECT_EQ(reader.sources()[1].begin, 1u);
  EXPECT_EQ(reader.sources()[1].end, 7u);
  EXPECT_EQ(reader.sources()[6].begin, 1u);
}

TEST(WordReader, ChineseStandsAloneKanaAndHangulDoNot) {
  EXPECT_EQ(words_of("a\xE4\xB8\xAD\xE5\x9B\xBD" "b", kCased), (Words{"a", "\xE4\xB8\xAD", "\xE5\x9B\xBD", "b"}));
  EXPECT_EQ(words_of("\xE3\x81\x84\xE3\x81\x86", kCased), (Words{"\xE3\x81\x84\xE3\x81\x86"}));
  EXPECT_EQ(words_of("\xEA\xB0\x81\xEA\xB0\x81", kCased), (Words{"\xEA\xB0\x81\xEA\xB0\x81"}));
  EXPECT_EQ(words_of("\xEF\xA4\x80"), (Words{"\xE8\xB1\x88"}));  // a compatibility ideograph decomposes
}

TEST(CharacterRules, ChineseBlocksEndWhereTheyEnd) {
  using Block = std::pair<int, int>;
  for (const auto& [first, last] : {Block{0x3400, 0x4DBF}, Block{0x4E00, 0x9FFF}, Block{0xF900, 0xFAFF}, Block{0x20000, 0x2A6DF},
                                    Block{0x2A700, 0x2CEAF}, Block{0x2F800, 0x2FA1F}}) {
    EXPECT_TRUE(is_chinese(static_cast<char32_t>(first)) && is_chinese(static_cast<char32_t>(last))) << first;
    EXPECT_FALSE(is_chinese(static_cast<char32_t>(first - 1)) || is_chinese(static_cast<char32_t>(last + 1))) << first;
  }
}

TEST(CharacterRules, PunctuationOfAsciiIsThatOfTheReference) {
  for (char32_t code = 0; code < 0x80; ++code) {
    const bool expected = (code >= 33 && code <= 47) || (code >= 58 && code <= 64) || (code >= 91 && code <= 96) || (code >= 123 && code <= 126);
    EXPECT_EQ(is_punctuation(code), expected) << static_cast<int>(code);
    EXPECT_EQ(is_dropped(code), (code < 32 && code != '\t' && code != '\n' && code != '\r') || code == 127) << static_cast<int>(code);
  }
}

/// The same ASCII text is read as ASCII, and again by the rules for all characters.
RC_GTEST_PROP(WordReader, TheFastWayOfAsciiIsTheSameAsTheOther, (bool lower_case)) {
  const std::string text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  const std::string mark = "\xC2\xAD";  // dropped, and makes its chunk one that is not ASCII
  std::string marked;
  for (const char byte : text) marked += byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' ? std::string(1, byte) : byte + mark;
  const WordPieceOptions options{.lower_case = lower_case};
  RC_ASSERT(words_of(text, options) == words_of(marked, options));
}

}  // namespace
}  // namespace osler::neural
