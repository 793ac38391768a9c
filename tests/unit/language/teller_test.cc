#include "language/teller.h"

#include <gtest/gtest.h>

#include "language/reference.h"

namespace osler::language {
namespace {

bool is_patient(std::string_view text, double age, clinical::Sex sex) {
  const std::vector<bool> named = patient_named_by_relation(tokenise(text).tokens, {sex, age});
  return std::find(named.begin(), named.end(), true) != named.end();
}

TEST(Teller, ARelationThatFitsAndIsIllNowIsThePatient) {
  using enum clinical::Sex;
  EXPECT_TRUE(is_patient("My husband is confused, he keeps vomiting.", 60, male));
  EXPECT_FALSE(is_patient("My husband is confused, he keeps vomiting.", 60, female));
  EXPECT_FALSE(is_patient("My husband is confused, he keeps vomiting.", 9, male));
  EXPECT_TRUE(is_patient("Gran's been falling a lot.", 88, female));
  EXPECT_TRUE(is_patient("I found my wife drowsy. She had taken tablets.", 44, female));
}

TEST(Teller, NotWhenSomebodyTellsOfThemselvesOrOfThePast) {
  using enum clinical::Sex;
  EXPECT_FALSE(is_patient("My husband is ill and my chest hurts, he has it too.", 60, male));
  EXPECT_FALSE(is_patient("My mum has diabetes. I feel thirsty.", 50, female));
  EXPECT_FALSE(is_patient("My mum had breast cancer at 42.", 50, female));
  EXPECT_FALSE(is_patient("Mother has asthma; she presents with wheeze.", 50, female));
}

TEST(Reference, PronounsAndBareDescriptionsContinueTheComplaint) {
  const std::vector<Token> tokens = tokenise("Headache since Monday. It throbs all day. Worse when bending").tokens;
  const std::vector<Continuation> parts = continuations(tokens);
  ASSERT_EQ(parts.size(), 2u);
  const std::vector<Token> first = with_topic(tokens, {0}, parts[0]);
  EXPECT_EQ(first[0].text, "headache");
  EXPECT_EQ(first[1].text, "throbs");
  EXPECT_EQ(with_topic(tokens, {0}, parts[1])[1].text, "worse");
}

}  // namespace
}  // namespace osler::language
