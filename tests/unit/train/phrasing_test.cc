#include "train/cases/phrasing.h"

#include <algorithm>
#include <set>
#include <string>

#include "../language/knowledge.h"

namespace osler::train {
namespace {

using Texts = std::span<const std::string_view>;

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

template <typename Look>
void each_voice(Look&& look) {
  for (int v = 0; v < kVoices; ++v) look(static_cast<Voice>(v), phrasing_of(static_cast<Voice>(v)));
}

std::string filled(std::string_view pattern, std::string_view words) {
  std::string text(pattern);
  const auto replace = [&](std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) text.replace(at, from.size(), to);
  };
  replace("{who}", "mother");
  replace("{they}", "She");
  replace("{}", words);
  return text;
}

TEST(Phrasing, EveryPatternHasAPlaceForWhatItSays) {
  each_voice([](Voice voice, const Phrasing& style) {
    for (const Texts list : {style.openings, style.sentences, style.denials, style.durations, style.histories}) {
      EXPECT_FALSE(list.empty()) << name_of(voice);
      for (const std::string_view pattern : list) EXPECT_EQ(count(pattern, "{}"), 1u) << pattern;
    }
    EXPECT_FALSE(style.pairs.empty()) << name_of(voice);
    for (const std::string_view pattern : style.pairs) EXPECT_EQ(count(pattern, "{}"), 2u) << pattern;
  });
}

TEST(Phrasing, OnlyARelativeSpeaksOfSomeoneElse) {
  each_voice([](Voice voice, const Phrasing& style) {
    std::size_t others = 0;
    for (const Texts list : {style.openings, style.sentences, style.pairs, style.denials, style.durations, style.histories})
      for (const std::string_view pattern : list) others += count(pattern, "{who}") + count(pattern, "{they}");
    EXPECT_EQ(others > 0, voice == Voice::relative) << name_of(voice);
  });
}

TEST(Phrasing, SharesAreShares) {
  each_voice([](Voice voice, const Phrasing& style) {
    for (const double share : {style.lay, style.misspelling, style.talk}) EXPECT_TRUE(share >= 0 && share <= 1) << name_of(voice);
  });
  EXPECT_LT(phrasing_of(Voice::doctors_note).lay, phrasing_of(Voice::own_words).lay);
  EXPECT_GT(phrasing_of(Voice::telegram).misspelling, phrasing_of(Voice::report).misspelling);
}

TEST(Phrasing, EveryVoiceOpensInItsOwnWay) {
  std::set<std::string_view> firsts;
  each_voice([&](Voice, const Phrasing& style) { firsts.insert(style.openings.front()); });
  EXPECT_GE(firsts.size(), 5u);
}

// The rules for negation are another author of the same question, so they may judge; where they do not know a phrase ("not reporting") they read nothing
// into it but the finding.
TEST(Phrasing, NoDenialReadsAsPresentAndNothingElseAsAbsent) {
  const auto reads = [](std::string_view pattern) {
    return language::observed(language::shipped_reader().read(language::patient_saying(filled(pattern, "headache"))), "headache");
  };
  each_voice([&](Voice voice, const Phrasing& style) {
    for (const std::string_view pattern : style.denials)
      if (pattern != "Not reporting {}.") {
        EXPECT_EQ(reads(pattern), "absent") << name_of(voice) << ": " << pattern;
      }
    for (const Texts list : {style.openings, style.sentences, style.pairs})
      for (const std::string_view pattern : list) EXPECT_NE(reads(pattern), "absent") << name_of(voice) << ": " << pattern;
  });
}

TEST(Phrasing, OnlyAJointTakesAClause) {
  for (const char* pattern : {"{}.", "Also {}.", "{} and {}.", "And {}.", "Calling for my {who}: {}."}) EXPECT_TRUE(takes_clause(pattern)) << pattern;
  for (const char* pattern : {"I have {}.", "{} noted.", "There's {} too.", "No {}.", "{} with {}.", "My {who} has {}.", "O/E {}."}) EXPECT_FALSE(takes_clause(pattern)) << pattern;
}

TEST(Phrasing, EveryVoiceCanSayAClauseAndAnyFinding) {
  using clinical::FindingKind, clinical::Polarity;
  each_voice([](Voice voice, const Phrasing& style) {
    EXPECT_TRUE(std::any_of(style.sentences.begin(), style.sentences.end(), takes_clause)) << name_of(voice);
    EXPECT_TRUE(std::any_of(style.pairs.begin(), style.pairs.end(), takes_clause)) << name_of(voice);
    for (const FindingKind kind : {FindingKind::symptom, FindingKind::sign, FindingKind::imaging, FindingKind::history, FindingKind::exposure, FindingKind::vital, FindingKind::lab})
      for (const Texts list : {style.openings, style.sentences, style.pairs, style.denials}) {
        const Polarity polarity = list.data() == style.denials.data() ? Polarity::absent : Polarity::present;
        const auto fits = [&](std::string_view pattern) { return suits(pattern, kind, polarity); };
        const bool any = std::any_of(list.begin(), list.end(), fits);
        EXPECT_TRUE(any || (list.data() == style.openings.data() && kind >= FindingKind::history)) << name_of(voice) << ": kind " << static_cast<int>(kind);
      }
  });
}

TEST(Phrasing, APatternSuitsSomeKindsOnly) {
  using clinical::FindingKind, clinical::Polarity;
  EXPECT_TRUE(suits("O/E {}.", FindingKind::sign, Polarity::present));
  EXPECT_FALSE(suits("O/E {}.", FindingKind::symptom, Polarity::present));
  EXPECT_FALSE(suits("Examination shows {}.", FindingKind::imaging, Polarity::present));
  EXPECT_TRUE(suits("Reports {}.", FindingKind::symptom, Polarity::present));
  EXPECT_FALSE(suits("Reports {}.", FindingKind::imaging, Polarity::present));
  EXPECT_FALSE(suits("Denies {}.", FindingKind::sign, Polarity::absent));
  EXPECT_FALSE(suits("Presents with {}.", FindingKind::history, Polarity::present));
  EXPECT_TRUE(suits("Also {}.", FindingKind::history, Polarity::present));
  EXPECT_TRUE(suits("No {}.", FindingKind::history, Polarity::absent));
}

std::vector<std::string_view> all_talk() {
  std::vector<std::string_view> all(idle_talk().begin(), idle_talk().end());
  all.insert(all.end(), working_life_talk().begin(), working_life_talk().end());
  return all;
}

TEST(Phrasing, TalkThatFitsAnybodySaysNothingOfTheTeller) {
  for (const std::string_view sentence : idle_talk())
    for (const char* word : {"I ", "I'", " my ", "My ", " me "}) EXPECT_EQ(sentence.find(word), std::string_view::npos) << sentence;
}

TEST(Phrasing, IdleTalkIsFinishedSentences) {
  std::set<std::string_view> different;
  for (const std::string_view sentence : all_talk()) {
    EXPECT_TRUE(sentence.ends_with('.') || sentence.ends_with('?')) << sentence;
    EXPECT_EQ(sentence.find('{'), std::string_view::npos) << sentence;
    EXPECT_TRUE(different.insert(sentence).second) << sentence;
  }
  EXPECT_GT(different.size(), 20u);
}

TEST(Phrasing, IdleTalkNamesNoFinding) {
  for (const std::string_view sentence : all_talk()) {
    const language::CaseReading reading = language::shipped_reader().read(language::patient_saying(std::string(sentence)));
    for (const clinical::ObservedFinding& one : reading.findings.findings)
      ADD_FAILURE() << sentence << " says " << language::shipped_knowledge().findings[one.finding].id;
  }
}

}  // namespace
}  // namespace osler::train
