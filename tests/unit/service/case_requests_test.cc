// Bodies around stored cases: service/case_requests.h.
#include "service/case_requests.h"

#include "base/limits.h"
#include "small_world.h"

namespace osler::service {
namespace {

using Strings = std::vector<std::string>;

template <typename T>
Strings pointers(const Result<T>& parsed) {
  Strings list;
  if (parsed) return list;
  EXPECT_TRUE(parsed.error().code == ErrorCode::invalid || parsed.error().code == ErrorCode::malformed);
  for (const FieldError& field : parsed.error().fields) {
    EXPECT_FALSE(field.problem.empty() || field.allowed.empty()) << field.pointer;
    list.push_back(field.pointer);
  }
  return list;
}

class CaseRequests : public testing::Test {
 protected:
  Strings search(const Json& body) const { return pointers(parse_search(body.dump(), world_.knowledge)); }
  Strings filter(const Json& filters) const { return search({{"request_id", kId}, {"filters", filters}}); }
  Strings outcome(const Json& body) const { return pointers(parse_outcome(body.dump(), world_.knowledge, kNow)); }

  static constexpr const char* kId = "01234567-89ab-4cde-8f01-23456789abcd";
  static constexpr WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours(20)};
  const SmallWorld world_;
};

TEST_F(CaseRequests, ASearchIsForOneCase) {
  EXPECT_EQ(search(Json::object()), Strings{""});
  EXPECT_EQ(search({{"case", Json::object()}, {"request_id", kId}}), Strings{""});
  EXPECT_EQ(search({{"case", Json::object()}}), Strings{}) << "what is in it is for diagnose's parser";
  EXPECT_EQ(search({{"request_id", "4711"}}), Strings{"/request_id"});
  EXPECT_EQ(search({{"request_id", kId}, {"limit", 3}}), Strings{""}) << "nothing that was sent is dropped in silence";
  EXPECT_EQ(search(Json::array()), Strings{""});
  EXPECT_EQ(parse_search("{", world_.knowledge).error().code, ErrorCode::malformed);
}

TEST_F(CaseRequests, CountsHaveBounds) {
  for (const Json& bad : {Json(0), Json(limits::kMaxSimilarCases + 1), Json(1.5), Json("3"), Json(-1), Json(1e30)}) EXPECT_EQ(search({{"request_id", kId}, {"k", bad}}), Strings{"/k"}) << bad;
  EXPECT_EQ(parse_search(Json{{"request_id", kId}, {"k", limits::kMaxSimilarCases}}.dump(), world_.knowledge)->count, limits::kMaxSimilarCases);
  EXPECT_EQ(parse_search(Json{{"request_id", kId}}.dump(), world_.knowledge)->count, 10u);
}

TEST_F(CaseRequests, FiltersAreReadOrRefusedByName) {
  EXPECT_EQ(filter(3), Strings{"/filters"});
  EXPECT_EQ(filter({{"town", "x"}}), Strings{"/filters"});
  EXPECT_EQ(filter({{"age_band", "1-5"}}), Strings{"/filters/age_band"});
  EXPECT_EQ(filter({{"age_band", "1-4"}, {"age_from", 1}}), Strings{"/filters/age_band"});
  EXPECT_EQ(filter({{"age_from", 9}, {"age_to", 3}}), Strings{"/filters/age_to"});
  EXPECT_EQ(filter({{"age_from", -1}, {"sex", "x"}, {"from", "yesterday"}, {"condition", "??"}}), (Strings{"/filters/age_from", "/filters/sex", "/filters/from", "/filters/condition"}));
  const CaseQuestion read = parse_search(Json{{"request_id", kId}, {"filters", {{"age_band", "85+"}, {"sex", "other"}, {"from", "2026-01-02"}, {"until", "2026-01-03T04:05:06.007Z"},
                                                                               {"condition", "d2"}}}}.dump(), world_.knowledge)->question;
  EXPECT_EQ(read.age_band, "85+");
  EXPECT_EQ(read.sex, "other");
  EXPECT_EQ(to_rfc3339(*read.from), "2026-01-02T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(*read.until), "2026-01-03T04:05:06.007Z");
  EXPECT_EQ(read.condition_code, "J12");
}

TEST_F(CaseRequests, AnOutcomeNeedsAConditionAndADayThatWas) {
  EXPECT_EQ(outcome(Json::object()), Strings{"/condition"});
  EXPECT_EQ(outcome({{"condition", "flu"}}), Strings{"/condition"});
  EXPECT_EQ(outcome({{"condition", "J13"}}), Strings{});
  EXPECT_EQ(outcome({{"condition", "J13"}, {"confirmed_on", "2026-11-22"}}), Strings{}) << "the day has begun somewhere";
  for (const char* bad : {"2026-11-23", "2026-02-30", "22.11.2026", "2026-11-2"}) EXPECT_EQ(outcome({{"condition", "J13"}, {"confirmed_on", bad}}), Strings{"/confirmed_on"}) << bad;
  EXPECT_EQ(outcome({{"condition", "J13"}, {"doctor", "x"}}), Strings{""});
}

TEST_F(CaseRequests, ANoteHasABound) {
  std::string note;
  for (std::size_t i = 0; i < limits::kMaxOutcomeNoteCharacters; ++i) note += "\u75DB";
  EXPECT_EQ(outcome({{"condition", "J13"}, {"note", note}}), Strings{});
  EXPECT_EQ(outcome({{"condition", "J13"}, {"note", note + "x"}}), Strings{"/note"});
}

TEST_F(CaseRequests, AReaderHasANameWithABound) {
  const auto share = [](const Json& body) { return pointers(parse_share(body.dump())); };
  EXPECT_EQ(share({{"with", "user:ann"}}), Strings{});
  EXPECT_EQ(share({{"with", "*"}}), Strings{});
  EXPECT_EQ(share({{"with", " "}}), Strings{"/with"});
  EXPECT_EQ(share(Json::object()), Strings{"/with"});
  EXPECT_EQ(share({{"with", std::string(limits::kMaxReaderNameCharacters, 'x')}}), Strings{});
  EXPECT_EQ(share({{"with", std::string(limits::kMaxReaderNameCharacters + 1, 'x')}}), Strings{"/with"});
}

TEST_F(CaseRequests, APatientIsNamedAndAHoldSaysWhich) {
  const auto patient = [](const Json& body, bool with_held) { return pointers(parse_patient(body.dump(), with_held)); };
  EXPECT_EQ(patient({{"patient_id", "x"}}, false), Strings{});
  EXPECT_EQ(patient({{"patient_id", ""}}, false), Strings{"/patient_id"});
  EXPECT_EQ(patient({{"patient_id", "x"}, {"held", true}}, false), Strings{""});
  EXPECT_EQ(patient({{"patient_id", "x"}}, true), Strings{"/held"});
  EXPECT_EQ(patient({{"patient_id", "x"}, {"held", "yes"}}, true), Strings{"/held"});
  EXPECT_TRUE(parse_patient(R"({"patient_id": "x", "held": true})", true)->held);
}

}  // namespace
}  // namespace osler::service
