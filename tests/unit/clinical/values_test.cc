// The plain values: what stands in them before anybody said anything.
#include "clinical/differential.h"
#include "clinical/patient_case.h"

namespace osler::clinical {

TEST(PatientCase, ClaimsNothingThatWasNotSaid) {
  const PatientCase patient;
  EXPECT_EQ(patient.sex, Sex::unknown);
  EXPECT_FALSE(patient.setting || patient.duration_days || patient.onset || patient.pregnancy);
  EXPECT_FALSE(patient.vitals.temperature_c || patient.vitals.spo2_percent || patient.vitals.weight_kg);
}

TEST(Differential, IsEmptyAndRoutineUntilReasoned) {
  const Differential differential;
  EXPECT_TRUE(differential.suspected.empty() && differential.must_not_miss.empty());
  EXPECT_EQ(differential.urgency.urgency, Urgency::routine);
  EXPECT_EQ(differential.unexplained.probability, 0);
}

TEST(TextSpan, ComparesEveryPart) {
  const TextSpan span{CaseField::symptoms, 1, 2, 5};
  EXPECT_EQ(span, (TextSpan{CaseField::symptoms, 1, 2, 5}));
  EXPECT_NE(span, (TextSpan{CaseField::symptoms, 2, 2, 5}));
  EXPECT_NE(span, (TextSpan{CaseField::narrative, 1, 2, 5}));
}

TEST(CaseField, NamesAreThoseOfTheRequest) {
  EXPECT_EQ(name_of(CaseField::absent_findings), "absent_findings");
  EXPECT_EQ(name_of(CaseField::lab_results), "lab_results");
  EXPECT_EQ(name_of(CaseField::pregnant), "pregnant");
}

}  // namespace osler::clinical
