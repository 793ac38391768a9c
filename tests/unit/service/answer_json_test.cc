#include "service/answer_json.h"

#include <cmath>

#include "../random_seed.h"
#include "answer_world.h"

namespace osler::service {

using namespace clinical;

using Texts = std::vector<std::string>;

// --- Confidence ---

TEST(Confidence, IsRoundedToFourPlacesWithinZeroAndOne) {
  EXPECT_EQ(rounded_confidence(0.12344), 0.1234);
  EXPECT_EQ(rounded_confidence(0.12346), 0.1235);
  EXPECT_EQ(rounded_confidence(0.00004), 0.0);
  EXPECT_EQ(rounded_confidence(0.99996), 1.0);
  EXPECT_EQ(rounded_confidence(-0.2), 0.0);
  EXPECT_EQ(rounded_confidence(1.2), 1.0);
}

TEST(Confidence, IsWrittenWithAtMostFourPlaces) {
  const unsigned seed = fresh_seed();
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int i = 0; i < 2000; ++i) {
    const double confidence = uniform(random), rounded = rounded_confidence(confidence);
    EXPECT_LE(std::abs(rounded - confidence), 0.00005 + 1e-12) << "seed " << seed;
    EXPECT_EQ(rounded_confidence(rounded), rounded) << "seed " << seed;
    const std::string text = Json(rounded).dump();
    EXPECT_TRUE(text.size() <= 6 || rounded < 0.001) << text << ", seed " << seed;  // 1e-04
  }
}

TEST(Confidence, OfCandidatesDiagnosesAndTheUnexplainedIsRounded) {
  AnswerWorld world;
  world.suspect(0, 0.876543).suspect(1, 0.123456);
  world.differential.must_not_miss = {1};
  world.differential.unexplained.probability = 0.0333333;
  const Json answer = world.write();
  EXPECT_EQ(answer["diagnoses"][0]["confidence"], 0.8765);
  EXPECT_EQ(answer["candidates"][1]["confidence"], 0.1235);
  EXPECT_EQ(answer["must_not_miss"][0]["confidence"], 0.1235);
  EXPECT_EQ(answer["unexplained"]["probability"], 0.0333);
}

// --- Which conditions are listed ---

TEST(Diagnoses, AreThoseAtOrAboveTheThreshold) {
  AnswerWorld world;
  world.suspect(0, 0.9).suspect(1, 0.65).suspect(2, 0.649999).suspect(3, 0.64994).suspect(4, 0.1);
  EXPECT_EQ(diagnoses_of(world.write()), (Texts{"suspected c0", "suspected c1", "suspected c2"}))
      << "what is shown as 0.65 is at the threshold of 0.65";
}

TEST(Diagnoses, FollowTheThresholdToItsEnds) {
  AnswerWorld world;
  world.suspect(0, 1.0).suspect(1, 0.5).suspect(2, 0.0);
  world.threshold = 0;
  EXPECT_EQ(diagnoses_of(world.write()).size(), 3u);
  world.threshold = 1;
  EXPECT_EQ(diagnoses_of(world.write()), Texts{"suspected c0"});
  world.threshold = 0.5001;
  EXPECT_EQ(diagnoses_of(world.write()), Texts{"suspected c0"});
}

TEST(Diagnoses, KnownOnesComeAfterTheSuspectedAsStatedAndOnce) {
  AnswerWorld world;
  world.suspect(3, 0.9).suspect(4, 0.7).know(7, 1).know(2, 0).know(7, 2);
  EXPECT_EQ(diagnoses_of(world.write()), (Texts{"suspected c3", "suspected c4", "known c7", "known c2"}));
}

TEST(Diagnoses, AKnownOneIsCertainByTheCallersWord) {
  AnswerWorld world;
  world.know(2, 4);
  const Json known = world.write()["diagnoses"][0];
  EXPECT_EQ(known["condition"], "condition 2");
  EXPECT_EQ(known["condition_code"], "J12");
  EXPECT_EQ(known["status"], "known");
  EXPECT_EQ(known["confidence"], 1.0);
  EXPECT_EQ(known["supporting_evidence"], Json::array({"stated by the caller"}));
  EXPECT_EQ(known["opposing_evidence"], Json::array());
  EXPECT_EQ(known["evidence"][0]["spans"][0],
            (Json{{"field", "preexisting_conditions"}, {"item", 4}, {"begin", 0}, {"end", 6}}));
}

TEST(Diagnoses, AKnownOneIsListedWhateverTheThreshold) {
  AnswerWorld world;
  world.threshold = 1;
  EXPECT_EQ(diagnoses_of(world.know(2).write()), Texts{"known c2"});
}

TEST(Candidates, AreTheTenMostLikelyWhateverTheirConfidence) {
  AnswerWorld world;
  for (ConditionIndex i = 0; i < 12; ++i) world.suspect(i, 0.1 - i * 0.005);
  const Json answer = world.write();
  EXPECT_TRUE(answer["diagnoses"].empty());
  ASSERT_EQ(answer["candidates"].size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(answer["candidates"][i]["condition_id"], "c" + std::to_string(i));
}

TEST(Candidates, AreThereEvenWhenNothingIsLikelyAndNeverKnownOnes) {
  AnswerWorld world;
  world.suspect(0, 0).know(1);
  const Json answer = world.write();
  ASSERT_EQ(answer["candidates"].size(), 1u);
  EXPECT_EQ(answer["candidates"][0]["status"], "suspected");
  EXPECT_TRUE(AnswerWorld().write()["candidates"].is_array());
}

TEST(Candidates, HaveTheSameFormAsDiagnoses) {
  AnswerWorld world;
  world.suspect(0, 0.9, {evidence("cough", 1.5)}).know(1);
  const Json answer = world.write();
  EXPECT_EQ(answer["candidates"][0], answer["diagnoses"][0]);
  Texts names[2];
  for (int i = 0; i < 2; ++i)
    for (const auto& [name, value] : answer["diagnoses"][i].items()) names[i].push_back(name);
  EXPECT_EQ(names[0], names[1]) << "known and suspected ones have the same members";
}

// --- Evidence ---

TEST(Evidence, ForAndAgainstAreApart) {
  AnswerWorld world;
  world.suspect(0, 0.9, {evidence("cough", 2), evidence("no fever", -1), evidence("age 65", 0.2), evidence("nothing", 0)});
  const Json diagnosis = world.write()["diagnoses"][0];
  EXPECT_EQ(strings(diagnosis["supporting_evidence"]), (Texts{"cough", "age 65"}));
  EXPECT_EQ(strings(diagnosis["opposing_evidence"]), Texts{"no fever"});
  EXPECT_EQ(diagnosis["evidence"].size(), 4u);
}

TEST(Evidence, SupportingIsNeverEmpty) {
  AnswerWorld world;
  world.suspect(0, 0.9).suspect(1, 0.8, {evidence("no fever", -1)}).suspect(2, 0.7, {evidence("zero", 0)}).know(3);
  const Json answer = world.write();
  for (const char* list : {"diagnoses", "candidates"})
    for (const Json& entry : answer[list]) {
      ASSERT_FALSE(entry["supporting_evidence"].empty()) << entry["condition_id"];
      for (const Json& text : entry["supporting_evidence"]) EXPECT_FALSE(text.get<std::string>().empty());
    }
}

TEST(Evidence, TheListOfTextsIsBoundedTheFullListIsNot) {
  AnswerWorld world;
  std::vector<Evidence> many;
  for (int i = 0; i < 40; ++i) many.push_back(evidence("for " + std::to_string(i), 40 - i));
  for (int i = 0; i < 40; ++i) many.push_back(evidence("against " + std::to_string(i), i - 40));
  const Json diagnosis = world.suspect(0, 0.9, many).write()["diagnoses"][0];
  EXPECT_EQ(diagnosis["supporting_evidence"].size(), 12u);
  EXPECT_EQ(diagnosis["supporting_evidence"][0], "for 0");
  EXPECT_EQ(diagnosis["opposing_evidence"].size(), 12u);
  EXPECT_EQ(diagnosis["evidence"].size(), 80u);
}

TEST(Evidence, CarriesItsWeightSourceAndPlacesInTheText) {
  AnswerWorld world;
  world.suspect(0, 0.9, {{"cough", 1.23456, "finding", "cough", {{CaseField::narrative, 0, 3, 8}, {CaseField::symptoms, 2, 0, 5}}}});
  const Json expected = parse_json(R"([{"text":"cough","weight":1.235,"source":"finding","id":"cough","spans":[
      {"field":"narrative","item":0,"begin":3,"end":8},{"field":"symptoms","item":2,"begin":0,"end":5}]}])").value();
  EXPECT_EQ(world.write()["diagnoses"][0]["evidence"], expected);
}

// --- The rest of the answer ---

TEST(Tests, ThoseWithAnIndicationAreApart) {
  AnswerWorld world;
  const Json answer = world.suspect(0, 0.9).know(1).write();
  for (const Json& diagnosis : answer["diagnoses"]) {
    EXPECT_EQ(diagnosis["recommended_tests"], Json::array({"chest X-ray"}));
    ASSERT_EQ(diagnosis["conditional_tests"].size(), 1u);
    EXPECT_EQ(diagnosis["conditional_tests"][0], (Json{{"name", "CT chest"}, {"when", "red flags only"}}));
  }
}

TEST(Answer, HasEveryMemberOfTheContract) {
  AnswerWorld world;
  world.suspect(0, 0.9);
  world.differential.urgency = {Urgency::urgent, {"low oxygen saturation"}};
  const Json answer = world.write();
  EXPECT_EQ(answer["patient_id"], "patient-1");
  EXPECT_EQ(answer["request_id"], world.request_id);
  EXPECT_EQ(answer["model_version"], world.model_version);
  EXPECT_EQ(answer["processing_time_ms"], 0.0);
  EXPECT_EQ(answer["urgency"], (Json{{"level", "urgent"}, {"reasons", Json::array({"low oxygen saturation"})}}));
  EXPECT_EQ(answer["calibration"],
            (Json{{"population", "Visits to one clinic"}, {"cases", 321}, {"date", "2026-01-02"}, {"note", "Not yours."}}));
  EXPECT_NE(answer["intended_use"].get<std::string>().find("not an autonomous diagnosis"), std::string::npos);
  for (const char* name : {"diagnoses", "candidates", "must_not_miss", "similar_cases", "warnings", "understood"})
    EXPECT_TRUE(answer[name].is_array()) << name;
  for (const char* name : {"condition", "condition_code", "status", "confidence", "supporting_evidence", "opposing_evidence",
                           "recommended_tests"})
    EXPECT_TRUE(answer["diagnoses"][0].contains(name)) << name;
}

TEST(Answer, MustNotMissNamesItsReasonAndConfidence) {
  AnswerWorld world;
  world.knowledge.conditions[1].ruled_out_by = {"two normal troponins"};
  world.suspect(0, 0.9).suspect(1, 0.04);
  world.differential.must_not_miss = {1, 2};
  const Json list = world.write()["must_not_miss"];
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["condition_code"], "J11");
  EXPECT_EQ(list[0]["confidence"], 0.04);
  EXPECT_EQ(list[0]["reason"], "dangerous if missed; ruled out by two normal troponins");
  EXPECT_EQ(list[1]["confidence"], 0.0) << "one that is not among the suspected";
  EXPECT_FALSE(list[1]["reason"].get<std::string>().empty());
}

TEST(Answer, NamesWhatTheFirstCandidateLeavesUnexplained) {
  AnswerWorld world;
  world.differential.unexplained = {0.25, {1, 0}};
  EXPECT_EQ(world.write()["unexplained"], (Json{{"probability", 0.25}, {"findings", Json::array({"fever", "cough"})}}));
}

TEST(Answer, WarningsAreListedInOrder) {
  AnswerWorld world;
  world.warnings = {{"unknown_field", "/colour", "not used"}, {"not_understood", "/symptoms/1", "\"blorp\""}};
  const Json expected = parse_json(R"([{"code":"unknown_field","pointer":"/colour","text":"not used"},
      {"code":"not_understood","pointer":"/symptoms/1","text":"\"blorp\""}])").value();
  EXPECT_EQ(world.write()["warnings"], expected);
}

TEST(Answer, ShowsWhatWasUnderstood) {
  AnswerWorld world;
  world.reading.mentions.push_back({0, Polarity::absent, true, language::Subject::relative, true, {CaseField::narrative, 0, 7, 12}});
  const Json expected = parse_json(R"([{"finding":"cough","finding_id":"cough","polarity":"absent","subject":"relative",
      "past":true,"uncertain":true,"field":"narrative","item":0,"begin":7,"end":12}])").value();
  EXPECT_EQ(world.write()["understood"], expected);
}

TEST(Answer, TheSamePartsGiveTheSameBytes) {
  AnswerWorld world;
  world.suspect(0, 0.9, {evidence("cough", 2)}).suspect(1, 0.3).know(2);
  const std::string first = world.write().dump();
  EXPECT_EQ(first, world.write().dump());
  EXPECT_EQ(first, AnswerWorld(world).write().dump());
}

TEST(AnswerStatistics, HoldNumbersAndCodesOnly) {
  AnswerWorld world;
  world.suspect(0, 0.9).suspect(1, 0.7).suspect(2, 0.2).know(3);
  world.warnings = {{"not_understood", "/symptoms/0", "x"}, {"unknown_field", "/y", ""}, {"not_understood", "/symptoms/1", "z"}};
  world.differential.urgency.urgency = Urgency::emergency;
  const AnswerStatistics statistics = statistics_of(world.parts(), world.write());
  EXPECT_EQ(statistics.candidate_confidences, (std::vector<double>{0.9, 0.7, 0.2}));
  EXPECT_EQ(statistics.reported_condition_codes, (Texts{"J10", "J11"})) << "known ones are no news of the model";
  EXPECT_EQ(statistics.urgency, "emergency");
  EXPECT_EQ(statistics.warnings, 3u);
  EXPECT_EQ(statistics.texts_not_understood, 2u);
}

}  // namespace osler::service
