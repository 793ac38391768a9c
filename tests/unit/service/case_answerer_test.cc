// From the bytes of a request to the answer, on a small knowledge base of made-up conditions.
#include "service/case_answerer.h"

#include "../random_seed.h"
#include "answer_world.h"
#include "base/ids.h"
#include "requests.h"
#include "small_world.h"

namespace osler::service {

namespace {

const std::string kRequestId = "3b1f0f8e-0000-4000-8000-000000000000";

Json good_request() {
  return {{"age", 30}, {"symptoms", {"spotted sign numbera seen", "cough"}}, {"severity", "moderate"}, {"patient_id", "p1"}};
}

DiagnoseOptions above(double threshold) {
  DiagnoseOptions options;
  options.threshold = threshold;
  return options;
}

bool is_sorted_by_confidence(const Json& entries) {
  return std::is_sorted(entries.begin(), entries.end(), [](const Json& a, const Json& b) { return a["confidence"] > b["confidence"]; });
}

}  // namespace

class Answerer : public testing::Test {
 protected:
  CaseAnswer answer(const Json& request, DiagnoseOptions options = {}) const {
    return world_.answerer.answer(request.dump(), kRequestId, options).value();
  }

  const SmallWorld world_;
};

TEST_F(Answerer, RanksTheConditionWhoseSignWasSeenFirst) {
  const CaseAnswer result = answer(good_request());
  ASSERT_EQ(result.answer["candidates"].size(), 10u);
  EXPECT_EQ(result.answer["candidates"][0]["condition_id"], "d0");
  EXPECT_TRUE(is_sorted_by_confidence(result.answer["candidates"]));
  const std::vector<std::string> evidence = strings(result.answer["candidates"][0]["supporting_evidence"]);
  EXPECT_TRUE(std::any_of(evidence.begin(), evidence.end(), [](const std::string& text) {
    return text.find("spotted sign") != std::string::npos;
  })) << result.answer["candidates"][0];
  EXPECT_EQ(result.patient_id, "p1");
  EXPECT_EQ(result.request, good_request());
}

TEST_F(Answerer, AlwaysGivesTenCandidatesEachWithEvidence) {
  for (const char* symptom : {"cough", "qwertyuiop", "tired", "no cough"}) {
    Json request = good_request();
    request["symptoms"] = Json::array({symptom});
    const Json candidates = answer(request).answer["candidates"];
    EXPECT_EQ(candidates.size(), 10u) << symptom;
    for (const Json& candidate : candidates) EXPECT_FALSE(candidate["supporting_evidence"].empty()) << symptom;
  }
}

TEST_F(Answerer, EverythingAtOrAboveTheThresholdIsADiagnosisWithEvidence) {
  const Json everything = answer(good_request(), above(0.0)).answer;
  ASSERT_EQ(everything["diagnoses"].size(), 14u);
  for (const Json& diagnosis : everything["diagnoses"]) EXPECT_FALSE(diagnosis["supporting_evidence"].empty());
  // Each confidence used as the threshold: the condition is in, and all above it.
  for (std::size_t i = 0; i < everything["diagnoses"].size(); ++i) {
    const double confidence = everything["diagnoses"][i]["confidence"];
    const Json diagnoses = answer(good_request(), above(confidence)).answer["diagnoses"];
    ASSERT_GT(diagnoses.size(), i);
    EXPECT_EQ(diagnoses[i], everything["diagnoses"][i]) << "evidence of a condition at the threshold";
    for (const Json& diagnosis : diagnoses) EXPECT_GE(diagnosis["confidence"].get<double>(), confidence);
  }
}

TEST_F(Answerer, TheThresholdOfOneRequestWinsOverTheDefault) {
  const SmallWorld strict({.threshold = 1.0, .setting = {}});
  EXPECT_TRUE(strict.answerer.answer(good_request().dump(), kRequestId, {})->answer["diagnoses"].empty());
  EXPECT_EQ(strict.answerer.answer(good_request().dump(), kRequestId, above(0.0))->answer["diagnoses"].size(), 14u);
}

TEST_F(Answerer, AKnownConditionFollowsTheSuspectedOnes) {
  Json request = good_request();
  request["preexisting_conditions"] = Json::array({"Lasting malady"});
  const Json diagnoses = answer(request, above(0.0)).answer["diagnoses"];
  EXPECT_EQ(diagnoses.back()["condition_id"], "d13");
  EXPECT_EQ(diagnoses.back()["status"], "known");
  EXPECT_EQ(diagnoses.back()["confidence"], 1.0);
  EXPECT_EQ(diagnoses.back()["supporting_evidence"], Json::array({"stated by the caller"}));
  for (std::size_t i = 0; i + 1 < diagnoses.size(); ++i) EXPECT_EQ(diagnoses[i]["status"], "suspected");
}

TEST_F(Answerer, TheSameBytesInGiveTheSameBytesOut) {
  Json request = good_request();
  request["narrative"] = "Coughing for 3 days, no fever. Smoker. Spotted sign numberb seen yesterday, worn out.";
  request["lab_results"] = {{"2345-7", 200}, {"12345-6", 1}};
  request["vitals"] = {{"temperature_c", 39.9}};
  const std::string first = answer(request).answer.dump();
  EXPECT_EQ(answer(request).answer.dump(), first);
  const SmallWorld again;
  EXPECT_EQ(again.answerer.answer(request.dump(), kRequestId, {})->answer.dump(), first) << "another process's answer";
}

TEST_F(Answerer, WithoutAPatientIdOnlyThatDiffers) {
  Json request = good_request();
  request.erase("patient_id");
  CaseAnswer first = answer(request), second = answer(request);
  EXPECT_TRUE(is_uuid(first.patient_id));
  EXPECT_EQ(first.answer["patient_id"], first.patient_id);
  EXPECT_NE(first.patient_id, second.patient_id);
  first.answer.erase("patient_id");
  second.answer.erase("patient_id");
  EXPECT_EQ(first.answer, second.answer);
}

TEST_F(Answerer, WarnsOfEverythingItDidNotUse) {
  Json request = good_request();
  request["symptoms"].push_back("qwertyuiop");
  request["lab_results"] = {{"12345-6", 1}};
  request["colour"] = "blue";
  const CaseAnswer result = answer(request);
  std::vector<std::string> warnings;
  for (const Json& warning : result.answer["warnings"])
    warnings.push_back(warning["code"].get<std::string>() + " " + warning["pointer"].get<std::string>());
  std::sort(warnings.begin(), warnings.end());
  EXPECT_EQ(warnings, (std::vector<std::string>{"loinc_check_digit /lab_results/12345-6", "not_understood /symptoms/2",
                                                "unknown_field /colour"}));
  EXPECT_EQ(result.statistics.warnings, 3u);
  EXPECT_EQ(result.statistics.texts_not_understood, 1u);
}

TEST_F(Answerer, TheDefaultSettingStandsInForOneNotGiven) {
  const SmallWorld emergency({.threshold = 0.65, .setting = clinical::Setting::emergency});
  Json request = good_request();
  const Json by_default = emergency.answerer.answer(request.dump(), kRequestId, {})->answer;
  request["setting"] = "emergency";
  EXPECT_EQ(answer(request).answer["candidates"], by_default["candidates"]);
}

TEST_F(Answerer, CountsWhatTheCallerLeftOut) {
  EXPECT_EQ(answer(good_request()).statistics.missing_fields.size(), 11u);
  EXPECT_EQ(answer(good_request()).statistics.candidate_confidences.size(), 10u);
}

TEST_F(Answerer, RefusalsHaveTheirCode) {
  EXPECT_EQ(world_.answerer.answer("{\"age\":", kRequestId, {}).error().code, ErrorCode::malformed);
  EXPECT_EQ(world_.answerer.answer("", kRequestId, {}).error().code, ErrorCode::malformed);
  const Error error = world_.answerer.answer("{\"age\":151}", kRequestId, {}).error();
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.fields.size(), 3u);
}

TEST_F(Answerer, TheModelVersionNamesModelAndKnowledge) {
  EXPECT_EQ(world_.answerer.model_version(), "osler-network-7+kb." + world_.knowledge.hash.substr(0, 12));
  EXPECT_EQ(answer(good_request()).answer["model_version"], world_.answerer.model_version());
}

// Any text is answered: no exception, no broken JSON.
TEST_F(Answerer, AnyTextGivesAnAnswerThatCanBeWritten) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {"cough", " no ", "fever", "\u00A0", "\u0130", "\u75DB", "\U0001F912", ", ", ". ", "39.5", " C",
                                           "mother had ", "?", "\u00AD", "e\u0301", "for 3 days ", "BP 80/", "(", "\"", "\\", "%s"};
  const auto text = [&] {
    std::string result = "x";
    for (std::size_t i = random() % 30; i > 0; --i) result += pieces[random() % pieces.size()];
    return result;
  };
  for (int round = 0; round < 150; ++round) {
    Json request = good_request();
    request["symptoms"] = Json::array({text(), text()});
    request["narrative"] = text() + text() + text();
    request["absent_findings"] = Json::array({text()});
    request["preexisting_conditions"] = Json::array({text()});
    request["family_history"] = Json::array({text()});
    const Json answered = answer(request).answer;
    ASSERT_NO_THROW(EXPECT_TRUE(parse_json(answered.dump()))) << "seed " << seed << ", round " << round;
    for (const Json& candidate : answered["candidates"]) {
      const double confidence = candidate["confidence"];
      ASSERT_TRUE(confidence >= 0 && confidence <= 1) << "seed " << seed;
    }
  }
}

}  // namespace osler::service
