#include "clinical/findings.h"

#include "small_knowledge.h"

namespace osler::clinical {

class Grading : public testing::Test {
 protected:
  Grading() : knowledge_(load_knowledge(small_files(), faults_).value()) { patient_.age_years = 40; }

  GradedLabs lab(const char* code, double value, std::optional<std::string> unit = {}) {
    patient_.lab_results = {{LoincCode::parse(code).value(), value, std::move(unit)}};
    return grade_measurements(knowledge_, patient_);
  }
  std::string warning_of(const GradedLabs& graded) { return graded.warnings.empty() ? "" : graded.warnings.front().code; }

  std::vector<KnowledgeFault> faults_;
  KnowledgeBase knowledge_;
  PatientCase patient_;
};

TEST_F(Grading, GradesByRangeAndMarkedLimits) {
  const Quantity& glucose = knowledge_.quantities[knowledge_.quantity_by_id.at("glucose")];
  const auto grade = [&](double value, bool pregnant = false) { return grade_value(glucose, value, 30, Sex::female, pregnant); };
  EXPECT_EQ(grade(40), Grade::markedly_low);
  EXPECT_EQ(grade(60), Grade::low);
  EXPECT_EQ(grade(70), Grade::normal);
  EXPECT_EQ(grade(140), Grade::normal);
  EXPECT_EQ(grade(141), Grade::high);
  EXPECT_EQ(grade(251), Grade::markedly_high);
  EXPECT_EQ(grade(100, true), Grade::high);
}

TEST_F(Grading, ConvertsUnits) {
  EXPECT_NEAR(lab("2345-7", 10, "mmol/L").observed.at(0).value, 180.16, 1e-9);
  EXPECT_NEAR(lab("14749-6", 10).observed.at(0).value, 180.16, 1e-9);
  EXPECT_EQ(lab("14749-6", 22).observed.at(0).grade, Grade::markedly_high);
}

TEST_F(Grading, AsksForTheUnitWhereTheBareNumberFitsAnother) {
  const GradedLabs graded = lab("2345-7", 5.5);
  EXPECT_TRUE(graded.observed.empty());
  EXPECT_EQ(warning_of(graded), "unit_unclear");
  EXPECT_NE(graded.warnings[0].text.find("mmol/L"), std::string::npos);
}

TEST_F(Grading, WarnsOfEverythingItDoesNotUse) {
  EXPECT_EQ(warning_of(lab("12345-6", 0.5)), "loinc_check_digit");
  EXPECT_EQ(warning_of(lab("718-7", 13)), "lab_unknown");
  EXPECT_EQ(warning_of(lab("2345-7", 100, "g/furlong")), "unit_unknown");
  EXPECT_EQ(warning_of(lab("2345-7", 1e300)), "value_implausible");
  EXPECT_EQ(warning_of(lab("2345-7", -3, "mg/dL")), "value_implausible");
}

TEST_F(Grading, VitalsAreGradedAndImplausibleOnesNamed) {
  patient_.vitals.temperature_c = 39.6;
  EXPECT_EQ(grade_measurements(knowledge_, patient_).observed.at(0).grade, Grade::markedly_high);
  EXPECT_EQ(grade_measurements(knowledge_, patient_).observed.at(0).text, "temperature 39.6 °C");
  patient_.vitals.temperature_c = 104;
  EXPECT_EQ(warning_of(grade_measurements(knowledge_, patient_)), "value_implausible");
  patient_.vitals = {};
  patient_.vitals.heart_rate_bpm = 80;
  EXPECT_EQ(warning_of(grade_measurements(knowledge_, patient_)), "vital_unknown");
}

TEST_F(Grading, TheSameQuantityTwiceUsesTheFirstAndSaysSo) {
  patient_.lab_results = {{LoincCode::parse("2345-7").value(), 100, {}}, {LoincCode::parse("14749-6").value(), 20, {}}};
  const GradedLabs graded = grade_measurements(knowledge_, patient_);
  EXPECT_EQ(graded.observed.size(), 1u);
  EXPECT_EQ(warning_of(graded), "measured_twice");
}

}  // namespace osler::clinical
