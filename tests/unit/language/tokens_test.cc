#include "language/tokens.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

std::vector<std::string> texts(std::string_view source) {
  std::vector<std::string> result;
  for (const Token& token : tokenise(source).tokens) result.push_back(token.text);
  return result;
}

TEST(Tokens, WordsNumbersAndPunctuation) {
  EXPECT_EQ(texts("Right-sided pain, 38.9C"), (std::vector<std::string>{"right", "-", "sided", "pain", ",", "38.9", "c"}));
  EXPECT_EQ(texts("don't"), (std::vector<std::string>{"don't"}));
  EXPECT_EQ(texts("spo2 88%"), (std::vector<std::string>{"spo2", "88", "%"}));
}

TEST(Tokens, ARowOfTheSameMarkIsOne) { EXPECT_EQ(texts("a ((((( b ,, c"), (std::vector<std::string>{"a", "(", "b", ",", "c"})); }

TEST(Tokens, NumbersHaveTheirValue) {
  const auto tokens = tokenise("15,000 and .5 and 1,2").tokens;
  EXPECT_DOUBLE_EQ(tokens[0].value, 15000);
  EXPECT_DOUBLE_EQ(tokens[2].value, 0.5);
  EXPECT_DOUBLE_EQ(tokens[4].value, 1);  // no thousands: two numbers
}

TEST(Tokens, SentencesEndAtFullStopsButNotInsideNumbers) {
  const auto tokens = tokenise("Temp 38.9 today. Cough\nRash").tokens;
  EXPECT_EQ(tokens[1].sentence, 0u);
  EXPECT_EQ(tokens[4].text, "cough");
  EXPECT_EQ(tokens[4].sentence, 1u);
  EXPECT_EQ(tokens[5].sentence, 2u);
  EXPECT_EQ(tokenise("seen by Dr. Smith").tokens.back().sentence, 0u);
}

TEST(Tokens, SpansPointIntoTheSource) {
  const std::string source = "Caf\xC3\xA9 \xE2\x80\x9CPAIN\xE2\x80\x9D";
  const auto tokens = tokenise(source).tokens;
  ASSERT_EQ(tokens[2].text, "pain");
  EXPECT_EQ(source.substr(tokens[2].begin, tokens[2].end - tokens[2].begin), "PAIN");
}

TEST(Tokens, ContractionsShareAKey) {
  const auto tokens = tokenise("doesn't isn\xE2\x80\x99t not can't couldn't").tokens;
  EXPECT_EQ(tokens[0].key, "not");
  EXPECT_EQ(tokens[1].key, "not");
  EXPECT_EQ(tokens[2].key, "not");
  EXPECT_EQ(tokens[3].key, "cannot");
  EXPECT_EQ(tokens[4].key, "cannot");
}

}  // namespace
}  // namespace osler::language
