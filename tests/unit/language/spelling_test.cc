#include "language/spelling.h"

#include <gtest/gtest.h>

#include "language/stem.h"
#include "language/tokens.h"

namespace osler::language {
namespace {

TEST(WithinOneEdit, OneOfEachKindAndNoMore) {
  EXPECT_TRUE(within_one_edit("cough", "cough"));
  EXPECT_TRUE(within_one_edit("cough", "couh"));
  EXPECT_TRUE(within_one_edit("cough", "coughh"));
  EXPECT_TRUE(within_one_edit("cough", "cxugh"));
  EXPECT_TRUE(within_one_edit("cough", "cuogh"));
  EXPECT_TRUE(within_one_edit("", "a"));
  EXPECT_FALSE(within_one_edit("cough", "cxxgh"));
  EXPECT_FALSE(within_one_edit("cough", "co"));
  EXPECT_FALSE(within_one_edit("abcd", "cdab"));
}

class Spelling : public ::testing::Test {
 protected:
  Spelling() {
    std::uint32_t id = 0;
    for (const char* word : {"diarrhoea", "vomiting", "headache", "bother", "cough", "palpitations"}) index_.add(stem(word), id++);
    index_.seal();
  }
  SpellingIndex index_;
};

TEST_F(Spelling, OneEditIsForgiven) {
  EXPECT_EQ(index_.correct("diarhea"), 0u);
  EXPECT_EQ(index_.correct("diarrhaea"), 0u);
  EXPECT_EQ(index_.correct("vommiting"), 1u);
  EXPECT_EQ(index_.correct("haedache"), 2u);
  EXPECT_EQ(index_.correct("palpatations"), 5u);
}

TEST_F(Spelling, ShortCommonAndDistantWordsAreLeftAlone) {
  EXPECT_EQ(index_.correct("couhg"), kUnknownWord);
  EXPECT_EQ(index_.correct("brother"), kUnknownWord);
  EXPECT_EQ(index_.correct("headlight"), kUnknownWord);
  EXPECT_EQ(index_.correct(std::string(5000, 'a')), kUnknownWord);
}

}  // namespace
}  // namespace osler::language
