#include "language/completion.h"

#include "knowledge.h"

namespace osler::language {
namespace {

bool offers(std::string_view typed, std::string_view kind, const std::string& id) {
  const auto completions = shipped_reader().complete(typed, kind, 10);
  return std::any_of(completions.begin(), completions.end(), [&](const CaseReader::Completion& c) { return c.id == id; });
}

TEST(Completion, NamesThatBeginSoComeFirst) {
  const auto completions = shipped_reader().complete("head", "", 10);
  ASSERT_FALSE(completions.empty());
  EXPECT_EQ(completions.front().name.substr(0, 4), "head");
}

TEST(Completion, AWholeSynonymComesBeforeBeginnings) {
  const auto completions = shipped_reader().complete("mi", "history", 3);
  ASSERT_FALSE(completions.empty());
  EXPECT_EQ(completions.front().id, "acute_myocardial_infarction");
}

TEST(Completion, EachTypedWordBeginsSomeWord) {
  EXPECT_TRUE(offers("che pa", "symptom", "chest_pain"));
  EXPECT_TRUE(offers("pain ches", "symptom", "chest_pain"));
  EXPECT_FALSE(offers("chest zzz", "symptom", "chest_pain"));
}

TEST(Completion, BothSpellingsAlsoHalfTyped) {
  for (const char* typed : {"diarrhoea", "diarrhea", "diarrho", "diarrhe", "DIARR"}) EXPECT_TRUE(offers(typed, "symptom", "diarrhoea")) << typed;
}

TEST(Completion, AnswersAreTheSameForAnyOrderOfWordsAndCase) {
  const auto ids = [](std::string_view typed) {
    std::vector<std::string> found;
    for (const CaseReader::Completion& one : shipped_reader().complete(typed, "", 500)) found.push_back(one.id);
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_FALSE(ids("pain che").empty());
  EXPECT_EQ(ids("pain che"), ids("CHE pain"));
  const std::vector<std::string> once = ids("pain");
  EXPECT_EQ(std::adjacent_find(once.begin(), once.end()), once.end()) << "an entry of many texts is offered once";
}

TEST(Completion, KindsAreApart) {
  EXPECT_TRUE(offers("troponin", "lab", "troponin_i"));
  EXPECT_FALSE(offers("troponin", "symptom", "troponin_i"));
  EXPECT_TRUE(offers("type 2", "history", "type_2_diabetes"));
  EXPECT_FALSE(offers("type 2", "symptom", "type_2_diabetes"));
  EXPECT_TRUE(offers("fever", "symptom", "fever"));
}

TEST(Completion, NothingAndLimits) {
  EXPECT_TRUE(shipped_reader().complete("", "", 10).empty());
  EXPECT_TRUE(shipped_reader().complete("  ,;", "", 10).empty());
  EXPECT_TRUE(shipped_reader().complete("pain", "", 0).empty());
  EXPECT_EQ(shipped_reader().complete("pain", "", 3).size(), 3u);
  EXPECT_NO_FATAL_FAILURE(shipped_reader().complete("\xFF\xFE", "", 3));
}

}  // namespace
}  // namespace osler::language
