#include "evaluate/vignettes.h"

namespace osler::evaluate {

namespace {

const std::string kGood = R"({"id":"v1","age_years":40,"symptoms":["cough"],"severity":"mild","diagnosis":{"name":"asthma","icd10":"J45"}})";

Error fault_of(const std::string& content) {
  const auto vignettes = parse_vignettes(content);
  EXPECT_FALSE(vignettes) << content;
  return vignettes ? Error{} : vignettes.error();
}

clinical::KnowledgeBase three_conditions() {
  clinical::KnowledgeBase knowledge;
  const auto add = [&](const char* id, const char* name, const char* code, std::vector<std::string> synonyms) {
    clinical::Condition condition;
    condition.id = id;
    condition.name = name;
    condition.code = code;
    condition.synonyms = std::move(synonyms);
    knowledge.conditions.push_back(condition);
  };
  add("asthma", "asthma", "J45", {"bronchial asthma"});
  add("flare", "asthma exacerbation", "J45.9", {});
  add("migraine", "migraine", "G43.9", {"Sick Headache"});
  return knowledge;
}

using Indices = std::set<clinical::ConditionIndex>;

}  // namespace

TEST(Vignettes, AreReadInTheShapeOfTheApi) {
  const auto vignettes = parse_vignettes(R"({"id":"v9","age_years":0.5,"sex":"female","severity":"severe","symptoms":["a"],)"
                                         R"("narrative":"n","absent":["b"],"history":["c"],"family_history":["d"],)"
                                         R"("vitals":{"bmi":20},"labs":{"2345-7":5},"setting":"emergency","duration_days":2,)"
                                         R"("onset":"sudden","pregnant":{"value":true},"specialty":"chest","urgency":"urgent",)"
                                         R"("diagnosis":{"name":"croup","icd10":"J05.0"},"acceptable":["J04"],"other":1})");
  ASSERT_TRUE(vignettes);
  ASSERT_EQ(vignettes->size(), 1u);
  const Vignette& vignette = vignettes->front();
  EXPECT_EQ(vignette.id, "v9");
  EXPECT_EQ(vignette.specialty, "chest");
  EXPECT_EQ(vignette.urgency, "urgent");
  EXPECT_EQ(vignette.age_years, 0.5);
  EXPECT_EQ(vignette.diagnosis.name, "croup");
  EXPECT_EQ(vignette.diagnosis.code, "J05.0");
  EXPECT_EQ(vignette.acceptable, std::vector<std::string>{"J04"});
  const Json request = parse_json(R"({"age":0.5,"sex":"female","severity":"severe","symptoms":["a"],"narrative":"n",
      "absent_findings":["b"],"preexisting_conditions":["c"],"family_history":["d"],"vitals":{"bmi":20},
      "lab_results":{"2345-7":5},"setting":"emergency","duration_days":2,"onset":"sudden","pregnant":{"value":true}})").value();
  EXPECT_EQ(nlohmann::json(vignette.request), nlohmann::json(request)) << "in any order";
}

TEST(Vignettes, TheDiagnosisNeverReachesTheRequest) {
  const Vignette vignette = parse_vignettes(kGood)->front();
  EXPECT_EQ(vignette.request.dump().find("asthma"), std::string::npos);
  EXPECT_EQ(vignette.request.dump().find("J45"), std::string::npos);
}

TEST(Vignettes, OneALineBlankLinesAndALastLineWithoutEndAreFine) {
  EXPECT_EQ(parse_vignettes("")->size(), 0u);
  EXPECT_EQ(parse_vignettes("\n\n")->size(), 0u);
  EXPECT_EQ(parse_vignettes(kGood)->size(), 1u);
  EXPECT_EQ(parse_vignettes(kGood + "\n\n" + kGood + "\n")->size(), 2u);
  EXPECT_EQ(parse_vignettes(kGood + "\r\n" + kGood + "\r\n")->size(), 2u);
  EXPECT_EQ(parse_vignettes(kGood + "\r\n\r\n" + kGood)->size(), 2u);
}

TEST(Vignettes, ABadLineIsNamedByItsNumber) {
  for (const char* bad : {"{", "nonsense", "[]", "3", "null", "{}", R"({"age_years":40})", R"({"age_years":"40","diagnosis":{"name":"x","icd10":"J1"}})",
                          R"({"age_years":40,"diagnosis":"x"})", R"({"age_years":40,"diagnosis":{"name":"x"}})",
                          R"({"age_years":40,"diagnosis":{"name":"x","icd10":7}})", R"({"id":1,"age_years":40,"diagnosis":{"name":"x","icd10":"J1"}})",
                          R"({"age_years":40,"acceptable":"J1","diagnosis":{"name":"x","icd10":"J1"}})",
                          R"({"age_years":40,"age_years":41,"diagnosis":{"name":"x","icd10":"J1"}})"}) {
    const Error error = fault_of(kGood + "\n\n" + bad + "\n" + kGood);
    EXPECT_EQ(error.code, ErrorCode::malformed) << bad;
    EXPECT_EQ(error.external.rfind("line 3: ", 0), 0u) << bad << ": " << error.external;
  }
}

TEST(Vignettes, AnErrorDoesNotRepeatTheLine) {
  for (const char* bad : {R"({"age_years":"canary"})", R"({"canary":)", "canary"})
    EXPECT_EQ(describe(fault_of(bad)).find("canary"), std::string::npos) << bad;
}

TEST(Codes, AreComparedAtFourCharactersWhenBothHaveThemElseAtThree) {
  EXPECT_TRUE(codes_match("J45", "J45"));
  EXPECT_TRUE(codes_match("J45.0", "J45.0"));
  EXPECT_TRUE(codes_match("J45.0", "J450"));
  EXPECT_TRUE(codes_match("J45.01", "J45.09")) << "the fifth character is not looked at";
  EXPECT_TRUE(codes_match("J45", "J45.9"));
  EXPECT_TRUE(codes_match("J45.9", "J45"));
  EXPECT_FALSE(codes_match("J45.0", "J45.9"));
  EXPECT_FALSE(codes_match("J45", "J44"));
  EXPECT_FALSE(codes_match("J45", "J44.5"));
}

TEST(Codes, ThatAreTooShortMatchNothing) {
  EXPECT_FALSE(codes_match("", ""));
  EXPECT_FALSE(codes_match("J4", "J4"));
  EXPECT_FALSE(codes_match("J4", "J45"));
  EXPECT_FALSE(codes_match("", "J45"));
}

TEST(Matching, IsByCodeNameOrSynonymInAnyCase) {
  const clinical::KnowledgeBase knowledge = three_conditions();
  EXPECT_EQ(matching_conditions(knowledge, {"something else", "J45"}), (Indices{0, 1}));
  EXPECT_EQ(matching_conditions(knowledge, {"something else", "J45.0"}), Indices{0}) << "J45.9 is another at four characters";
  EXPECT_EQ(matching_conditions(knowledge, {"MIGRAINE", "X00"}), Indices{2});
  EXPECT_EQ(matching_conditions(knowledge, {"sick headache", "X00"}), Indices{2});
  EXPECT_EQ(matching_conditions(knowledge, {"Bronchial Asthma", "X00"}), Indices{0});
  EXPECT_EQ(matching_conditions(knowledge, {"asthmatic", "X00"}), Indices{});
}

TEST(Matching, AcceptableIsByCodeOnly) {
  const clinical::KnowledgeBase knowledge = three_conditions();
  Vignette vignette;
  EXPECT_EQ(acceptable_conditions(knowledge, vignette), Indices{});
  vignette.acceptable = {"G43", "J45.9", "migraine"};
  EXPECT_EQ(acceptable_conditions(knowledge, vignette), (Indices{0, 1, 2}));
  vignette.acceptable = {"migraine"};
  EXPECT_EQ(acceptable_conditions(knowledge, vignette), Indices{});
}

}  // namespace osler::evaluate
