#include "language/abbreviations.h"

#include <gtest/gtest.h>

#include "language/word_classes.h"

namespace osler::language {
namespace {

std::string spelled_out(std::string_view source) {
  std::string result;
  for (const Token& token : tokenise(source).tokens) result += (result.empty() ? "" : " ") + token.text;
  return result;
}

TEST(Abbreviations, AreSpelledOut) {
  EXPECT_EQ(spelled_out("SOB"), "shortness of breath");
  EXPECT_EQ(spelled_out("c/o CP"), "complains chest pain");
  EXPECT_EQ(spelled_out("N/V/D"), "nausea , vomiting , diarrhoea");
  EXPECT_EQ(spelled_out("PMH: HTN, T2DM"), "past medical history : hypertension , type 2 diabetes");
  EXPECT_EQ(spelled_out("abdo pain"), "abdominal pain");
  EXPECT_EQ(spelled_out("LOC"), "loss of consciousness");
  EXPECT_EQ(spelled_out("SOBOE"), "shortness of breath on exertion");
  EXPECT_EQ(spelled_out("w/o fever"), "without fever");
  EXPECT_EQ(spelled_out("prior MI"), "prior myocardial infarction");
  EXPECT_EQ(spelled_out("UTI"), "urinary tract infection");
}

TEST(Abbreviations, TheLongestRuleWins) {
  EXPECT_EQ(spelled_out("n / v / d"), "nausea , vomiting , diarrhoea");
  EXPECT_EQ(spelled_out("not been ruled out"), "[not-excluded]");
}

TEST(Abbreviations, SpellOutKeepsTheSpanOfWhatWasWritten) {
  const auto tokens = tokenise("has SOB now").tokens;
  ASSERT_EQ(tokens[1].text, "shortness");
  EXPECT_EQ(tokens[1].begin, 4u);
  EXPECT_EQ(tokens[3].end, 7u);
}

TEST(Abbreviations, FindingsThatAreAbsencesEndANegation) {
  const auto tokens = tokenise("can't sleep").tokens;
  EXPECT_TRUE(tokens[0].is(kReport));
}

TEST(Abbreviations, AWordAloneInAListTakesItsUsualMeaning) {
  EXPECT_EQ(spelled_out("dysuria, frequency and urgency"), "dysuria , urinary frequency and urinary urgency");
  EXPECT_EQ(spelled_out("increased frequency of headaches"), "increased frequency of headaches");
}

TEST(Abbreviations, PseudoNegationsLoseTheirNo) {
  for (const Token& token : tokenise("no change").tokens) EXPECT_FALSE(token.is(kNegation)) << token.text;
  EXPECT_GT(abbreviation_count(), 200u);
}

}  // namespace
}  // namespace osler::language
