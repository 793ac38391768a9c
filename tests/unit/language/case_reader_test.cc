#include "language/case_reader.h"

#include <thread>

#include "../random_seed.h"
#include "knowledge.h"

namespace osler::language {
namespace {

/// Everything that a reading points at exists, and every span lies inside its text.
void check_sound(const CaseReading& reading, const clinical::PatientCase& patient) {
  const auto text_of = [&](const clinical::TextSpan& span) -> std::string_view {
    switch (span.field) {
      case clinical::CaseField::symptoms: return patient.symptoms.at(span.item);
      case clinical::CaseField::absent_findings: return patient.absent_findings.at(span.item);
      case clinical::CaseField::preexisting_conditions: return patient.preexisting_conditions.at(span.item);
      case clinical::CaseField::family_history: return patient.family_history.at(span.item);
      default: return patient.narrative;
    }
  };
  for (const Mention& mention : reading.mentions) {
    ASSERT_LT(mention.finding, shipped_knowledge().findings.size());
    ASSERT_LE(mention.span.begin, mention.span.end);
    ASSERT_LE(mention.span.end, text_of(mention.span).size());
  }
  for (const clinical::ObservedFinding& finding : reading.findings.findings) ASSERT_FALSE(finding.spans.empty());
}

std::string random_text(std::mt19937& random, std::size_t size) {
  static const char* const kWords[] = {"no", "pain", "chest", "mother", "history", "of", ",", ".", "and", "or", "but", "?", "38.9", "bp", "80/40",
                                       "for", "3", "days", "cough", "denies", "fever", "since", "last", "year", "\xFF", "\xE2\x80", "n/v/d", "sob",
                                       "in", "his", "father", "pregnant", "weeks", "%", "mmol/l", "glucose", "(", ")", "-", "'", "\n", "\xC2\xB0"};
  std::string text;
  while (text.size() < size) text += std::string(kWords[random() % std::size(kWords)]) + (random() % 8 ? " " : "");
  return text;
}

TEST(CaseReader, AnyBytesAreReadWithoutHarm) {
  std::mt19937 random(fresh_seed());
  for (int round = 0; round < 400; ++round) {
    clinical::PatientCase patient = patient_saying(std::string(random() % 400, '\0'));
    for (char& byte : patient.narrative) byte = static_cast<char>(random());
    patient.symptoms = {random_text(random, random() % 300)};
    patient.absent_findings = {random_text(random, random() % 100)};
    patient.preexisting_conditions = {random_text(random, random() % 100)};
    patient.family_history = {random_text(random, random() % 100)};
    check_sound(shipped_reader().read(patient), patient);
  }
}

TEST(CaseReader, TheSameTextIsReadTheSameFromEveryThread) {
  std::mt19937 random(fresh_seed());
  const clinical::PatientCase patient = patient_saying(random_text(random, 5000));
  const auto summary = [&patient] {
    std::string result;
    for (const Mention& mention : shipped_reader().read(patient).mentions)
      result += std::to_string(mention.finding) + (mention.polarity == clinical::Polarity::present ? "+" : "-") +
                std::to_string(mention.span.begin) + ";";
    return result;
  };
  const std::string expected = summary();
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::string& result : results) threads.emplace_back([&] { result = summary(); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) EXPECT_EQ(result, expected);
}

TEST(CaseReader, HostileTextsOfTheLargestSize) {
  for (const char* word : {"pain ", "chest pain ", "no ", "3 days ", "last year ", "(", "aaaaaaaaaaaaaaaaaaaa", "bp 80/40 ", "history of ", "1",
                           "n/v/d ", "a,", "'", "diarrhoex "}) {
    std::string text;
    while (text.size() < 20'000) text += word;
    const clinical::PatientCase patient = patient_saying(text.substr(0, 20'000));
    check_sound(shipped_reader().read(patient), patient);
  }
}

TEST(CaseReader, MentionsAreSortedBySpan) {
  const CaseReading reading = shipped_reader().read(patient_saying("Cough, fever and no rash. Headache."));
  EXPECT_GE(reading.mentions.size(), 4u);
  for (std::size_t i = 1; i < reading.mentions.size(); ++i) EXPECT_LE(reading.mentions[i - 1].span.begin, reading.mentions[i].span.begin);
}

TEST(CaseReader, AnEmptyKnowledgeBaseReadsNothing) {
  const clinical::KnowledgeBase empty;
  const CaseReader reader(empty);
  EXPECT_TRUE(reader.read(patient_saying("chest pain for 3 days")).findings.findings.empty());
  EXPECT_TRUE(reader.complete("pain", "", 5).empty());
}

}  // namespace
}  // namespace osler::language
