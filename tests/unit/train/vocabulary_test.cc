#include "train/text/vocabulary.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "../random_seed.h"
#include "small_world.h"

namespace osler::train {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

WordCounts counted(const std::string& text) {
  WordCounts counts;
  count_words(text, counts);
  return counts;
}

std::size_t place_of(const std::vector<std::string>& lines, const std::string& piece) {
  return static_cast<std::size_t>(std::find(lines.begin(), lines.end(), piece) - lines.begin());
}

/// More words than any vocabulary here has places for.
std::vector<std::string> many_words() {
  std::vector<std::string> words;
  for (int i = 0; i < 3000; ++i) words.push_back("word" + std::to_string(i));
  return words;
}

const std::string kText = "cough cough cough fever fever chest pain chest pain chest pain chest breathlessness sputum";

TEST(CountWords, LowersCaseAndSplitsAtWhatIsNoLetterOrDigit) {
  EXPECT_EQ(counted("Cough, COUGH; chest-pain (3 days) can't"),
            (WordCounts{{"3", 1}, {"can", 1}, {"chest", 1}, {"cough", 2}, {"days", 1}, {"pain", 1}, {"t", 1}}));
  EXPECT_EQ(counted(""), WordCounts{});
  EXPECT_EQ(counted(" .\n"), WordCounts{});
}

TEST(CountWords, AddsToWhatWasCounted) {
  WordCounts counts = counted("fever");
  count_words("fever fever", counts);
  EXPECT_EQ(counts, (WordCounts{{"fever", 3}}));
}

TEST(Vocabulary, BeginsWithTheSpecialTokens) {
  const auto lines = lines_of(make_vocabulary(counted(kText), {}, 500));
  EXPECT_EQ(std::vector<std::string>(lines.begin(), lines.begin() + 5), (std::vector<std::string>{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}));
}

TEST(Vocabulary, HasExactlyItsSizeAndNothingTwice) {
  for (const std::size_t size : {500u, 777u, 2000u}) {
    const auto lines = lines_of(make_vocabulary(counted(kText + " word1 word1"), many_words(), size));
    EXPECT_EQ(lines.size(), size);
    EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), size);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), ""), 0);
  }
}

TEST(Vocabulary, FrequentWordsComeFirstAndThoseMetOnceNotWhole) {
  const auto lines = lines_of(make_vocabulary(counted(kText), {}, 500));
  EXPECT_LT(place_of(lines, "chest"), place_of(lines, "cough"));
  EXPECT_LT(place_of(lines, "cough"), place_of(lines, "fever"));
  EXPECT_LT(place_of(lines, "fever"), lines.size());
  EXPECT_EQ(place_of(lines, "breathlessness"), lines.size());
  EXPECT_EQ(place_of(lines, "sputum"), lines.size());
}

TEST(Vocabulary, ATenthIsForPieces) {
  WordCounts counts = counted(kText);
  for (const std::string& word : many_words()) counts[word] = 2;
  const auto lines = lines_of(make_vocabulary(counts, {}, 1000));
  const auto longer_piece = [](const std::string& line) { return line.starts_with("##") && line.size() > 3; };
  EXPECT_GT(std::count_if(lines.begin(), lines.end(), longer_piece), 50);
  EXPECT_EQ(std::count_if(lines.begin(), lines.begin() + 900, longer_piece), 0) << "they come after the words";
}

TEST(Vocabulary, TheRestIsFilledInTheOrderGiven) {
  const auto lines = lines_of(make_vocabulary(counted(kText), {"zebra", "apple", "cough", "na\xC3\xAFve", "two words", "Upper", "", "mango"}, 500));
  EXPECT_LT(place_of(lines, "zebra"), place_of(lines, "apple"));
  EXPECT_LT(place_of(lines, "apple"), place_of(lines, "mango"));
  EXPECT_LT(place_of(lines, "mango"), lines.size());
  for (const char* no_word : {"na\xC3\xAFve", "two words", "Upper", ""}) EXPECT_EQ(place_of(lines, no_word), lines.size()) << no_word;
}

TEST(Vocabulary, SpellsEveryWordOfPrintableAscii) {
  const auto word_piece = neural::WordPiece::from_vocabulary(make_vocabulary(counted(kText), {}, 500), {});
  ASSERT_TRUE(word_piece) << describe(word_piece.error());
  Random random(fresh_seed());
  for (int i = 0; i < 5000; ++i) {
    std::string word;
    for (std::size_t size = 1 + random.below(40); word.size() < size;) word += static_cast<char>('!' + random.below('~' - '!' + 1));
    const auto pieces = word_piece->encode(word);
    EXPECT_FALSE(pieces.empty()) << word;
    for (const auto& piece : pieces) EXPECT_NE(piece.id, word_piece->unknown()) << word;
  }
}

TEST(Vocabulary, ACountedWordIsOnePiece) {
  const auto word_piece = neural::WordPiece::from_vocabulary(make_vocabulary(counted(kText), {}, 500), {}).value();
  EXPECT_EQ(word_piece.encode("Chest cough").size(), 2u);
  EXPECT_GT(word_piece.encode("breathlessness").size(), 1u);
}

}  // namespace
}  // namespace osler::train
