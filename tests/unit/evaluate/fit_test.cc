// Fitting, on the made-up conditions of the service's tests.
#include "evaluate/fit.h"

#include <cmath>
#include <set>

#include "../service/small_world.h"
#include "reasoning/network.h"

namespace osler::evaluate {

namespace {

using reasoning::NetworkParameters;

/// As the service's small world, with the first four conditions emergencies.
clinical::KnowledgeBase knowledge_with_emergencies() {
  clinical::KnowledgeBase knowledge = service::small_world_knowledge();
  for (const char* id : {"d0", "d1", "d2", "d3"}) knowledge.conditions[knowledge.condition_by_id.at(id)].urgency = clinical::Urgency::emergency;
  return knowledge;
}

class Fitting : public testing::Test {
 protected:
  /// A patient with the sign of one condition and a cough, who has that condition.
  FitCase case_of(int number, bool certain = true) const {
    FitCase fit_case;
    fit_case.findings.age_years = 20 + 3 * number;
    const auto see = [&](const std::string& id) {
      clinical::ObservedFinding seen;
      seen.finding = knowledge_.finding_by_id.at(id);
      fit_case.findings.findings.push_back(seen);
    };
    if (certain) see("s" + std::to_string(number));
    see("cough");
    fit_case.right = {knowledge_.condition_by_id.at("d" + std::to_string(number))};
    fit_case.emergency = number < 4;
    return fit_case;
  }
  std::vector<FitCase> cases() const {
    std::vector<FitCase> all;
    for (int number = 0; number < 12; ++number) all.push_back(case_of(number, number % 4 != 0));
    return all;
  }
  FitReport fit_all() const {
    return fit(knowledge_, cases(), {}, NetworkParameters{}, [](int) {});
  }

  const clinical::KnowledgeBase knowledge_ = knowledge_with_emergencies();
};

}  // namespace

TEST_F(Fitting, LogLossIsThatOfTheConfidencesThatCount) {
  FitCase fit_case = case_of(5);
  const NetworkParameters parameters;
  const reasoning::Posterior posterior = reasoning::Network(knowledge_, parameters).posterior(fit_case.findings);
  double right = 0, others = 0, likeliest_other = -1;
  clinical::ConditionIndex likeliest = clinical::kNone;
  for (clinical::ConditionIndex c = 0; c < posterior.log_odds.size(); ++c) {
    const double confidence = reasoning::confidence_of(posterior.log_odds[c], parameters);
    if (c == fit_case.right[0]) right = -std::log(confidence);
    else if (1 / (1 + std::exp(-posterior.log_odds[c])) >= 0.02) others -= std::log(1 - confidence);
    if (c != fit_case.right[0] && confidence > likeliest_other) {
      likeliest_other = confidence;
      likeliest = c;
    }
  }
  EXPECT_NEAR(log_loss(knowledge_, {fit_case}, parameters), right + others, 1e-9);
  // Acceptable ones are neither right nor wrong.
  fit_case.acceptable = {likeliest};
  const double without = 1 / (1 + std::exp(-posterior.log_odds[likeliest])) >= 0.02 ? -std::log(1 - likeliest_other) : 0;
  EXPECT_NEAR(log_loss(knowledge_, {fit_case}, parameters), right + others - without, 1e-9);
}

TEST_F(Fitting, LogLossIsTheMeanOverCases) {
  const NetworkParameters parameters;
  const double one = log_loss(knowledge_, {case_of(1)}, parameters), two = log_loss(knowledge_, {case_of(2, false)}, parameters);
  EXPECT_NE(one, two);
  EXPECT_NEAR(log_loss(knowledge_, {case_of(1), case_of(2, false)}, parameters), (one + two) / 2, 1e-9);
  EXPECT_EQ(log_loss(knowledge_, {}, parameters), 0);
}

TEST_F(Fitting, LowersTheLossAndReportsIt) {
  const FitReport report = fit_all();
  EXPECT_NEAR(report.start_loss, log_loss(knowledge_, cases(), NetworkParameters{}), 1e-12);
  EXPECT_LT(report.fitted_loss, report.start_loss);
  EXPECT_NEAR(report.fitted_loss, log_loss(knowledge_, cases(), report.parameters), 1e-12);
  EXPECT_TRUE(std::isfinite(report.cross_validated_loss));
  EXPECT_GT(report.cross_validated_loss, 0);
}

TEST_F(Fitting, GivesParametersThatAModelDirectoryTakes) {
  const NetworkParameters fitted = fit_all().parameters;
  const auto read = models::parse_calibration(models::write_calibration(fitted, {"p", 12, "2026-01-02", ""}));
  EXPECT_TRUE(read) << describe(read.error());
  const NetworkParameters start;
  EXPECT_EQ(fitted.nothing_prior, start.nothing_prior) << "not fitted";
  EXPECT_NE(fitted.nothing_offset, start.nothing_offset);
  EXPECT_GT(fitted.nothing_slope, 0) << "a case without its diagnosis is explained less";
  EXPECT_EQ(fitted.urgent_threshold, start.urgent_threshold) << "there are no urgent cases";
}

TEST_F(Fitting, SaysWhatEachFittedParameterIsWorth) {
  const FitReport report = fit_all();
  const Json known = models::write_calibration(report.parameters, {"p", 12, "2026-01-02", ""})["parameters"];
  std::set<std::string> names;
  for (const auto& [name, worth] : report.worth) {
    EXPECT_TRUE(known.contains(name)) << name;
    EXPECT_TRUE(std::isfinite(worth)) << name;
    EXPECT_TRUE(names.insert(name).second) << name << " twice";
  }
  for (const char* name : {"alpha", "lambda", "group_weight", "silence", "pair_weight", "temperature"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST_F(Fitting, TheEmergencyThresholdMissesAtMostOne) {
  const FitReport report = fit_all();
  const reasoning::Network network(knowledge_, report.parameters);
  int missed = 0;
  for (const FitCase& fit_case : cases())
    missed += fit_case.emergency && network.posterior(fit_case.findings).emergency < report.parameters.emergency_threshold;
  EXPECT_LE(missed, 1);
  EXPECT_GE(report.parameters.emergency_threshold, 0.02);
  EXPECT_LE(report.parameters.emergency_threshold, 0.5);
}

TEST_F(Fitting, IsDeterministic) {
  const FitReport first = fit_all(), second = fit_all();
  const reasoning::CalibrationRecord record{"p", 12, "2026-01-02", ""};
  EXPECT_EQ(models::write_calibration(first.parameters, record).dump(), models::write_calibration(second.parameters, record).dump());
  EXPECT_EQ(first.cross_validated_loss, second.cross_validated_loss);
  EXPECT_EQ(first.worth, second.worth);
}

TEST_F(Fitting, ReportsItsProgress) {
  std::vector<int> counts;
  static_cast<void>(fit(knowledge_, {case_of(1)}, {}, NetworkParameters{}, [&](int evaluations) { counts.push_back(evaluations); }));
  ASSERT_GT(counts.size(), 100u);
  for (std::size_t i = 0; i < counts.size(); ++i) ASSERT_EQ(counts[i], static_cast<int>(i) + 1);
}

TEST_F(Fitting, WithoutCasesNothingIsLearnt) {
  const FitReport report = fit(knowledge_, {}, {}, NetworkParameters{}, [](int) {});
  EXPECT_TRUE(models::parse_calibration(models::write_calibration(report.parameters, {"p", 0, "2026-01-02", ""})))
      << "parameters that are numbers, within their ranges";
  EXPECT_EQ(report.fitted_loss, 0);
  EXPECT_EQ(report.cross_validated_loss, 0);
  EXPECT_EQ(report.parameters.emergency_threshold, NetworkParameters{}.emergency_threshold);
}

}  // namespace osler::evaluate
