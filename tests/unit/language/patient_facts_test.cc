#include "language/patient_facts.h"

#include <gtest/gtest.h>

namespace osler::language {
namespace {

template <typename Function>
auto ask(Function function, std::string_view text) {
  const std::vector<Token> tokens = tokenise(text).tokens;
  return function(tokens, read_context(tokens, std::vector<bool>(tokens.size(), false)));
}

TEST(PatientFacts, Pregnancy) {
  EXPECT_EQ(ask(read_pregnancy, "28 weeks pregnant"), true);
  EXPECT_EQ(ask(read_pregnancy, "G2P1 at 34 weeks"), true);
  EXPECT_EQ(ask(read_pregnancy, "30 weeks gestation"), true);
  EXPECT_EQ(ask(read_pregnancy, "she is not pregnant"), false);
  EXPECT_EQ(ask(read_pregnancy, "negative pregnancy test"), false);
  EXPECT_EQ(ask(read_pregnancy, "possibly pregnant"), std::nullopt);
  EXPECT_EQ(ask(read_pregnancy, "his sister is pregnant"), std::nullopt);
  EXPECT_EQ(ask(read_pregnancy, "trying to get pregnant"), std::nullopt);
  EXPECT_EQ(ask(read_pregnancy, "cough for 3 weeks"), std::nullopt);
}

TEST(PatientFacts, Sex) {
  using clinical::Sex;
  EXPECT_EQ(ask(read_sex, "65-year-old man"), Sex::male);
  EXPECT_EQ(ask(read_sex, "65 yo F"), Sex::female);
  EXPECT_EQ(ask(read_sex, "45M with cough"), Sex::male);
  EXPECT_EQ(ask(read_sex, "temperature 101 F"), std::nullopt);
  EXPECT_EQ(ask(read_sex, "cough"), std::nullopt);
}

TEST(PatientFacts, ReadsTheAge) {
  EXPECT_EQ(ask(read_age, "65-year-old man"), 65);
  EXPECT_EQ(ask(read_age, "a 65 yo f"), 65);
  EXPECT_EQ(ask(read_age, "woman aged 41 with cough"), 41);
  EXPECT_EQ(ask(read_age, "45m with cough"), 45);
  EXPECT_EQ(ask(read_age, "72 years of age"), 72);
  EXPECT_NEAR(ask(read_age, "6 week old baby").value_or(0), 0.115, 0.001);
  EXPECT_NEAR(ask(read_age, "an 18-month-old").value_or(0), 1.48, 0.01);
  for (const char* none : {"cough for 3 weeks", "his father is 80 years old", "smoker for 30 years", "pulse 80", "hit at the age of 12"})
    EXPECT_EQ(ask(read_age, none), std::nullopt) << none;
}

}  // namespace
}  // namespace osler::language
