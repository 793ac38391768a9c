#include "language/phrase_check.h"

#include <gtest/gtest.h>

#include "../clinical/small_knowledge.h"

namespace osler::language {

namespace {

std::vector<PhraseClash> clashes_with(const std::string& further_findings) {
  std::vector<clinical::KnowledgeFile> files = clinical::small_files();
  files[0].content += further_findings;
  std::vector<clinical::KnowledgeFault> faults;
  const auto knowledge = clinical::load_knowledge(files, faults);
  for (const auto& fault : faults) ADD_FAILURE() << describe(fault);
  return knowledge ? phrase_clashes(*knowledge) : std::vector<PhraseClash>{};
}

}  // namespace

TEST(PhraseCheck, TheSmallKnowledgeBaseHasNoClash) { EXPECT_TRUE(clashes_with("").empty()); }

TEST(PhraseCheck, SmallWordsAndEndingsDoNotTellPhrasesApart) {
  const auto clashes = clashes_with(
      "  faint: {name: syncope, kind: symptom, leak: 0.01, lay: [i passed out]}\n"
      "  nearly: {name: presyncope, kind: symptom, leak: 0.01, lay: [was passing out]}\n");
  ASSERT_EQ(clashes.size(), 1u);
  EXPECT_EQ(clashes[0].first_phrase, "i passed out");
  EXPECT_EQ(clashes[0].second_phrase, "was passing out");
}

TEST(PhraseCheck, AnExactPhraseIsTakenAtItsWord) {
  EXPECT_TRUE(clashes_with("  faint: {name: syncope, kind: symptom, leak: 0.01, lay: [passed out]}\n"
                           "  nearly: {name: presyncope, kind: symptom, leak: 0.01, lay: [=about to pass out]}\n").empty());
}

TEST(PhraseCheck, ADiseaseOfTheFamilyDoesNotClashWithTheSameWordsOfThePatient) {
  EXPECT_TRUE(clashes_with("  own: {name: asthma in the past, kind: history, leak: 0.01, clinical: [childhood asthma]}\n"
                           "  kin: {name: family history of asthma, kind: family, leak: 0.1, clinical: [childhood asthma]}\n").empty());
}

}  // namespace osler::language
