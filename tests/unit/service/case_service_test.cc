// Reading back, outcomes, sharing, breaking the glass and destroying, over a real store and a real audit log: service/cases.h and service/case_service.h.
#include "service/case_service.h"

#include "case_world.h"

namespace osler::service {

class CaseUse : public CaseWorld {};

TEST_F(CaseUse, TheOwnerReadsWhatWasAskedAndAnswered) {
  const Json answer = diagnose(body_of({1, 2}, "Ada"), as("ann"));
  const std::string id = answer["request_id"];
  const RequestContext context = as("ann");
  const Json one = read(id, context).value();
  EXPECT_EQ(one["request_id"], id);
  EXPECT_EQ(one["owner"], "ann");
  EXPECT_EQ(one["answer"], answer);
  EXPECT_EQ(one["request"]["patient_id"], "Ada");
  EXPECT_EQ(one["shared_with"], Json::array());
  EXPECT_TRUE(one["outcome"].is_null());
  EXPECT_EQ(audited(context.request_id, "Ada"), Strings{"read answered"}) << "with the patient as its subject";
}

TEST_F(CaseUse, SomebodyElsesCaseLooksLikeNone) {
  const std::string id = store_case({1}, as("ann"), "Ada");
  const Result<Json> none = read(make_uuid(), as("bob"));
  for (const RequestContext& context : {as("bob"), as("ehr", "integrator"), as("ann", "admin"), as("ann", "auditor"), as("ann", "data_scientist")}) {
    const Result<Json> refused = read(id, context);
    ASSERT_FALSE(refused) << context.role;
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
    EXPECT_EQ(refused.error().external, none.error().external);
    EXPECT_EQ(audited(context.request_id, "Ada"), Strings{"read refused:not_found"}) << "the audit knows whom they tried to see";
    EXPECT_EQ(confirm(id, {{"condition", "d1"}}, context).error().code, ErrorCode::not_found);
    EXPECT_EQ(share(id, "ann", context).error().code, ErrorCode::not_found);
    EXPECT_EQ(search({{"request_id", id}}, context).error().code, ErrorCode::not_found);
  }
}

TEST_F(CaseUse, WhatIsSharedIsSeenAndNotSharedOn) {
  const std::string id = store_case({1}, as("ann"));
  EXPECT_EQ(share(id, "bob", as("ann")).value()["shared_with"], Json::array({"bob"}));
  EXPECT_EQ(store_->readers(id).value().front().find("bob"), std::string::npos) << "a caller may type anything there";
  EXPECT_TRUE(read(id, as("bob")));
  EXPECT_FALSE(read(id, as("cy")));
  EXPECT_EQ(share(id, "cy", as("bob")).error().code, ErrorCode::not_found);
  EXPECT_TRUE(confirm(id, {{"condition", "d1"}}, as("bob")));
  const RequestContext context = as("ann");
  ASSERT_TRUE(share(id, "*", context));
  EXPECT_EQ(audited(context.request_id), (Strings{"share begun", "share shared"}));
  EXPECT_TRUE(read(id, as("cy")));
  EXPECT_FALSE(read(id, as("ehr", "integrator"))) << "an integrator reads back only its own";
}

TEST_F(CaseUse, ListsShowOwnAndSharedNewestFirstPageByPage) {
  Strings own;
  for (int i = 0; i < 5; ++i) own.insert(own.begin(), store_case({1}, as("ann"), "", 20 + i));
  const std::string of_bob = store_case({2}, as("bob"));
  ASSERT_TRUE(share(of_bob, "*", as("bob")));
  store_case({3}, as("cy"));
  Json page = list({.limit = 4}, as("ann")).value();
  EXPECT_EQ(ids_of(page["cases"]), (Strings{of_bob, own[0], own[1], own[2]}));
  EXPECT_EQ(page["cases"][1]["age_years"], 24);
  EXPECT_EQ(page["cases"][1]["sex"], "female");
  EXPECT_FALSE(page["cases"][1]["suspected"]["condition"].get<std::string>().empty());
  page = list({page["next"], 4}, as("ann")).value();
  EXPECT_EQ(ids_of(page["cases"]), (Strings{own[3], own[4]}));
  EXPECT_TRUE(page["next"].is_null());
  EXPECT_EQ(list({}, as("ann", "integrator")).value()["cases"].size(), 5u) << "own ones only";
  EXPECT_EQ(list({}, as("dora")).value()["cases"].size(), 1u);
}

TEST_F(CaseUse, AnOutcomeIsRecordedFoundAndShown) {
  const std::string id = store_case({1, 2}, as("ann"), "Ada");
  const RequestContext context = as("ann");
  const Json told = confirm(id, {{"condition", "J13"}, {"confirmed_on", "2026-01-02"}, {"note", "seen by  the chest team"}}, context).value();
  EXPECT_EQ(told["outcome"]["condition_id"], "d3");
  EXPECT_EQ(audited(context.request_id, "Ada"), (Strings{"outcome begun", "outcome recorded"}));
  const Json outcome = read(id, as("ann")).value()["outcome"];
  EXPECT_EQ(outcome["condition"], "malady d");
  EXPECT_EQ(outcome["condition_code"], "J13");
  EXPECT_EQ(outcome["confirmed_on"], "2026-01-02");
  EXPECT_EQ(outcome["note"], "seen by the chest team");
  EXPECT_EQ(outcome["recorded_by"], "ann");
  const Json seen = diagnose(body_of({1, 2}), as("bob"))["similar_cases"][0];
  EXPECT_EQ(seen["outcome"]["condition"], "malady d");
  EXPECT_FALSE(seen["outcome"].contains("note")) << "the note is for those who may open the case";
  EXPECT_TRUE(seen["suspected"].is_null());
  ASSERT_TRUE(confirm(id, {{"condition", "A41.9"}}, as("ann")));
  EXPECT_EQ(read(id, as("ann")).value()["outcome"]["condition_code"], "A41.9") << "the last word counts";
  EXPECT_EQ(list({}, as("ann")).value()["cases"][0]["outcome"]["condition_code"], "A41.9");
}

TEST_F(CaseUse, AnOutcomeThatIsOvertakenIsTriedAgain) {
  const std::string id = store_case({1}, as("ann"));
  store_->similar.overtakes = 2;
  EXPECT_TRUE(confirm(id, {{"condition", "d1"}}, as("ann")));
  store_->similar.overtakes = 1000;
  EXPECT_EQ(confirm(id, {{"condition", "d1"}}, as("ann")).error().code, ErrorCode::conflict);
}

TEST_F(CaseUse, AReasonOpensAnyCaseAndIsKept) {
  const std::string id = store_case({1}, as("ann"), "Ada");
  const RequestContext context = with_reason(as("bob"), "Ada collapsed in the hall");
  EXPECT_EQ(read(id, context).value()["request_id"], id);
  EXPECT_EQ(audited(context.request_id, "Ada"), Strings{"access.emergency answered"});
  const cases::SealedRecord kept = store_->get(context.request_id).value();
  EXPECT_EQ(kept.patient_token, names_.token("patient", "Ada")) << "it goes with the patient";
  const vault::Phi<std::string> payload = cases::open_record(*keys_->ring(), kept).value();
  EXPECT_NE(payload.reveal_phi().find("Ada collapsed in the hall"), std::string::npos);
  EXPECT_EQ(read(context.request_id, as("bob")).error().code, ErrorCode::not_found) << "it is no case";
  EXPECT_TRUE(list({}, as("bob")).value()["cases"].empty());
  EXPECT_EQ(audited(context.request_id).size(), 1u);
  recorder_->stop();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
    if (entry.is_regular_file()) { EXPECT_EQ(as_text(files_->read(entry.path().string(), 1 << 26).value()).find("collapsed"), std::string_view::npos) << entry.path(); }
}

TEST_F(CaseUse, AReasonChangesNothingForOthersAndNothingButReading) {
  const std::string id = store_case({1}, as("ann"), "Ada");
  for (const char* role : {"integrator", "auditor", "admin", "data_scientist"})
    EXPECT_EQ(read(id, with_reason(as("bob", role), "I would like to know")).error().code, ErrorCode::not_found) << role;
  EXPECT_EQ(confirm(id, {{"condition", "d1"}}, with_reason(as("bob"), "a reason to change it")).error().code, ErrorCode::not_found);
  EXPECT_EQ(share(id, "bob", with_reason(as("bob"), "a reason to share it")).error().code, ErrorCode::not_found);
  const RequestContext own = with_reason(as("ann"), "no reason is needed");
  EXPECT_TRUE(read(id, own));
  EXPECT_EQ(audited(own.request_id), Strings{"read answered"});
}

TEST_F(CaseUse, APatientIsDestroyedWithEverything) {
  const std::string id = store_case({1, 2}, as("ann"), "Ada");
  const std::string other = store_case({1, 2}, as("ann"), "Bea");
  const RequestContext context = as("root", "admin");
  EXPECT_EQ(delete_patient("  Ada ", context).value()["deleted"], 1) << "white space is folded as in a request";
  EXPECT_EQ(audited(context.request_id, "Ada"), (Strings{"delete begun", "delete deleted:1"}));
  EXPECT_EQ(read(id, as("ann")).error().code, ErrorCode::not_found);
  EXPECT_EQ(ids_of(diagnose(body_of({1, 2}), as("ann"))["similar_cases"]), Strings{other});
  EXPECT_EQ(delete_patient("Ada", as("root", "admin")).value()["deleted"], 0);
}

TEST_F(CaseUse, AHoldKeepsWhatADeletionWouldDestroy) {
  const std::string id = store_case({1}, as("ann"), "Ada");
  EXPECT_EQ(hold("Ada", true, as("root", "admin")).value()["held"], true);
  const RequestContext context = as("root", "admin");
  EXPECT_EQ(delete_patient("Ada", context).error().code, ErrorCode::conflict);
  EXPECT_EQ(audited(context.request_id), Strings{"delete refused:conflict"}) << "no deletion was begun: a restored copy must not delete either";
  EXPECT_TRUE(read(id, as("ann")));
  const RequestContext released = as("root", "admin");
  ASSERT_TRUE(hold("Ada", false, released));
  EXPECT_EQ(audited(released.request_id, "Ada"), (Strings{"hold.release begun", "hold.release released"}));
  EXPECT_EQ(delete_patient("Ada", as("root", "admin")).value()["deleted"], 1);
}

TEST_F(CaseUse, NothingIsReadOrChangedThatCannotBeAudited) {
  const std::string id = store_case({1}, as("ann"), "Ada");
  ASSERT_TRUE(log_->close());
  EXPECT_EQ(read(id, as("ann")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(list({}, as("ann")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(confirm(id, {{"condition", "d1"}}, as("ann")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(delete_patient("Ada", as("root", "admin")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(share(id, "bob", as("ann")).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(store_->get(id)) << "not destroyed";
  EXPECT_TRUE(store_->readers(id)->empty()) << "not shared";
  const cases::CaseSummary summary = store_->similar_cases().summary(id).value();
  EXPECT_FALSE(open_summary(*keys_->ring(), id, summary.content)->outcome) << "not changed";
}

TEST_F(CaseUse, ASearchThatNamesAPatientIsAuditedAsAboutThem) {
  store_case({1, 2}, as("ann"), "Ada");
  const RequestContext named = as("bob"), nameless = as("bob");
  EXPECT_EQ(search({{"case", parse_json(body_of({1, 2}, "Ada")).value()}}, named).value()["cases"].size(), 0u) << "the difference tells whose the case is";
  EXPECT_EQ(search({{"case", parse_json(body_of({1, 2})).value()}}, nameless).value()["cases"].size(), 1u);
  EXPECT_EQ(audited(named.request_id, "Ada"), Strings{"search answered"});
  EXPECT_EQ(audited(nameless.request_id, "Ada"), Strings{});
}

TEST_F(CaseUse, WhateverShowsAPatientBesideOthersNamesThem) {
  store_case({1, 2}, as("ann"), "Ada");
  store_case({1, 2}, as("ann"), "Ada");
  EXPECT_EQ(shown_beside("Ada"), Strings{}) << "the patient's own";
  const std::string of_bea = store_case({1, 2}, as("bob"), "Bea");
  EXPECT_EQ(shown_beside("Ada"), Strings{"diagnose"});
  ASSERT_EQ(read(of_bea, as("bob")).value()["answer"]["similar_cases"].size(), 1u);
  EXPECT_EQ(shown_beside("Ada"), (Strings{"diagnose", "read"})) << "the answer that is read again shows them again";
  ASSERT_TRUE(search({{"case", parse_json(body_of({1, 2})).value()}}, as("cy")));
  ASSERT_EQ(list({}, as("ann")).value()["cases"].size(), 2u);
  EXPECT_EQ(shown_beside("Ada"), (Strings{"diagnose", "read", "search", "list"})) << "once, though the list has two cases";
  EXPECT_EQ(shown_beside("Bea"), Strings{"search"});
  EXPECT_FALSE(read(of_bea, as("cy")));
  EXPECT_EQ(shown_beside("Ada").size(), 4u) << "a refusal shows nothing";
}

TEST_F(CaseUse, RefusalsNameTheFieldsAndAreAudited) {
  const RequestContext context = as("ann");
  const Result<Json> refused = search({{"case", {{"age", 200}, {"symptoms", {"cough"}}, {"severity", "mild"}}}}, context);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.at(0).pointer, "/case/age");
  EXPECT_EQ(audited(context.request_id), Strings{"search refused:invalid"});
  EXPECT_EQ(confirm(make_uuid(), Json::object(), as("ann")).error().fields.at(0).pointer, "/condition");
}

}  // namespace osler::service
