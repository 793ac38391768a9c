#include "train/cases/voice.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "../random_seed.h"
#include "small_world.h"
#include "train/cases/phrasing.h"

namespace osler::train {
namespace {

using namespace clinical;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

/// Alike but for one slip of the keyboard or of person: no word more or less, short ones as they were.
bool alike(const std::string& said, const std::string& phrase) {
  const auto a = words_of(said), b = words_of(phrase);
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (b[i] == "my" && (a[i] == "his" || a[i] == "her"))) continue;
    const bool long_enough = b[i].size() >= 5 && a[i].size() + 1 >= b[i].size() && a[i].size() <= b[i].size() + 1;
    if (!long_enough || a[i][0] != b[i][0]) return false;
  }
  return true;
}

struct VoiceTest : testing::Test {
  FindingIndex finding(const std::string& id) const { return knowledge.finding_by_id.at(id); }
  void add(const std::string& id, Polarity polarity = Polarity::present) { sampled.findings.push_back({finding(id), polarity, 0.5}); }
  WordedCase said(Voice voice, std::uint64_t index = 0) const {
    Random random(seed, index);
    return put_into_words(knowledge, sampled, voice, random);
  }
  /// Calls `look(voice, worded)` for every voice and many random numbers.
  template <typename Look>
  void each(Look&& look, std::uint64_t count = 200) const {
    for (int v = 0; v < kVoices; ++v)
      for (std::uint64_t i = 0; i < count; ++i) look(static_cast<Voice>(v), said(static_cast<Voice>(v), i));
  }
  VoiceTest() {
    sampled.age_years = 44.7;
    sampled.sex = Sex::female;
    sampled.duration_days = 3;
    for (const char* id : {"cough", "headache", "tired", "crackles", "shadow", "travel"}) add(id);
  }
  bool is_phrase_of(FindingIndex index, const std::string& words) const {
    const Finding& one = knowledge.findings[index];
    const auto fits = [&](const std::string& phrase) { return alike(words, phrase.starts_with('=') ? phrase.substr(1) : phrase); };
    return fits(one.name) || std::any_of(one.clinical_phrases.begin(), one.clinical_phrases.end(), fits) ||
           std::any_of(one.lay_phrases.begin(), one.lay_phrases.end(), fits);
  }
  const KnowledgeBase knowledge = small_world();
  const unsigned seed = fresh_seed();
  SampledCase sampled;
};

std::string everything(const PatientCase& patient) {
  std::string text = patient.narrative;
  for (const auto* list : {&patient.symptoms, &patient.absent_findings, &patient.preexisting_conditions, &patient.family_history})
    for (const std::string& item : *list) text += "|" + item;
  return text;
}

TEST(Voices, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (int v = 0; v < kVoices; ++v) names.insert(name_of(static_cast<Voice>(v)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kVoices));
  EXPECT_EQ(name_of(Voice::own_words), "own_words");
}

TEST_F(VoiceTest, TheSameNumbersGiveTheSameWords) {
  each([&](Voice voice, const WordedCase& worded) {
    std::set<std::string> texts;
    for (int again = 0; again < 2; ++again) texts.insert(everything(said(voice, 7).patient));
    EXPECT_EQ(texts.size(), 1u);
    EXPECT_FALSE(everything(worded.patient).empty());
  }, 3);
}

TEST_F(VoiceTest, VoicesDiffer) {
  std::set<std::string> texts;
  for (int v = 0; v < kVoices; ++v) texts.insert(everything(said(static_cast<Voice>(v)).patient));
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(kVoices));
}

TEST_F(VoiceTest, SpansCutOutTheWordsOfTheirFinding) {
  add("thirst", Polarity::absent);
  each([&](Voice voice, const WordedCase& worded) {
    EXPECT_FALSE(worded.spans.empty());
    for (const LabelledSpan& label : worded.spans) {
      const std::string text = text_of(worded.patient, label.span);
      ASSERT_TRUE(label.span.begin < label.span.end && label.span.end <= text.size()) << name_of(voice) << ": " << text;
      const std::string words = text.substr(label.span.begin, label.span.end - label.span.begin);
      EXPECT_TRUE(is_phrase_of(label.finding, words)) << name_of(voice) << ": " << words << " of " << knowledge.findings[label.finding].id;
      if (label.span.field != CaseField::narrative) {
        EXPECT_EQ(words, text) << "an item of a list is one finding";
      }
    }
  });
}

TEST_F(VoiceTest, SpansDoNotOverlap) {
  add("thirst", Polarity::absent);
  each([](Voice, const WordedCase& worded) {
    for (const LabelledSpan& a : worded.spans)
      for (const LabelledSpan& b : worded.spans)
        if (&a != &b && a.span.field == b.span.field && a.span.item == b.span.item) {
          EXPECT_TRUE(a.span.end <= b.span.begin || b.span.end <= a.span.begin);
        }
  });
}

TEST_F(VoiceTest, EveryComplaintIsToldAndLabelled) {
  each([&](Voice voice, const WordedCase& worded) {
    for (const char* id : {"cough", "headache", "tired"})
      EXPECT_TRUE(std::any_of(worded.spans.begin(), worded.spans.end(), [&](const auto& label) { return label.finding == finding(id); })) << name_of(voice) << " leaves out " << id;
  });
}

TEST_F(VoiceTest, DeniedFindingsAreMarkedAbsent) {
  sampled.findings.clear();
  for (const char* id : {"cough", "crackles"}) add(id);
  for (const char* id : {"headache", "tired", "thirst", "shadow"}) add(id, Polarity::absent);
  int told = 0, listed = 0;
  each([&](Voice, const WordedCase& worded) {
    for (const LabelledSpan& label : worded.spans) {
      const bool denied = label.finding != finding("cough") && label.finding != finding("crackles");
      EXPECT_EQ(label.polarity, denied ? Polarity::absent : Polarity::present) << knowledge.findings[label.finding].id;
      if (label.span.field == CaseField::absent_findings) {
        EXPECT_EQ(label.polarity, Polarity::absent);
      }
      if (label.span.field == CaseField::symptoms) {
        EXPECT_EQ(label.polarity, Polarity::present);
      }
      told += denied && label.span.field == CaseField::narrative;
      listed += label.span.field == CaseField::absent_findings;
    }
    for (std::size_t i = 0; i < worded.patient.absent_findings.size(); ++i)
      EXPECT_TRUE(std::any_of(worded.spans.begin(), worded.spans.end(), [&](const auto& label) { return label.span.field == CaseField::absent_findings && label.span.item == i; }));
  });
  EXPECT_GT(told, 500);
  EXPECT_GT(listed, 500);
}

TEST_F(VoiceTest, ComplaintsOnlyHasNoStory) {
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(said(Voice::complaints_only, i).patient.narrative, "");
  EXPECT_NE(said(Voice::doctors_note).patient.narrative, "");
}

TEST_F(VoiceTest, ARelativeSpeaksInTheThirdPerson) {
  sampled.findings.clear();
  add("headache");
  bool met = false;
  for (std::uint64_t i = 0; i < 200; ++i) {
    for (const Voice voice : {Voice::relative, Voice::report}) {
      const std::string text = everything(said(voice, i).patient);
      EXPECT_EQ(text.find("my head"), std::string::npos) << text;
      met = met || text.find("her head hurts") != std::string::npos;
    }
  }
  EXPECT_TRUE(met);
}

TEST_F(VoiceTest, SomeoneWithoutFindingsFeelsUnwell) {
  sampled.findings.clear();
  each([](Voice voice, const WordedCase& worded) {
    EXPECT_EQ(worded.patient.symptoms, std::vector<std::string>{"feeling unwell"}) << name_of(voice);
    EXPECT_TRUE(worded.spans.empty());
  }, 20);
}

TEST_F(VoiceTest, NoPlaceholderIsLeftAndTextsAreTrimmed) {
  add("thirst", Polarity::absent);
  add("dry_cough", Polarity::absent);
  sampled.known = {knowledge.condition_by_id.at("sweetness")};
  each([](Voice, const WordedCase& worded) {
    const std::string text = everything(worded.patient);
    EXPECT_EQ(text.find_first_of("{}="), std::string::npos) << text;
    EXPECT_EQ(text.find("  "), std::string::npos) << text;
    const std::string& story = worded.patient.narrative;
    EXPECT_TRUE(story.empty() || (story.front() != ' ' && story.back() != ' ')) << story;
  });
}

TEST_F(VoiceTest, ThePersonIsTheSampledOne) {
  sampled.pregnant = true;
  sampled.severity = Severity::severe;
  sampled.sudden = true;
  each([](Voice, const WordedCase& worded) {
    EXPECT_EQ(worded.patient.age_years, 44);
    EXPECT_TRUE(worded.patient.sex == Sex::female || worded.patient.sex == Sex::unknown);
    EXPECT_EQ(worded.patient.severity, Severity::severe);
    ASSERT_TRUE(worded.patient.pregnancy);
    EXPECT_TRUE(worded.patient.pregnancy->pregnant);
    EXPECT_EQ(worded.patient.duration_days.value_or(3), 3);
    EXPECT_EQ(worded.patient.onset.value_or(Onset::sudden), Onset::sudden);
  }, 30);
  sampled.age_years = 0.253;
  EXPECT_NEAR(said(Voice::report).patient.age_years, 0.25, 1e-9) << "months of infants count";
}

TEST_F(VoiceTest, HistoryAndFamilyStandInTheirFields) {
  add("smoker");
  add("family_diabetes");
  sampled.known = {knowledge.condition_by_id.at("sweetness")};
  int in_field = 0, in_story = 0;
  each([&](Voice, const WordedCase& worded) {
    ASSERT_EQ(worded.patient.family_history.size(), 1u);
    for (const std::string& item : worded.patient.preexisting_conditions) in_field += item.find("sweetness") != std::string::npos;
    in_story += worded.patient.narrative.find("sweetness") != std::string::npos;
  }, 50);
  EXPECT_GT(in_field, 50);
  EXPECT_GT(in_story, 50);
}

TEST_F(VoiceTest, WhatThePatientHasDoneComesAfterWhatIsTheMatter) {
  sampled.findings.clear();
  add("travel");
  add("smoker");
  add("crackles");
  each([&](Voice voice, const WordedCase& worded) {
    ASSERT_FALSE(worded.patient.symptoms.empty());
    const LabelledSpan& first = worded.spans.front();
    EXPECT_EQ(first.span.field, CaseField::symptoms) << name_of(voice);
    EXPECT_EQ(first.finding, finding("crackles")) << name_of(voice) << ": " << everything(worded.patient);
  });
}

TEST_F(VoiceTest, AnInfantsAgeIsToldInMonthsOrDays) {
  const auto openings = [&](double age) {
    sampled.age_years = age;
    std::set<std::string> met;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const std::string story = said(Voice::doctors_note, i).patient.narrative;
      if (story.find("F. ") < 7) met.insert(story.substr(0, story.find("F. ")));
    }
    return met;
  };
  EXPECT_EQ(openings(62.9), std::set<std::string>{"62"});
  EXPECT_EQ(openings(0.5), std::set<std::string>{"6/12 "});
  EXPECT_EQ(openings(0.02), std::set<std::string>{"7/7 "});
}

TEST_F(VoiceTest, KinIsOldEnough) {
  const auto kin = [&](double age) {
    sampled.age_years = age;
    std::set<std::string> met;
    for (std::uint64_t i = 0; i < 500; ++i) {
      const std::string story = said(Voice::relative, i).patient.narrative;
      for (const char* who : {"baby", "daughter", "wife", "sister", "friend", "mother", "aunt", "grandmother"})
        if (story.find("my " + std::string(who)) != std::string::npos || story.find("My " + std::string(who)) != std::string::npos) met.insert(who);
    }
    return met;
  };
  EXPECT_EQ(kin(0.5), (std::set<std::string>{"baby", "daughter"}));
  EXPECT_EQ(kin(9), std::set<std::string>{"daughter"});
  EXPECT_EQ(kin(20), (std::set<std::string>{"wife", "sister", "friend"}));
  EXPECT_EQ(kin(40), (std::set<std::string>{"wife", "sister", "friend", "mother", "aunt"}));
  EXPECT_TRUE(kin(80).contains("grandmother"));
}

TEST_F(VoiceTest, NobodyTalksTwiceOfTheSameNorAChildOfItsWork) {
  for (int i = 0; i < 4; ++i) sampled.findings.insert(sampled.findings.end(), sampled.findings.begin(), sampled.findings.begin() + 6);
  const auto times = [](const std::string& story, std::string_view sentence) {
    int met = 0;
    for (std::size_t at = story.find(sentence); at != std::string::npos; at = story.find(sentence, at + 1)) ++met;
    return met;
  };
  int of_work = 0;
  for (const double age : {15.0, 44.7, 80.0}) {
    sampled.age_years = age;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const std::string story = said(Voice::own_words, i).patient.narrative;
      for (const std::string_view sentence : idle_talk()) EXPECT_LE(times(story, sentence), 1) << story;
      for (const std::string_view sentence : working_life_talk()) {
        EXPECT_LE(times(story, sentence), age == 44.7 ? 1 : 0) << age << ": " << story;
        of_work += times(story, sentence);
      }
    }
  }
  EXPECT_GT(of_work, 100);
}

TEST_F(VoiceTest, OnlySomebodyOfFertileAgeIsAskedAboutPregnancy) {
  for (const double age : {8.0, 70.0}) {
    sampled.age_years = age;
    each([](Voice, const WordedCase& worded) { EXPECT_FALSE(worded.patient.pregnancy); }, 100);
  }
  sampled.age_years = 30;
  sampled.pregnant = true;
  each([](Voice, const WordedCase& worded) { EXPECT_EQ(worded.patient.sex, Sex::female) << "who is pregnant is known to be a woman"; }, 100);
}

TEST_F(VoiceTest, MeasurementsStandInTheirFields) {
  sampled.quantities = {{knowledge.quantity_by_id.at("temperature"), Grade::high, 38.6}, {knowledge.quantity_by_id.at("glucose"), Grade::high, 180}};
  each([](Voice, const WordedCase& worded) {
    EXPECT_EQ(worded.patient.vitals.temperature_c, 38.6);
    ASSERT_EQ(worded.patient.lab_results.size(), 1u);
    EXPECT_EQ(worded.patient.lab_results[0].code.text(), "2345-7");
    EXPECT_EQ(worded.patient.lab_results[0].value, 180);
    EXPECT_EQ(worded.patient.lab_results[0].unit, "mg/dL");
  }, 10);
}

}  // namespace
}  // namespace osler::train
