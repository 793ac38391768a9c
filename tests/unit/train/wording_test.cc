#include "train/cases/wording.h"

#include <set>

#include "../language/knowledge.h"
#include "../random_seed.h"
#include "small_world.h"

namespace osler::train {
namespace {

using namespace clinical;

TEST(Clause, IsTakenForOne) {
  for (const char* words : {"my chest hurts", "i feel sick", "can't sleep", "feels hot", "heart is racing", "lost weight", "took too much", "really scared", "keeps being sick"})
    EXPECT_TRUE(is_clause(words)) << words;
}

TEST(Clause, IsNotANoun) {
  for (const char* words : {"chest pain", "headache", "pain when i breathe in", "night sweats", "burning pain in my foot", "cough", "this headache", "history of asthma"})
    EXPECT_FALSE(is_clause(words)) << words;
}

struct Told {
  const char *first, *of_her, *of_him;
};

TEST(ThirdPerson, SpeaksOfSomebody) {
  for (const Told& one : {Told{"my chest hurts when i cough", "her chest hurts when she coughs", "his chest hurts when he coughs"},
                          {"i have a sore throat", "she has a sore throat", "he has a sore throat"},
                          {"i fell off my bike", "she fell off her bike", "he fell off his bike"},
                          {"i'm always tired", "she's always tired", "he's always tired"},
                          {"hurts if i touch it", "hurts if she touches it", "hurts if he touches it"},
                          {"i carry my bag on the left", "she carries her bag on the left", "he carries his bag on the left"},
                          {"i can't bend", "she can't bend", "he can't bend"},
                          {"i don't sleep", "she doesn't sleep", "he doesn't sleep"},
                          {"feel like a weight is on me", "feels like a weight is on her", "feels like a weight is on him"},
                          {"shivering", "shivering", "shivering"},
                          {"mild pain", "mild pain", "mild pain"}}) {
    EXPECT_EQ(in_third_person(one.first, Sex::female), one.of_her);
    EXPECT_EQ(in_third_person(one.first, Sex::male), one.of_him);
  }
}

TEST(ThirdPerson, TakesThePatientsSexWhereTheWordsAreOfSomebodyElseAlready) {
  EXPECT_EQ(in_third_person("screams when you touch his tummy", Sex::female), "screams when you touch her tummy");
  EXPECT_EQ(in_third_person("she says she can't breathe", Sex::male), "he says he can't breathe");
  EXPECT_EQ(in_third_person("husband says he hears it", Sex::female), "husband says he hears it") << "he is not the patient";
}

SampledCase somebody(Sex sex, double age) {
  SampledCase out;
  out.sex = sex;
  out.age_years = age;
  return out;
}

TEST(Words, AreOfTheirSexAndAge) {
  EXPECT_FALSE(could_be_said_of("pain shooting into the testicle", somebody(Sex::female, 40)));
  EXPECT_TRUE(could_be_said_of("pain shooting into the testicle", somebody(Sex::male, 40)));
  EXPECT_FALSE(could_be_said_of("pregnancy sickness", somebody(Sex::male, 40)));
  EXPECT_TRUE(could_be_said_of("pregnancy sickness", somebody(Sex::female, 30)));
  EXPECT_FALSE(could_be_said_of("baby's skin is yellow", somebody(Sex::male, 40)));
  EXPECT_FALSE(could_be_said_of("baby's skin is yellow", somebody(Sex::female, 70)));
  EXPECT_TRUE(could_be_said_of("baby's skin is yellow", somebody(Sex::male, 0.1)));
  EXPECT_TRUE(could_be_said_of("can't feel the baby move", somebody(Sex::female, 30)));
  EXPECT_TRUE(could_be_said_of("cough", somebody(Sex::male, 40)));
}

struct WordingTest : testing::Test {
  FindingIndex finding(const std::string& id) const { return knowledge.finding_by_id.at(id); }
  KnowledgeBase knowledge = small_world();
  SampledCase patient = somebody(Sex::female, 40);
  Random random{fresh_seed()};
};

TEST_F(WordingTest, AFindingToldAgainGetsOtherWords) {
  for (int i = 0; i < 100; ++i) {
    Wording wording(knowledge, patient, {true, 0, 0}, random);
    EXPECT_NE(wording.of(finding("cough"), false), wording.of(finding("cough"), false));
  }
}

TEST_F(WordingTest, WhereThereAreNoOtherWordsItsNameIsSaid) {
  Wording wording(knowledge, patient, {true, 0.5, 0}, random);
  EXPECT_EQ(wording.of(finding("shadow"), false), "pulmonary infiltrate");
  EXPECT_EQ(wording.of(finding("shadow"), false), "shadow on the X-ray");
  EXPECT_EQ(wording.of(finding("shadow"), false), "shadow on the X-ray") << "rather than nothing";
}

TEST_F(WordingTest, ANounIsNoClause) {
  for (int i = 0; i < 200; ++i) {
    Wording wording(knowledge, patient, {true, 1, 0}, random);
    const std::string words = wording.of(finding("headache"), true);
    EXPECT_TRUE(words == "headache" || words == "cephalgia") << words << ": the one lay phrase is \"my head hurts\"";
  }
  Wording wording(knowledge, patient, {true, 1, 0}, random);
  EXPECT_EQ(wording.of(finding("headache"), false), "my head hurts");
}

TEST_F(WordingTest, SomebodyElseSpeaksInTheThirdPerson) {
  Wording wording(knowledge, patient, {false, 1, 0}, random);
  EXPECT_EQ(wording.of(finding("headache"), false), "her head hurts");
}

TEST_F(WordingTest, ThePatientDoesNotSpeakOfSomebodyElse) {
  knowledge.findings[finding("tired")].lay_phrases = {"she flops about", "worn out"};
  for (int i = 0; i < 100; ++i) {
    Wording wording(knowledge, patient, {true, 1, 0}, random);
    EXPECT_NE(wording.of(finding("tired"), false), "she flops about");
  }
}

TEST_F(WordingTest, ARomanNumeralOfAPhysicianIsNoPerson) {
  knowledge.findings[finding("tired")].clinical_phrases = {"type i weakness"};
  Wording wording(knowledge, patient, {false, 0, 0}, random);
  EXPECT_EQ(wording.of(finding("tired"), false), "type i weakness");
}

}  // namespace
}  // namespace osler::train
