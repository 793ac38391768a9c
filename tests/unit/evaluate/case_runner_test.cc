// One vignette through the product, and its report, on the made-up conditions of the service's tests.
#include "evaluate/case_runner.h"

#include "../service/small_world.h"
#include "evaluate/report.h"

namespace osler::evaluate {

namespace {

class Running : public testing::Test {
 protected:
  /// Somebody with these complaints, whose diagnosis has this code.
  Vignette vignette(const std::vector<std::string>& symptoms, const std::string& code) const {
    Vignette one;
    one.id = "v";
    one.specialty = "chest <b>";
    one.age_years = 40;
    one.request = Json{{"age", 40}, {"severity", "mild"}, {"symptoms", symptoms}};
    one.diagnosis = {"unheard of", code};
    one.urgency = "emergency";
    return one;
  }
  CaseOutcome run(const Vignette& one) const {
    auto outcome = runner_.run(one);
    EXPECT_TRUE(outcome);
    return outcome ? *outcome : CaseOutcome{};
  }

  const service::SmallWorld world_;
  const CaseRunner runner_{world_.knowledge, world_.reader, world_.network, nullptr, std::nullopt};
};

}  // namespace

TEST_F(Running, ARightDiagnosisInFirstPlaceIsNoFailure) {
  const CaseOutcome outcome = run(vignette({service::sign(3), "cough"}, "J13"));
  EXPECT_EQ(outcome.failure, Failure::none);
  EXPECT_EQ(outcome.scored.rank, 1u);
  EXPECT_TRUE(outcome.scored.covered && outcome.scored.first_is_right);
  EXPECT_EQ(outcome.scored.gain, 1);
  EXPECT_EQ(outcome.scored.urgency_given, "routine");
}

TEST_F(Running, AnotherConditionThatFitsBetterIsNamedWithTheReason) {
  const CaseOutcome other = run(vignette({service::sign(3), service::sign(4)}, "J14"));
  EXPECT_EQ(other.failure, Failure::outranked);
  EXPECT_EQ(other.first, "malady d");
  ASSERT_FALSE(other.why.empty());
  EXPECT_NE(other.why.front().find("spotted sign numberd"), std::string::npos) << other.why.front();
  EXPECT_EQ(other.scored.rank, 2u);
}

TEST_F(Running, WhatTheKnowledgeBaseLacksIsNotKnown) {
  const CaseOutcome outcome = run(vignette({"cough"}, "Z99"));
  EXPECT_EQ(outcome.failure, Failure::not_known);
  EXPECT_FALSE(outcome.scored.covered);
  EXPECT_EQ(outcome.scored.rank, 0u);
}

TEST_F(Running, AChronicConditionThatIsStatedIsExcluded) {
  Vignette one = vignette({"cough"}, "J23");
  one.request["preexisting_conditions"] = {"lasting malady"};
  EXPECT_EQ(run(one).failure, Failure::excluded);
}

TEST_F(Running, WhereNothingUnderstoodSpeaksForItTheTextWasNotUnderstood) {
  const CaseOutcome outcome = run(vignette({service::sign(3), "zorbled knees"}, "J14"));
  EXPECT_EQ(outcome.failure, Failure::not_understood);
  ASSERT_EQ(outcome.not_understood.size(), 1u);
  EXPECT_NE(outcome.not_understood[0].find("zorbled"), std::string::npos);
}

TEST_F(Running, AnAcceptableCodeIsAHit) {
  Vignette one = vignette({service::sign(3), "cough"}, "J14");
  std::vector<Vignette> list = {one};
  ASSERT_TRUE(add_acceptable(R"({"cases":{"v":["J13"]}})", list));
  EXPECT_EQ(run(list[0]).scored.rank, 1u);
  list = {one};
  ASSERT_TRUE(add_acceptable(R"({"codes":{"J14":["J13"]}})", list));
  EXPECT_EQ(run(list[0]).scored.rank, 1u);
  list = {one};
  ASSERT_TRUE(add_acceptable(R"({"codes":{"J99":["J13"]},"cases":{"w":["J13"]}})", list));
  EXPECT_NE(run(list[0]).scored.rank, 1u);
}

TEST(Mapping, OfAnotherShapeIsRefused) {
  for (const char* bad : {"{", R"({"cases":[]})", R"({"codes":{"J14":"J13"}})", R"({"cases":{"v":[1]}})"}) {
    std::vector<Vignette> none;
    EXPECT_FALSE(add_acceptable(bad, none)) << bad;
  }
}

TEST_F(Running, GainCountsTheListedDifferential) {
  Vignette one = vignette({service::sign(3), "cough"}, "J14");
  one.differential = {{"malady d", "J13"}};
  const double with = run(one).scored.gain;
  one.differential.clear();
  EXPECT_GT(with, run(one).scored.gain);
}

TEST_F(Running, ACaseThatBreaksTheContractIsNamed) {
  Vignette one = vignette({"cough"}, "J13");
  one.request["age"] = 200;
  const auto outcome = runner_.run(one);
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().external.find("Vignette v "), std::string::npos);
}

// --- The report ---

class Reporting : public Running {
 protected:
  std::vector<CaseOutcome> outcomes() const {
    return {run(vignette({service::sign(3), "cough"}, "J13")), run(vignette({service::sign(3), service::sign(4)}, "J14")),
            run(vignette({"cough"}, "Z99"))};
  }
};

TEST_F(Reporting, ListsFailuresByReason) {
  const Report report = make_report(outcomes(), false);
  EXPECT_EQ(report.all.cases, 3u);
  EXPECT_EQ(report.known.cases, 2u);
  EXPECT_EQ(report.failures, (std::map<std::string, std::size_t>{{"not known", 1}, {"outranked", 1}}));
  EXPECT_EQ(report.failed.size(), 2u);
}

TEST_F(Reporting, OfTotalsShowsNoCase) {
  Report report = make_report(outcomes(), true);
  EXPECT_EQ(report.failures.at("outranked"), 1u);
  EXPECT_TRUE(report.failed.empty());
  EXPECT_FALSE(report_json(report)["failures"].contains("cases"));
  EXPECT_EQ(report_text(report).find("malady d"), std::string::npos);
  EXPECT_EQ(report_html(report).find("malady d"), std::string::npos);
}

TEST_F(Reporting, EscapesWhatItShows) {
  const std::string html = report_html(make_report(outcomes(), false));
  EXPECT_NE(html.find("chest &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(html.find("chest <b>"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos) << "nothing from elsewhere";
}

TEST_F(Reporting, OfNoCasesIsStillAReport) {
  const Report report = make_report({}, false);
  EXPECT_NE(report_html(report).find("0 cases"), std::string::npos);
  EXPECT_FALSE(report_text(report).empty());
}

TEST_F(Reporting, JsonHasTheTriageMatrixAndTheBins) {
  const Json json = report_json(make_report(outcomes(), false));
  EXPECT_EQ(json["all"]["triage"]["matrix"]["emergency"]["routine"], 3);
  EXPECT_EQ(json["all"]["triage"]["emergencies_sent_lower"], 3);
  EXPECT_FALSE(json["all"]["calibration_of_the_first"]["bins"].empty());
  EXPECT_EQ(json["by_specialty"][0]["name"], "chest <b>");
}

}  // namespace osler::evaluate
