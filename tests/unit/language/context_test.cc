#include "language/context.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

struct Read {
  std::vector<Token> tokens;
  std::vector<TokenContext> contexts;
  const TokenContext& at(std::string_view word) const {
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (tokens[i].text == word) return contexts[i];
    static const TokenContext kNothing;
    ADD_FAILURE() << "no word " << word;
    return kNothing;
  }
};

Read read(std::string_view text) {
  Read result;
  result.tokens = tokenise(text).tokens;
  result.contexts = read_context(result.tokens, std::vector<bool>(result.tokens.size(), false));
  return result;
}

TEST(Context, NegationReachesOverAListAndEndsAtBut) {
  const Read text = read("denies fever, chills or rash but has cough");
  EXPECT_TRUE(text.at("fever").negated);
  EXPECT_TRUE(text.at("chills").negated);
  EXPECT_TRUE(text.at("rash").negated);
  EXPECT_FALSE(text.at("cough").negated);
}

TEST(Context, NegationEndsAtANewSubject) {
  EXPECT_FALSE(read("no fever, she has a cough").at("cough").negated);
  EXPECT_FALSE(read("no fever and reports cough").at("cough").negated);
  EXPECT_FALSE(read("no fever. cough").at("cough").negated);
}

TEST(Context, NegationDoesNotReachForEver) {
  EXPECT_FALSE(read("no idea how many different large green painted wooden garden chairs fever").at("fever").negated);
}

TEST(Context, ACueInsideAPhraseNegatesNothing) {
  const std::vector<Token> tokens = tokenise("no fever").tokens;
  EXPECT_FALSE(read_context(tokens, {true, false})[1].negated);
}

TEST(Context, DoubtEndsAtAComma) {
  const Read text = read("possible jaundice, cough");
  EXPECT_TRUE(text.at("jaundice").uncertain);
  EXPECT_FALSE(text.at("cough").uncertain);
}

TEST(Context, RelativesButNotInformants) {
  EXPECT_TRUE(read("mother had migraine").at("migraine").relative);
  EXPECT_TRUE(read("migraine in his mother").at("migraine").relative);
  EXPECT_FALSE(read("mother says he has migraine").at("migraine").relative);
  EXPECT_FALSE(read("brought by mother with migraine").at("migraine").relative);
  EXPECT_FALSE(read("mother had migraine, he has cough").at("cough").relative);
}

TEST(Context, ThePastEndsWhereTheComplaintBegins) {
  const Read text = read("history of asthma and eczema presents with cough");
  EXPECT_TRUE(text.at("asthma").past);
  EXPECT_TRUE(text.at("eczema").known);
  EXPECT_FALSE(text.at("cough").past);
  EXPECT_FALSE(read("3 day history of cough").at("cough").past);
  EXPECT_TRUE(read("pneumonia last year").at("pneumonia").past);
  EXPECT_FALSE(read("cough since last year").at("cough").past);
}

TEST(Context, KnownDiseases) {
  EXPECT_TRUE(read("65 year old man with hypertension").at("hypertension").known);
  EXPECT_FALSE(read("presents with pneumonia").at("pneumonia").known);
  EXPECT_TRUE(read("known asthma").at("asthma").known);
}

TEST(AfterMention, DenialDoubtAndResolution) {
  const auto after = [](std::string_view text) { return read_after(tokenise(text).tokens, 0); };
  EXPECT_TRUE(after("fever: no").denied);
  EXPECT_TRUE(after("fever was denied").denied);
  EXPECT_TRUE(after("rash is not present").denied);
  EXPECT_TRUE(after("rash has settled").resolved);
  EXPECT_TRUE(after("pneumonia unlikely").uncertain);
  EXPECT_TRUE(after("fever?").uncertain);
  EXPECT_FALSE(after("cough no fever").denied);
  EXPECT_FALSE(after("fever and rash").denied);
}

TEST(Context, HostileTextsOfCuesDoNotBreakIt) {
  for (const char* word : {"no ", "mother ", "history of ", "last year ", "? ", ", ", "; ", "in mother "}) {
    std::string text;
    while (text.size() < 20'000) text += word;
    const Read result = read(text);
    EXPECT_EQ(result.contexts.size(), result.tokens.size());
  }
}

}  // namespace
}  // namespace osler::language
