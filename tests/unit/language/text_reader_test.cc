#include "language/text_reader.h"

#include "knowledge.h"

namespace osler::language {
namespace {

const TextReader& reader() {
  static const TextReader kReader(shipped_knowledge());
  return kReader;
}

std::vector<std::string> findings(std::string_view text) {
  std::vector<std::string> ids;
  for (const Reading& reading : reader().read(text, false).readings)
    if (reading.target.kind == TargetKind::finding) ids.push_back(shipped_knowledge().findings[reading.target.index].id);
  return ids;
}

TEST(TextReader, TheMoreSpecificMatchHidesItsAncestorAndItsParts) {
  EXPECT_EQ(findings("throbbing headache"), std::vector<std::string>{"throbbing_headache"});
  EXPECT_EQ(findings("barking cough"), std::vector<std::string>{"barking_cough"});
}

TEST(TextReader, AnAncestorElsewhereStays) {
  EXPECT_EQ(findings("barking cough. cough"), (std::vector<std::string>{"barking_cough", "cough"}));
}

TEST(TextReader, SpansCoverTheWords) {
  const std::string text = "she has Chest Pain today";
  const TextReading reading = reader().read(text, false);
  ASSERT_EQ(reading.readings.size(), 1u);
  EXPECT_EQ(text.substr(reading.readings[0].begin, reading.readings[0].end - reading.readings[0].begin), "Chest Pain");
}

TEST(TextReader, FamilyFindingsOnlyWhereRelativesAreMeant) {
  const auto family = [](const TextReading& reading) {
    return std::any_of(reading.readings.begin(), reading.readings.end(), [](const Reading& r) {
      return r.target.kind == TargetKind::finding && shipped_knowledge().findings[r.target.index].kind == clinical::FindingKind::family;
    });
  };
  EXPECT_FALSE(family(reader().read("heart attack", false)));
  EXPECT_TRUE(family(reader().read("heart attack", true)));
  EXPECT_TRUE(family(reader().read("father had a heart attack", false)));
}

TEST(TextReader, EveryPhraseOfTheKnowledgeBaseIsReadAsItsFinding) {
  std::size_t total = 0, missed = 0;
  std::string examples;
  const clinical::KnowledgeBase& knowledge = shipped_knowledge();
  for (clinical::FindingIndex i = 0; i < knowledge.findings.size(); ++i) {
    const clinical::Finding& finding = knowledge.findings[i];
    std::vector<std::string> phrases = finding.clinical_phrases;
    phrases.insert(phrases.end(), finding.lay_phrases.begin(), finding.lay_phrases.end());
    const PatientView patient{finding.limits.sex.value_or(clinical::Sex::unknown), std::clamp(40.0, finding.limits.age_min, finding.limits.age_max)};
    ASSERT_TRUE(can_mean(finding.limits, patient));
    for (const std::string& phrase : phrases) {
      const TextReading reading = reader().read(plain_phrase(phrase), finding.kind == clinical::FindingKind::family, patient);
      const bool found = std::any_of(reading.readings.begin(), reading.readings.end(), [&](const Reading& r) {
        return r.target.kind == TargetKind::finding && r.target.index == i && !r.absent;
      });
      ++total;
      missed += !found;
      if (!found && missed <= 40) examples += "\n  " + finding.id + ": " + phrase;
    }
  }
  EXPECT_LE(missed, total / 50) << missed << " of " << total << examples;
}

}  // namespace
}  // namespace osler::language
