#include "language/phrases.h"
#include "language/synonyms.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

class Phrases : public ::testing::Test {
 protected:
  Phrases() {
    const char* phrases[] = {"chest pain", "back pain", "shortness of breath", "urinary urgency", "vomiting blood", "hot to touch",
                             "calf pain", "worse after meals"};
    for (std::uint32_t i = 0; i < std::size(phrases); ++i) book_.add(phrases[i], {TargetKind::finding, i});
    book_.add_tight(tokenise("raised troponin").tokens, {TargetKind::finding, 20});
    book_.add("=about to pass out", {TargetKind::finding, 21});
    book_.add("=left shift", {TargetKind::finding, 22});
    book_.seal();
  }
  std::vector<std::uint32_t> found(std::string_view text) const {
    std::vector<Token> tokens = tokenise(text).tokens;
    for (Token& token : tokens) {
      token.own_id = book_.word_id(token.key);
      token.id = book_.shared_id(token.own_id);
    }
    std::vector<std::uint32_t> result;
    for (const PhraseMatch& match : book_.match(tokens)) result.push_back(match.target.index);
    std::sort(result.begin(), result.end());
    return result;
  }
  PhraseBook book_;
};

using Found = std::vector<std::uint32_t>;

TEST_F(Phrases, OrderIsFreeAndSmallGapsAreAllowed) {
  EXPECT_EQ(found("pain in my left upper chest"), Found{0});
  EXPECT_EQ(found("pain 10/10 in the chest"), Found{0});
  EXPECT_EQ(found("a pain that often moves about before it hits the whole of one hairy chest"), Found{});
}

TEST_F(Phrases, AnExactPhraseNeedsEveryWordInOrderWithNothingBetween) {
  EXPECT_EQ(found("i was about to pass out"), Found{21});
  EXPECT_EQ(found("i passed out"), Found{});
  EXPECT_EQ(found("about to nearly pass out"), Found{});
  EXPECT_EQ(found("a left shift"), Found{22});
  EXPECT_EQ(found("after a shift an ache on the left"), Found{});
  EXPECT_EQ(found("shift left"), Found{});
}

TEST_F(Phrases, SynonymsMeetButNotInExactPhrases) {
  EXPECT_EQ(common_key("tummy"), common_key("abdomen"));
  EXPECT_EQ(common_key("zzz"), "zzz");
  EXPECT_EQ(found("an ache in the chest"), Found{0});
  EXPECT_EQ(found("aggravated after meals"), Found{7});
  EXPECT_EQ(found("about - to - pass out"), Found{21});
}

TEST_F(Phrases, NeverAcrossAClauseOrANegation) {
  EXPECT_EQ(found("chest clear. pain"), Found{});
  EXPECT_EQ(found("chest clear but pain"), Found{});
  EXPECT_EQ(found("chest no pain"), Found{});
}

TEST_F(Phrases, OneHeadServesTwoSites) {
  EXPECT_EQ(found("pain in the chest and back"), (Found{0, 1}));
  EXPECT_EQ(found("chest and back pain"), (Found{0, 1}));
  EXPECT_EQ(found("pain and swelling in the calf"), Found{6});
  EXPECT_EQ(found("urinary frequency and urgency"), Found{3});
}

TEST_F(Phrases, OtherWordsDoNotReachOverAnd) { EXPECT_EQ(found("vomiting and blood in the stool"), Found{}); }

TEST_F(Phrases, OneContentWordAloneIsTooLittle) {
  EXPECT_EQ(found("hot"), Found{});
  EXPECT_EQ(found("hot to the touch"), Found{5});
}

TEST_F(Phrases, TightPhrasesAllowNothingInside) {
  EXPECT_EQ(found("troponin was raised"), Found{20});
  EXPECT_EQ(found("raised glucose, normal troponin"), Found{});
}

TEST(TightPhrases, YieldToWrittenOnes) {
  PhraseBook book;
  book.add("high cholesterol", {TargetKind::finding, 1});
  book.add_tight(tokenise("high cholesterol").tokens, {TargetKind::finding, 2});
  book.seal();
  EXPECT_EQ(book.phrase_count(), 1u);
}

TEST(TightPhrases, DoNotYieldToNamesOfConditions) {
  PhraseBook book;
  book.add("high cholesterol", {TargetKind::condition, 1});
  book.add_tight(tokenise("high cholesterol").tokens, {TargetKind::finding, 2});
  book.seal();
  EXPECT_EQ(book.phrase_count(), 2u);
}

TEST(RepeatedPhrases, CountOnceForEachTarget) {
  PhraseBook book;
  for (const char* phrase : {"pain in the chest", "chest pain", "pain chest"}) {
    book.add(phrase, {TargetKind::finding, 1});
    book.add(phrase, {TargetKind::denied, 1});
    book.add(phrase, {TargetKind::condition, 1});
    book.add(phrase, {TargetKind::finding, 2});
  }
  EXPECT_EQ(book.phrase_count(), 4u);
  book.add("chest ache", {TargetKind::finding, 1});  // other words, though they mean the same
  EXPECT_EQ(book.phrase_count(), 5u);
}

TEST_F(Phrases, RepeatsAreMatchedOnceEach) { EXPECT_EQ(found("chest pain. chest pain."), (Found{0, 0})); }

}  // namespace
}  // namespace osler::language
