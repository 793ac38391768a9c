// What is stored beside a record: service/case_summary.h and service/rotations.h.
#include "service/case_summary.h"

#include <cmath>
#include <numeric>

#include "answer_world.h"
#include "service/rotations.h"
#include "small_world.h"
#include "base/ids.h"

namespace osler::service {
namespace {

class Summaries : public testing::Test {
 protected:
  static SummaryContent content() {
    SummaryContent one;
    one.age_years = 0.5;
    one.sex = clinical::Sex::male;
    one.present = {"cough", "fever"};
    one.absent = {"tired"};
    one.candidates = {{"d1", 0.4321}, {"d2", 0.1}};
    one.outcome = CaseOutcome{"d1", "J11", "2026-11-20", "by culture", "dr.house", "2026-11-21T10:00:00.000Z"};
    return one;
  }
  const vault::KeyRing keys_ = vault::KeyRing::of(vault::Secret::random());
  const vault::Names names_ = vault::Names::random();
};

TEST_F(Summaries, AgeBandsMeetWithoutGapAndWithoutOverlap) {
  const std::vector<std::pair<double, const char*>> edges = {{0, "under 1"}, {0.999, "under 1"}, {1, "1-4"}, {4.99, "1-4"}, {5, "5-14"}, {14.9, "5-14"}, {15, "15-24"},
      {25, "25-34"}, {35, "35-44"}, {45, "45-54"}, {55, "55-64"}, {65, "65-74"}, {75, "75-84"}, {84.9, "75-84"}, {85, "85+"}, {150, "85+"}};
  for (const auto& [age, band] : edges) {
    EXPECT_EQ(age_band(age), band) << age;
    EXPECT_TRUE(is_age_band(band));
  }
  EXPECT_FALSE(is_age_band("1-5"));
  EXPECT_EQ(age_bands(4, 15), (std::vector<std::string_view>{"1-4", "5-14", "15-24"}));
  EXPECT_EQ(age_bands(0, 150).size(), 11u);
}

TEST_F(Summaries, AreReadBackAsTheyWereWritten) {
  const std::string text = write_summary(content());
  const SummaryContent again = parse_summary(text).value();
  EXPECT_EQ(write_summary(again), text);
  EXPECT_EQ(again.present, content().present);
  EXPECT_EQ(again.absent, content().absent);
  EXPECT_EQ(again.sex, clinical::Sex::male);
  EXPECT_EQ(again.outcome->note, "by culture");
  for (const char* wrong : {"", "[]", "{}", R"({"format":2})", R"({"format":1,"age_years":"x"})"}) EXPECT_EQ(parse_summary(wrong).error().code, ErrorCode::corrupted) << wrong;
}

TEST_F(Summaries, AreSealedToTheirRowAndNameNothingInClear) {
  const cases::CaseSummary sealed = seal_summary(keys_, names_, "id-1", "set", {1, 0}, content());
  EXPECT_EQ(write_summary(open_summary(keys_, "id-1", sealed.content).value()), write_summary(content()));
  EXPECT_EQ(open_summary(keys_, "id-2", sealed.content).error().code, ErrorCode::corrupted);
  EXPECT_EQ(sealed.age_band, names_.token("age band", "under 1"));
  EXPECT_EQ(sealed.sex, names_.token("sex", "male"));
  EXPECT_EQ(sealed.condition, condition_token(names_, "J11"));
  SummaryContent open_case = content();
  open_case.outcome.reset();
  EXPECT_EQ(seal_summary(keys_, names_, "id-1", "set", {1, 0}, open_case).condition, "");
  for (const char* word : {"cough", "J11", "culture"}) EXPECT_EQ(as_text(sealed.content.payload).find(word), std::string_view::npos);
}

TEST_F(Summaries, HoldWhatWasSaidAndWhatWasMeasuredOutOfRange) {
  const SmallWorld world;
  const auto answer = world.answerer.answer(
      R"({"age": 40, "symptoms": ["cough"], "severity": "mild", "sex": "female", "absent_findings": ["fatigue"], "vitals": {"temperature_c": 39}})", make_uuid(), {}).value();
  EXPECT_EQ(answer.summary.present, (std::vector<std::string>{"cough", "fever"}));
  EXPECT_EQ(answer.summary.absent, (std::vector<std::string>{"tired"}));
  EXPECT_EQ(answer.summary.age_years, 40);
  ASSERT_EQ(answer.summary.candidates.size(), 3u);
  EXPECT_EQ(answer.summary.candidates[0].condition_id, answer.answer["candidates"][0]["condition_id"]);
  EXPECT_EQ(answer.vector.set, world.answerer.vector_set());
}

TEST_F(Summaries, ConditionsAreFoundByIdAndByCode) {
  const SmallWorld world;
  EXPECT_EQ(find_condition(world.knowledge, "d3")->code, "J13");
  EXPECT_EQ(find_condition(world.knowledge, "J13")->id, "d3");
  EXPECT_EQ(find_condition(world.knowledge, "A41.9")->code, "A41.9") << "not known here, and a code all the same";
  EXPECT_EQ(find_condition(world.knowledge, "A41.9")->id, "");
  for (const char* wrong : {"", "d99", "malady d", "J1", "J13.", "J13.12345", "13J", "j13"}) EXPECT_FALSE(find_condition(world.knowledge, wrong)) << wrong;
}

TEST_F(Summaries, ACodeOfTwoConditionsNamesNeither) {
  AnswerWorld world(3);
  world.knowledge.conditions[1].code = "J10";
  world.knowledge.conditions[2].other_codes = {"K35.8"};
  world.knowledge.condition_by_id["c0"] = 0;
  EXPECT_EQ(find_condition(world.knowledge, "J10")->id, "");
  EXPECT_EQ(find_condition(world.knowledge, "J10")->code, "J10");
  EXPECT_EQ(find_condition(world.knowledge, "c0")->name, "condition 0");
  EXPECT_EQ(find_condition(world.knowledge, "K35.8")->id, "c2") << "by one of its other codes";
  EXPECT_EQ(find_condition(world.knowledge, "K35.8")->code, "J12") << "and filtered by its own";
}

TEST_F(Summaries, ARotationIsMadeOnceAndKeepsSimilarity) {
  Rotations rotations(names_);
  const CaseVector a{"set", {1, 0, 0}}, b{"set", {0.6f, 0.8f, 0}}, other{"another", {1, 0, 0}};
  const std::vector<float> to_a = rotations.rotated(a), to_b = rotations.rotated(b);
  EXPECT_EQ(rotations.rotated(a), to_a);
  EXPECT_EQ(Rotations(names_).rotated(a), to_a) << "whoever holds the names makes the same";
  EXPECT_NEAR(std::inner_product(to_a.begin(), to_a.end(), to_b.begin(), 0.0), 0.6, 1e-6);
  EXPECT_NE(rotations.rotated(other), to_a);
  EXPECT_NE(to_a, a.values);
  EXPECT_EQ(rotations.rotated({"set", {0, 0, 0}}), (std::vector<float>{0, 0, 0}));
  EXPECT_TRUE(rotations.rotated({"set", {}}).empty());
}

}  // namespace
}  // namespace osler::service
