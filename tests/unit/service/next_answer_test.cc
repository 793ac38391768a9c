#include "service/next_answer.h"

#include "small_world.h"

namespace osler::service {

namespace {

class NextAnswer : public testing::Test {
 protected:
  NextAnswer() {
    patient_.age_years = 40;
    patient_.symptoms = {"cough"};
  }
  Json steps(std::size_t count) const { return write_next_steps({world_.knowledge, world_.reader, world_.network, nullptr, patient_}, count); }
  double confidence(const clinical::PatientCase& patient, const std::string& id) const {
    const auto posterior = world_.network.posterior(world_.reader.read(patient).findings);
    return reasoning::confidence_of(posterior.log_odds[world_.knowledge.condition_by_id.at(id)], world_.network.parameters());
  }

  const SmallWorld world_;
  clinical::PatientCase patient_;
};

}  // namespace

TEST_F(NextAnswer, ComesBestFirstAndNoLongerThanAsked) {
  const Json list = steps(5);
  ASSERT_EQ(list.size(), 5u);
  for (std::size_t i = 1; i < list.size(); ++i) EXPECT_GE(list[i - 1]["gain"], list[i]["gain"]);
  for (const Json& step : list) EXPECT_NE(step["finding_id"], "cough") << "it was stated";
}

TEST_F(NextAnswer, AnnouncesWhatTheAnswerChanges) {
  std::size_t compared = 0;
  for (const Json& step : steps(20)) {
    clinical::PatientCase answered = patient_;
    const Json& reply = step["reply"]["present"];
    (reply["field"] == "symptoms" ? answered.symptoms : answered.preexisting_conditions).push_back(reply["text"]);
    for (const Json& change : step["if_present"]) {
      EXPECT_NEAR(change["to"].get<double>(), confidence(answered, change["condition_id"]), 0.0001) << step.dump();
      ++compared;
    }
  }
  EXPECT_GT(compared, 5u);
}

TEST_F(NextAnswer, AsksAsTheKindOfFindingIsAskedFor) {
  std::set<std::string> ways;
  for (const Json& step : steps(50)) {
    ways.insert(step["how"]);
    const std::string ask = step["ask"];
    if (step["finding_id"] == "smoker") {
      EXPECT_EQ(ask, "In the history: smoker?");
    }
    if (step["kind"] == "sign") {
      EXPECT_EQ(ask.rfind("On examination: ", 0), 0u) << ask;
      EXPECT_EQ(step["reply"]["present"]["field"], "symptoms");
      EXPECT_EQ(step["reply"]["absent"]["field"], "absent_findings");
    }
  }
  EXPECT_TRUE(ways.contains("question") && ways.contains("examination"));
}

}  // namespace osler::service
