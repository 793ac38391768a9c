#include "train/cases/case_generator.h"

#include <array>
#include <map>
#include <set>
#include <thread>

#include "../language/knowledge.h"
#include "../random_seed.h"
#include "base/limits.h"
#include "service/case_json.h"
#include "small_world.h"

namespace osler::train {
namespace {

using namespace clinical;

struct CaseGeneratorTest : testing::Test {
  std::string at(const CaseGenerator& generator, std::uint64_t index) const { return written(knowledge, generator.make(index)); }
  const KnowledgeBase knowledge = small_world();
  const unsigned seed = fresh_seed();
};

TEST_F(CaseGeneratorTest, AnIndexGivesTheSameCaseInAnyOrder) {
  const CaseGenerator generator(knowledge, seed, 0.35), again(knowledge, seed, 0.35);
  std::vector<std::string> forward;
  for (std::uint64_t i = 0; i < 200; ++i) forward.push_back(at(generator, i));
  for (std::uint64_t i = 200; i-- > 0;) EXPECT_EQ(at(again, i), forward[i]);
}

TEST_F(CaseGeneratorTest, AnIndexGivesTheSameCaseInAnyThread) {
  const CaseGenerator generator(knowledge, seed, 0.35);
  constexpr std::size_t kThreads = 4, kCases = 200;
  std::array<std::vector<std::string>, kThreads> made;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < kCases; ++i) made[t].push_back(at(generator, (i + 50 * t) % kCases));
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < kThreads; ++t)
    for (std::size_t i = 0; i < kCases; ++i) ASSERT_EQ(made[t][i], at(generator, (i + 50 * t) % kCases));
}

TEST_F(CaseGeneratorTest, OtherIndicesAndSeedsGiveOtherCases) {
  const CaseGenerator one(knowledge, seed, 0.35), other(knowledge, seed + 1ULL, 0.35);
  std::set<std::string> cases;
  for (std::uint64_t i = 0; i < 500; ++i) {
    cases.insert(at(one, i));
    EXPECT_NE(at(one, i), at(other, i)) << i;
  }
  EXPECT_GT(cases.size(), 490u) << "two short ones may be alike";
}

TEST_F(CaseGeneratorTest, MakesAnotherPatientWithThatCondition) {
  const CaseGenerator generator(knowledge, seed, 0.35);
  for (std::uint64_t i = 0; i < 200; ++i) {
    const GeneratedCase first = generator.make(i), second = generator.make_of(first.condition, i);
    EXPECT_EQ(second.condition, first.condition);
    EXPECT_NE(written(knowledge, first), written(knowledge, second)) << i;
    EXPECT_EQ(written(knowledge, second), written(knowledge, generator.make_of(first.condition, i)));
  }
}

TEST_F(CaseGeneratorTest, EveryVoiceIsMetOwnWordsMost) {
  const CaseGenerator generator(knowledge, seed, 0.35);
  std::map<Voice, int> met;
  for (std::uint64_t i = 0; i < 5000; ++i) ++met[generator.make(i).voice];
  EXPECT_EQ(met.size(), static_cast<std::size_t>(kVoices));
  for (const auto& [voice, count] : met) {
    EXPECT_LE(count, met[Voice::own_words]) << name_of(voice);
    EXPECT_GT(count, 100) << name_of(voice);
  }
}

TEST_F(CaseGeneratorTest, WritesWhatIsTrueBesideTheRequest) {
  const CaseGenerator generator(knowledge, seed, 0.35);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const GeneratedCase generated = generator.make(i);
    const Json json = write_generated(knowledge, generated);
    EXPECT_EQ(json["condition"], knowledge.conditions[generated.condition].id);
    EXPECT_EQ(json["voice"], name_of(generated.voice));
    ASSERT_EQ(json["spans"].size(), generated.words.spans.size());
    for (std::size_t s = 0; s < json["spans"].size(); ++s) {
      const LabelledSpan& label = generated.words.spans[s];
      EXPECT_EQ(json["spans"][s]["finding"], knowledge.findings[label.finding].id);
      EXPECT_EQ(json["spans"][s]["field"], name_of(label.span.field));
      EXPECT_EQ(json["spans"][s]["polarity"], label.polarity == Polarity::present ? "present" : "absent");
    }
    EXPECT_FALSE(json["request"].contains("condition"));
  }
}

// Of the shipped knowledge base, whose texts are the ones that a network will read.
struct ShippedCasesTest : testing::Test {
  const KnowledgeBase& knowledge = language::shipped_knowledge();
  const unsigned seed = fresh_seed();
  const CaseGenerator generator{knowledge, seed, 0.35};
  static constexpr std::uint64_t kCases = 2000;
};

TEST_F(ShippedCasesTest, RequestsParseWithoutErrorOrWarning) {
  for (std::uint64_t i = 0; i < kCases; ++i) {
    const Json request = write_generated(knowledge, generator.make(i))["request"];
    const auto parsed = service::parse_case(parse_json(request.dump()).value());
    ASSERT_TRUE(parsed) << i << ": " << request.dump() << (parsed.error().fields.empty() ? "" : parsed.error().fields[0].pointer + " " + parsed.error().fields[0].problem);
    EXPECT_TRUE(parsed->warnings.empty()) << i << ": " << parsed->warnings[0].pointer;
  }
}

TEST_F(ShippedCasesTest, NobodySaysOnlyThatTheyFeelUnwell) {
  for (std::uint64_t i = 0; i < 5 * kCases; ++i) {
    const GeneratedCase generated = generator.make(i);
    EXPECT_NE(generated.words.patient.symptoms, std::vector<std::string>{"feeling unwell"}) << i << ": " << knowledge.conditions[generated.condition].id;
    const auto& spans = generated.words.spans;
    EXPECT_TRUE(std::any_of(spans.begin(), spans.end(), [](const LabelledSpan& label) { return label.polarity == Polarity::present; })) << i;
  }
}

TEST_F(ShippedCasesTest, SmallChildrenDoNotWriteThemselves) {
  int children = 0;
  for (std::uint64_t i = 0; i < kCases; ++i) {
    const GeneratedCase generated = generator.make(i);
    if (generated.words.patient.age_years >= 10) continue;
    ++children;
    EXPECT_TRUE(generated.voice != Voice::own_words && generated.voice != Voice::telegram) << i;
  }
  EXPECT_GT(children, 50);
}

TEST_F(ShippedCasesTest, WordsDoNotSpeakOfTheOtherSex) {
  std::size_t other = 0, all = 0;
  for (std::uint64_t i = 0; i < 5 * kCases; ++i) {
    const GeneratedCase generated = generator.make(i);
    const PatientCase& patient = generated.words.patient;
    for (const std::string& symptom : patient.symptoms) {
      ++all;
      const std::string text = " " + symptom + " ";
      for (const char* word : {" he ", " his ", " penis ", " testicle ", " foreskin "}) other += patient.sex == Sex::female && text.find(word) != std::string::npos;
      for (const char* word : {" she ", " her ", " womb ", " vagina ", " pregnant "}) other += patient.sex == Sex::male && text.find(word) != std::string::npos;
    }
  }
  EXPECT_LT(static_cast<double>(other), 0.001 * static_cast<double>(all)) << "a husband who does something is a man";
}

TEST_F(ShippedCasesTest, StayWithinTheLimitsOfACase) {
  for (std::uint64_t i = 0; i < kCases; ++i) {
    const PatientCase patient = generator.make(i).words.patient;
    EXPECT_TRUE(patient.age_years >= 0 && patient.age_years <= limits::kMaxAgeYears) << i;
    EXPECT_TRUE(!patient.symptoms.empty() && patient.symptoms.size() <= limits::kMaxSymptoms) << i;
    for (const std::string& symptom : patient.symptoms) EXPECT_TRUE(!symptom.empty() && symptom.size() <= limits::kMaxSymptomCharacters) << i;
    for (const auto* list : {&patient.absent_findings, &patient.preexisting_conditions, &patient.family_history}) {
      EXPECT_LE(list->size(), limits::kMaxListItems) << i;
      for (const std::string& item : *list) EXPECT_LE(item.size(), limits::kMaxListItemCharacters) << i;
    }
    EXPECT_LE(patient.narrative.size(), limits::kMaxNarrativeCharacters) << i;
    EXPECT_LE(patient.duration_days.value_or(0), limits::kMaxDurationDays) << i;
    EXPECT_LE(patient.lab_results.size(), limits::kMaxLabs) << i;
  }
}

TEST_F(ShippedCasesTest, ParsingKeepsTextsSoThatSpansStillCutOutTheWords) {
  for (std::uint64_t i = 0; i < kCases; ++i) {
    const GeneratedCase generated = generator.make(i);
    const PatientCase parsed = service::parse_case(write_generated(knowledge, generated)["request"])->patient;
    const PatientCase& patient = generated.words.patient;
    EXPECT_EQ(parsed.symptoms, patient.symptoms) << i;
    EXPECT_EQ(parsed.narrative, patient.narrative) << i;
    EXPECT_EQ(parsed.absent_findings, patient.absent_findings) << i;
    for (const LabelledSpan& label : generated.words.spans) {
      const std::string text = text_of(parsed, label.span);
      ASSERT_TRUE(label.span.begin < label.span.end && label.span.end <= text.size()) << i << ": " << text;
      const auto letter = [&](std::size_t at) { return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])); };
      EXPECT_FALSE(label.span.begin > 0 && letter(label.span.begin - 1) && letter(label.span.begin)) << i << ": begins inside a word of " << text;
      EXPECT_FALSE(letter(label.span.end) && letter(label.span.end - 1)) << i << ": ends inside a word of " << text;
    }
  }
}

TEST_F(ShippedCasesTest, MeasurementsCanBeUsed) {
  std::size_t used = 0;
  for (std::uint64_t i = 0; i < kCases; ++i) {
    const GradedLabs graded = grade_measurements(knowledge, generator.make(i).words.patient);
    for (const CaseWarning& warning : graded.warnings) ADD_FAILURE() << i << ": " << warning.code << " " << warning.text;
    used += graded.observed.size();
  }
  EXPECT_GT(used, kCases / 2);
}

TEST_F(ShippedCasesTest, TheWrittenPersonCouldHaveTheCondition) {
  for (std::uint64_t i = 0; i < 5 * kCases; ++i) {
    const GeneratedCase generated = generator.make(i);
    const Condition& condition = knowledge.conditions[generated.condition];
    const PatientCase& patient = generated.words.patient;
    EXPECT_TRUE(patient.age_years >= condition.limits.age_min && patient.age_years <= condition.limits.age_max) << condition.id << " at " << patient.age_years;
    EXPECT_TRUE(!condition.limits.sex || patient.sex == Sex::unknown || patient.sex == *condition.limits.sex) << condition.id;
    if (condition.limits.pregnant && patient.pregnancy) {
      EXPECT_EQ(patient.pregnancy->pregnant, *condition.limits.pregnant) << condition.id;
    }
  }
}

}  // namespace
}  // namespace osler::train
