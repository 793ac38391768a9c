#include "language/case_text.h"

#include <gtest/gtest.h>

#include "../clinical/small_knowledge.h"
#include "../random_seed.h"

namespace osler::language {
namespace {

using namespace clinical;
using Texts = std::vector<std::string>;

KnowledgeBase knowledge_of_two() {
  std::vector<KnowledgeFault> faults;
  return std::move(load_knowledge(small_files(), faults)).value();
}

class CaseText : public testing::Test {
 protected:
  CaseText() {
    patient_.age_years = 40;
    patient_.symptoms = {"cough"};
  }
  std::vector<CaseTextUnit> units() const { return case_text_units(knowledge_, patient_, quantities_); }
  Texts texts() const {
    Texts all;
    for (const CaseTextUnit& unit : units()) all.push_back(unit.text);
    return all;
  }
  std::string age(double years) {
    patient_.age_years = years;
    return texts().at(0);
  }
  /// What the unit of the duration says.
  std::string duration(double days) {
    patient_.duration_days = days;
    return texts().at(3);
  }
  void measured(const char* id, Grade grade, CaseField field, std::size_t item = 0) {
    ObservedQuantity quantity;
    quantity.quantity = knowledge_.quantity_by_id.at(id);
    quantity.grade = grade;
    quantity.span.field = field;
    quantity.span.item = item;
    quantities_.push_back(quantity);
  }

  const KnowledgeBase knowledge_ = knowledge_of_two();
  PatientCase patient_;
  std::vector<ObservedQuantity> quantities_;
};

TEST_F(CaseText, OfTheLeastCaseIsAgeSeverityAndComplaint) { EXPECT_EQ(texts(), (Texts{"40 years old", "moderate", "cough"})); }

TEST_F(CaseText, ReadsTheComplaintBeforeAllElseButThePerson) {
  patient_.sex = Sex::female;
  patient_.severity = Severity::severe;
  patient_.symptoms = {"cough", "worn out"};
  patient_.onset = Onset::sudden;
  patient_.duration_days = 3;
  patient_.pregnancy = Pregnancy{true, 12};
  patient_.absent_findings = {"fever"};
  patient_.preexisting_conditions = {"asthma"};
  patient_.family_history = {"stroke"};
  patient_.narrative = "Fell ill at work. Worse at night.";
  measured("temperature", Grade::markedly_high, CaseField::vitals);
  measured("glucose", Grade::low, CaseField::lab_results, 1);
  EXPECT_EQ(texts(), (Texts{"40 years old", "female", "severe", "cough", "worn out", "sudden onset", "for 3 days", "pregnant 12 weeks", "no fever",
                            "glucose low", "temperature very high", "history of asthma", "family history of stroke", "Fell ill at work.",
                            "Worse at night."}));
}

TEST_F(CaseText, EachUnitKnowsWhereTheRequestSaidIt) {
  patient_.symptoms = {"cough", "worn out"};
  patient_.absent_findings = {"fever"};
  patient_.family_history = {"stroke"};
  patient_.narrative = "Ill. Worse.";
  const std::vector<CaseTextUnit> all = units();
  ASSERT_EQ(all.size(), 8u);
  EXPECT_EQ(all[0].span.field, CaseField::age);
  EXPECT_EQ(all[1].span.field, CaseField::severity);
  EXPECT_EQ(all[3].span, (TextSpan{CaseField::symptoms, 1, 0, 8}));
  EXPECT_EQ(all[4].span, (TextSpan{CaseField::absent_findings, 0, 0, 5}));
  EXPECT_EQ(all[5].span, (TextSpan{CaseField::family_history, 0, 0, 6}));
  EXPECT_EQ(all[7].span, (TextSpan{CaseField::narrative, 0, 5, 11}));
}

/// The caller's words of a unit, by its span: what `quoted` must lead to.
std::string said(const PatientCase& patient, const TextSpan& span) {
  const auto item = [&](const std::vector<std::string>& list) { return list.at(span.item).substr(span.begin, span.end - span.begin); };
  switch (span.field) {
    case CaseField::symptoms: return item(patient.symptoms);
    case CaseField::absent_findings: return item(patient.absent_findings);
    case CaseField::preexisting_conditions: return item(patient.preexisting_conditions);
    case CaseField::family_history: return item(patient.family_history);
    case CaseField::narrative: return patient.narrative.substr(span.begin, span.end - span.begin);
    default: return "";
  }
}

TEST_F(CaseText, TheQuotedPartIsWhatTheCallerWrote) {
  patient_.symptoms = {"cough", "d\u00E9j\u00E0 vu"};
  patient_.absent_findings = {"fever", "rash"};
  patient_.preexisting_conditions = {"asthma"};
  patient_.family_history = {"stroke"};
  patient_.narrative = "  Ill since 3.5 days;worse\nat night. Why? ";
  measured("temperature", Grade::high, CaseField::vitals);
  for (const CaseTextUnit& unit : units()) EXPECT_EQ(unit.text.substr(unit.quoted), said(patient_, unit.span)) << unit.text;
}

TEST_F(CaseText, MeasurementsReadFromTextsAreLeftToTheTexts) {
  for (const CaseField field : {CaseField::narrative, CaseField::symptoms, CaseField::absent_findings}) measured("temperature", Grade::high, field);
  EXPECT_EQ(texts().size(), 3u);
}

TEST_F(CaseText, SaysEachGradeInWords) {
  for (const Grade grade : {Grade::markedly_low, Grade::low, Grade::normal, Grade::high, Grade::markedly_high}) measured("glucose", grade, CaseField::lab_results);
  const Texts all = texts();
  EXPECT_EQ(Texts(all.begin() + 3, all.end()), (Texts{"glucose very low", "glucose low", "glucose normal", "glucose high", "glucose very high"}));
}

TEST_F(CaseText, SaysAnAgeAsOneDoes) {
  EXPECT_EQ(age(0), "0 weeks old");
  EXPECT_EQ(age(1 / 52.18), "1 week old");
  EXPECT_EQ(age(0.1), "5 weeks old");
  EXPECT_EQ(age(0.2), "2.5 months old");
  EXPECT_EQ(age(1.5), "18 months old");
  EXPECT_EQ(age(1.999), "24 months old");
  EXPECT_EQ(age(2), "2 years old");
  EXPECT_EQ(age(2.99), "2 years old") << "not before the birthday";
  EXPECT_EQ(age(150), "150 years old");
}

TEST_F(CaseText, SaysADurationInTheUnitThatFits) {
  EXPECT_EQ(duration(0), "for 1 hour");
  EXPECT_EQ(duration(0.01), "for 1 hour");
  EXPECT_EQ(duration(0.5), "for 12 hours");
  EXPECT_EQ(duration(1), "for 1 day");
  EXPECT_EQ(duration(1.5), "for 1.5 days");
  EXPECT_EQ(duration(14), "for 14 days");
  EXPECT_EQ(duration(15), "for 2 weeks");
  EXPECT_EQ(duration(60), "for 8.5 weeks");
  EXPECT_EQ(duration(61), "for 2 months");
  EXPECT_EQ(duration(730), "for 24 months");
  EXPECT_EQ(duration(731), "for 2 years");
  EXPECT_EQ(duration(36'500), "for 100 years");
}

TEST_F(CaseText, SexIsSaidWhereItIsOneOfTwo) {
  patient_.sex = Sex::male;
  EXPECT_EQ(texts().at(1), "male");
  for (const Sex sex : {Sex::other, Sex::unknown}) {
    patient_.sex = sex;
    EXPECT_EQ(texts().at(1), "moderate");
  }
}

TEST_F(CaseText, PregnancyIsSaidWithItsWeeksIfKnown) {
  patient_.pregnancy = Pregnancy{true, {}};
  EXPECT_EQ(texts().back(), "pregnant");
  patient_.pregnancy = Pregnancy{true, 1};
  EXPECT_EQ(texts().back(), "pregnant 1 week");
  patient_.pregnancy = Pregnancy{false, 12};
  EXPECT_EQ(texts().back(), "not pregnant");
}

// --- Sentences ---

Texts sentences(const std::string& text) {
  Texts all;
  for (const auto& [begin, end] : sentences_of(text)) all.push_back(text.substr(begin, end - begin));
  return all;
}

TEST(Sentences, EndAtStopsBeforeWhiteSpaceAtSemicolonsAndAtLineBreaks) {
  EXPECT_EQ(sentences("Ill. Very ill! Why? Who knows"), (Texts{"Ill.", "Very ill!", "Why?", "Who knows"}));
  EXPECT_EQ(sentences("cough;fever; rash\nno pain\r\nend"), (Texts{"cough;", "fever;", "rash", "no pain", "end"}));
}

TEST(Sentences, AStopInsideAWordEndsNothing) {
  EXPECT_EQ(sentences("38.5 C at 9.30. Dr.Who?yes"), (Texts{"38.5 C at 9.30.", "Dr.Who?yes"}));
}

TEST(Sentences, OfNothingAreNone) {
  for (const char* nothing : {"", " ", "\n\n", " \t\r\n "}) EXPECT_TRUE(sentences(nothing).empty());
}

TEST(Sentences, OfStopsAloneAreStops) { EXPECT_EQ(sentences("... ; ."), (Texts{"...", ";", "."})); }

// Whatever the text: in order, apart, without white space at their ends, and nothing but white space left between them.
TEST(Sentences, TogetherCoverEveryWord) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  const Texts pieces = {"a", "B", ".", "!", "?", ";", "\n", " ", "\t", "\r", "\u00E9", "\u75DB", "3.5", "\xFF", std::string(1, '\0')};
  const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t i = random() % 40; i > 0; --i) text += pieces[random() % pieces.size()];
    std::size_t last = 0;
    const auto all_blank = [&](std::size_t begin, std::size_t end) { return std::all_of(text.begin() + begin, text.begin() + end, is_blank); };
    for (const auto& [begin, end] : sentences_of(text)) {
      ASSERT_LT(begin, end) << "seed " << seed;
      ASSERT_LE(end, text.size()) << "seed " << seed;
      ASSERT_TRUE(begin >= last && all_blank(last, begin)) << "seed " << seed << ", round " << round;
      ASSERT_FALSE(is_blank(text[begin]) || is_blank(text[end - 1])) << "seed " << seed << ", round " << round;
      last = end;
    }
    ASSERT_TRUE(all_blank(last, text.size())) << "seed " << seed << ", round " << round;
  }
}

}  // namespace
}  // namespace osler::language
