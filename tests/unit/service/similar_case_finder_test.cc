// Similar cases over a real store: service/similar_case_finder.h, and what diagnose makes of them.
#include "service/similar_case_finder.h"

#include "case_world.h"
#include "service/answer_json.h"
#include "service/record_payload.h"
#include "service/replay.h"

namespace osler::service {

class SimilarCases : public CaseWorld {};

TEST_F(SimilarCases, TheFirstCaseHasNoneAndTheNextOnesHaveIt) {
  const Json first = diagnose(body_of({1, 2, 3}), as("ann"));
  EXPECT_EQ(first["similar_cases"], Json::array());
  EXPECT_EQ(first["warnings"], Json::array());
  const Json second = diagnose(body_of({1, 2, 3}), as("ann"));
  ASSERT_EQ(second["similar_cases"].size(), 1u);
  const Json& one = second["similar_cases"][0];
  EXPECT_EQ(one["request_id"], first["request_id"]);
  EXPECT_EQ(one["similarity"], 1.0);
  EXPECT_EQ(one["shared_findings"], (Strings{sign(1), sign(2), sign(3)}));
  EXPECT_EQ(one["age_band"], "35-44");
  EXPECT_EQ(one["sex"], "female");
  EXPECT_TRUE(one["outcome"].is_null());
  EXPECT_EQ(one["suspected"]["condition_id"], first["candidates"][0]["condition_id"]);
  EXPECT_EQ(one["suspected"]["confidence"], first["candidates"][0]["confidence"]);
}

TEST_F(SimilarCases, AreStoredWithTheAnswer) {
  store_case({1, 2}, as("ann"));
  const Json answer = diagnose(body_of({1, 2}), as("ann"));
  ASSERT_EQ(answer["similar_cases"].size(), 1u);
  const cases::SealedRecord record = store_->get(answer["request_id"].get<std::string>()).value();
  const auto recorded = std::get<RecordedDiagnosis>(parse_payload(cases::open_record(*keys_->ring(), record)->reveal_phi()).value());
  EXPECT_EQ(recorded.answer["similar_cases"], answer["similar_cases"]);
}

TEST_F(SimilarCases, TheNearestFiveAreShownAndNoneThatIsUnlike) {
  for (int i = 0; i < 8; ++i) store_case({1, 2, 3, 4, 5 + i}, as("ann"));
  store_case({8, 9, 10, 11}, as("ann"));
  const Json answer = diagnose(body_of({1, 2, 3, 4, 5}), as("ann"));
  ASSERT_EQ(answer["similar_cases"].size(), kSimilarCasesShown);
  EXPECT_EQ(answer["similar_cases"][0]["similarity"], 1.0);
  double last = 1;
  for (const Json& one : answer["similar_cases"]) {
    EXPECT_LE(one["similarity"].get<double>(), last);
    EXPECT_GE(one["similarity"].get<double>(), kLeastSimilarity);
    last = one["similarity"];
  }
  EXPECT_EQ(diagnose(body_of({0, 13}), as("ann"))["similar_cases"], Json::array()) << "nothing is like it";
}

TEST_F(SimilarCases, NoneIsOfTheSamePatientAndEachOtherPatientIsThereOnce) {
  for (int i = 0; i < 12; ++i) store_case({1, 2, 3}, as("ann"), "Ada");
  const std::string of_bea = store_case({1, 2, 3, 4}, as("ann"), "Bea");
  EXPECT_EQ(ids_of(diagnose(body_of({1, 2, 3}, "Ada"), as("ann"))["similar_cases"]), Strings{of_bea});
  EXPECT_EQ(diagnose(body_of({1, 2, 3}, "Cay"), as("ann"))["similar_cases"].size(), 2u);
}

TEST_F(SimilarCases, WhatNobodyUnderstoodIsLikeNothing) {
  const std::string body = R"({"age": 40, "symptoms": ["zzyzx qwrtp"], "severity": "mild"})";
  const std::string id = diagnose(body, as("ann"))["request_id"];
  EXPECT_EQ(diagnose(body, as("ann"))["similar_cases"], Json::array());
  EXPECT_EQ(search({{"request_id", id}}, as("ann")).value()["cases"], Json::array());
  EXPECT_EQ(diagnose(body_of({1}), as("ann"))["similar_cases"], Json::array());
}

TEST_F(SimilarCases, WhoSeesNoCaseIsShownNone) {
  store_case({1, 2}, as("ann"));
  EXPECT_EQ(diagnose(body_of({1, 2}), as("root", "admin"))["similar_cases"], Json::array());
  EXPECT_EQ(diagnose(body_of({1, 2}), as("ehr", "integrator"))["similar_cases"].size(), 2u) << "the admin's is stored like any other";
}

TEST_F(SimilarCases, AnAnswerDoesNotWaitForASlowStore) {
  store_case({1, 2}, as("ann"));
  store_->similar.held = true;
  const Json answer = diagnose(body_of({1, 2}), as("ann"));
  EXPECT_EQ(answer["similar_cases"], Json::array());
  ASSERT_EQ(answer["warnings"].size(), 1u);
  EXPECT_EQ(answer["warnings"][0]["code"], kSimilarCasesLeftOut);
  EXPECT_FALSE(answer["candidates"].empty());
  store_->similar.released.set_value();
}

TEST_F(SimilarCases, AnAnswerDoesNotFailWithThem) {
  store_->similar.broken = true;
  const Json answer = diagnose(body_of({1, 2}), as("ann"));
  EXPECT_EQ(answer["warnings"].back()["code"], kSimilarCasesLeftOut);
  store_->similar.broken = false;
  EXPECT_EQ(diagnose(body_of({1, 2}), as("ann"))["similar_cases"].size(), 1u) << "it was stored all the same";
}

TEST_F(SimilarCases, AnAnswerWithoutThemIsTheSameWhenItIsMadeAgain) {
  store_->similar.broken = true;
  const Json answer = diagnose(body_of({1, 2}), as("ann"));
  const std::string id = answer["request_id"];
  const auto record = std::get<RecordedDiagnosis>(parse_payload(cases::open_record(*keys_->ring(), store_->get(id).value())->reveal_phi()).value());
  const ReplayReport report = compare(record.answer, rebuild(world_.answerer, record, id).value(), record.engine->program, record.engine->kernels);
  EXPECT_EQ(report.outcome, ReplayOutcome::same) << report.reason;
}

TEST_F(SimilarCases, SharedFindingsAreTheMostParticularThatBothHaveRarestFirst) {
  EXPECT_EQ(finder_->shared_findings({"dry_cough", "fever"}, {"dry_cough", "tired"}), Strings{"dry cough"}) << "and not the cough that it is";
  EXPECT_EQ(finder_->shared_findings({"dry_cough"}, {"cough"}), Strings{"cough"}) << "which the other may be a kind of";
  EXPECT_EQ(finder_->shared_findings({"tired", "cough", "a1"}, {"a1", "cough", "tired"}), (Strings{"sign one", "cough", "fatigue"}));
  EXPECT_EQ(finder_->shared_findings({"cough", "forgotten"}, {"forgotten"}), Strings{}) << "an id that the knowledge base lost";
  Strings many;
  for (int i = 0; i < 14; ++i) many.push_back("s" + std::to_string(i));
  EXPECT_EQ(finder_->shared_findings(many, many).size(), 8u);
}

TEST_F(SimilarCases, ASearchFindsByAgeSexTimeAndOutcome) {
  Strings ids;
  for (const double age : {0.5, 3.0, 33.0, 44.0, 90.0}) ids.push_back(store_case({1, 2}, as("ann"), "", age));
  ASSERT_TRUE(confirm(ids[2], {{"condition", "d3"}}, as("ann")));
  const auto found = [&](const Json& filters, std::size_t k = 10) {
    Json body{{"case", parse_json(body_of({1, 2})).value()}, {"k", k}};
    if (!filters.is_null()) body["filters"] = filters;
    const Result<Json> answer = search(body, as("ann"));
    if (!answer) ADD_FAILURE() << describe(answer.error());
    Strings list = answer ? ids_of((*answer)["cases"]) : Strings();
    std::sort(list.begin(), list.end());
    return list;
  };
  const auto some = [&](std::initializer_list<std::size_t> which) {
    Strings list;
    for (const std::size_t i : which) list.push_back(ids[i]);
    std::sort(list.begin(), list.end());
    return list;
  };
  EXPECT_EQ(found({}), some({0, 1, 2, 3, 4}));
  EXPECT_EQ(found({}, 2).size(), 2u);
  EXPECT_EQ(found({{"age_band", "1-4"}}), some({1}));
  EXPECT_EQ(found({{"age_from", 33}, {"age_to", 43}}), some({2})) << "to the year, although the bands are 25-34 and 35-44";
  EXPECT_EQ(found({{"age_to", 3}}, 1).size(), 1u);
  EXPECT_EQ(found({{"sex", "female"}}).size(), 5u);
  EXPECT_EQ(found({{"sex", "male"}}), Strings{});
  EXPECT_EQ(found({{"condition", "J13"}}), some({2}));
  EXPECT_EQ(found({{"condition", "d3"}}), some({2}));
  EXPECT_EQ(found({{"condition", "J14"}}), Strings{});
  EXPECT_EQ(found({{"until", "2020-01-01"}}), Strings{});
  EXPECT_EQ(found({{"from", "2020-01-01"}}).size(), 5u);
}

TEST_F(SimilarCases, AnAgeThatFewHaveIsFoundBehindMany) {
  for (int i = 0; i < 40; ++i) store_case({1, 2}, as("ann"), "", 36);
  const std::string id = store_case({1, 2, 3}, as("ann"), "", 44.5);
  const Json answer = search({{"case", parse_json(body_of({1, 2})).value()}, {"k", 1}, {"filters", {{"age_from", 44}, {"age_to", 44.9}}}}, as("ann")).value();
  EXPECT_EQ(ids_of(answer["cases"]), Strings{id});
}

}  // namespace osler::service
