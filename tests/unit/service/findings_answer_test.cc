#include "service/findings_answer.h"

#include "small_world.h"

namespace osler::service {

namespace {

class FindingsAnswer : public testing::Test {
 protected:
  Result<Json> ask(const Json& body) const { return answer_findings(world_.knowledge, world_.reader, body.dump()); }
  const SmallWorld world_;
};

}  // namespace

TEST_F(FindingsAnswer, NamesFindingsWithTheirPlaces) {
  const auto answer = ask({{"text", "A cough,   no fever."}});
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)["text"], "A cough, no fever.") << "white space folded, as spans count it";
  ASSERT_EQ((*answer)["findings"].size(), 2u);
  EXPECT_EQ((*answer)["findings"][0]["finding_id"], "cough");
  EXPECT_EQ((*answer)["findings"][0]["begin"], 2);
  EXPECT_EQ((*answer)["findings"][1]["polarity"], "absent");
}

TEST_F(FindingsAnswer, GradesMeasurementsByTheAgeGivenOrStated) {
  const auto grade = [&](const Json& body) { return ask(body).value()["measurements"][0]["grade"]; };
  EXPECT_EQ(grade({{"text", "temperature 36.2"}, {"age", 40}}), "normal");
  EXPECT_EQ(grade({{"text", "temperature 36.2"}, {"age", 0.1}}), "low");
  EXPECT_EQ(grade({{"text", "2-week-old, temperature 36.2"}}), "low");
}

TEST_F(FindingsAnswer, SaysWhenItHadToAssumeAnAge) {
  const auto codes = [&](const Json& body) { return ask(body).value()["warnings"].dump(); };
  EXPECT_NE(codes({{"text", "cough"}}).find("age_unknown"), std::string::npos);
  EXPECT_EQ(codes({{"text", "cough"}, {"age", 3}}).find("age_unknown"), std::string::npos);
  EXPECT_EQ(codes({{"text", "65-year-old with cough"}}).find("age_unknown"), std::string::npos);
}

TEST_F(FindingsAnswer, TellsWhatTheTextSaysOfThePerson) {
  const Json person = ask({{"text", "65-year-old man, cough for 3 days"}}).value()["person"];
  EXPECT_EQ(person["age"], 65);
  EXPECT_EQ(person["sex"], "male");
  EXPECT_EQ(person["duration_days"], 3);
  EXPECT_TRUE(person["pregnant"].is_null() && person["onset"].is_null());
}

TEST_F(FindingsAnswer, UnknownMembersAreWarnedOf) {
  EXPECT_NE(ask({{"text", "cough"}, {"narrative", "x"}}).value()["warnings"].dump().find("/narrative"), std::string::npos);
}

TEST_F(FindingsAnswer, ABadRequestNamesItsFields) {
  const auto pointers = [&](const Json& body) {
    const auto answer = ask(body);
    EXPECT_FALSE(answer) << body.dump();
    std::string list;
    if (!answer)
      for (const FieldError& field : answer.error().fields) list += field.pointer + ";";
    return list;
  };
  EXPECT_EQ(pointers(Json::object()), "/text;");
  EXPECT_EQ(pointers({{"text", " "}}), "/text;");
  EXPECT_EQ(pointers({{"text", "cough"}, {"age", -1}, {"sex", "x"}}), "/age;/sex;");
  EXPECT_FALSE(answer_findings(world_.knowledge, world_.reader, "{"));
}

}  // namespace osler::service
