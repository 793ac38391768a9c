#include "language/case_merge.h"

#include "../clinical/small_knowledge.h"
#include "knowledge.h"

namespace osler::language {
namespace {

using clinical::CaseField;
using clinical::PatientCase;

TEST(CaseMerge, SymptomsWinOverADenyingNarrative) {
  PatientCase patient = patient_saying("The patient denies any cough today.");
  patient.symptoms = {"cough"};
  const CaseReading reading = shipped_reader().read(patient);
  EXPECT_EQ(observed(reading, "cough"), "present");
  EXPECT_TRUE(has_warning(reading, "contradiction", "/narrative"));
}

TEST(CaseMerge, AbsentFindingsWinOverTheNarrative) {
  PatientCase patient = patient_saying("She has a cough.");
  patient.absent_findings = {"cough"};
  EXPECT_EQ(observed(shipped_reader().read(patient), "cough"), "absent");
}

TEST(CaseMerge, AMeasuredTemperatureWinsOverFever) {
  PatientCase patient = patient_saying("");
  patient.symptoms = {"fever"};
  patient.vitals.temperature_c = 36.8;
  const CaseReading reading = shipped_reader().read(patient);
  EXPECT_EQ(observed(reading, "fever"), "");
  EXPECT_TRUE(has_warning(reading, "measured_otherwise", "/symptoms/0"));
  ASSERT_EQ(reading.findings.quantities.size(), 1u);
  EXPECT_EQ(reading.findings.quantities[0].grade, clinical::Grade::normal);
}

TEST(CaseMerge, StructuredVitalsWinOverNumbersInText) {
  PatientCase patient = patient_saying("temp 39.8");
  patient.vitals.temperature_c = 37.0;
  const CaseReading reading = shipped_reader().read(patient);
  ASSERT_EQ(reading.findings.quantities.size(), 1u);
  EXPECT_DOUBLE_EQ(reading.findings.quantities[0].value, 37.0);
  EXPECT_TRUE(has_warning(reading, "measured_otherwise", "/narrative"));
}

TEST(CaseMerge, StructuredDurationOnsetAndPregnancyWin) {
  PatientCase patient = patient_saying("28 weeks pregnant, sudden headache for 3 days");
  patient.duration_days = 10;
  patient.onset = clinical::Onset::gradual;
  patient.pregnancy = clinical::Pregnancy{false, {}};
  const CaseReading reading = shipped_reader().read(patient);
  EXPECT_EQ(reading.findings.duration_days, 10);
  EXPECT_EQ(reading.findings.onset, clinical::Onset::gradual);
  EXPECT_EQ(reading.findings.pregnant, false);
}

TEST(CaseMerge, DurationInSymptomsComesBeforeTheNarrative) {
  PatientCase patient = patient_saying("back pain for 2 months");
  patient.symptoms = {"cough for 3 days"};
  EXPECT_EQ(shipped_reader().read(patient).findings.duration_days, 3);
}

TEST(CaseMerge, EachTextNotUnderstoodIsNamedByItsPointer) {
  PatientCase patient = patient_saying("");
  patient.symptoms = {"cough", "zxqv wvut", "fever"};
  patient.preexisting_conditions = {"blorptitis"};
  const CaseReading reading = shipped_reader().read(patient);
  EXPECT_TRUE(has_warning(reading, "not_understood", "/symptoms/1"));
  EXPECT_FALSE(has_warning(reading, "not_understood", "/symptoms/0"));
  EXPECT_TRUE(has_warning(reading, "not_understood", "/preexisting_conditions/0"));
}

TEST(CaseMerge, NoneIsNothingToUnderstand) {
  PatientCase patient = patient_saying("");
  patient.preexisting_conditions = {"none", "Nil known"};
  EXPECT_TRUE(shipped_reader().read(patient).warnings.empty());
}

TEST(CaseMerge, SilenceMeansSomethingOnlyInARealNarrative) {
  EXPECT_FALSE(shipped_reader().read(patient_saying("cough and fever")).findings.has_narrative);
  EXPECT_TRUE(shipped_reader()
                  .read(patient_saying("A forty year old teacher comes today because she has had a bad cough for a week."))
                  .findings.has_narrative);
}

TEST(CaseMerge, ThreeComplaintsAreAHistoryToo) {
  PatientCase patient = patient_saying("");
  patient.symptoms = {"cough", "fever"};
  EXPECT_FALSE(shipped_reader().read(patient).findings.has_narrative);
  patient.symptoms.push_back("headache");
  EXPECT_TRUE(shipped_reader().read(patient).findings.has_narrative);
}

TEST(CaseMerge, OneObservationForEachFindingWithAllItsPlaces) {
  PatientCase patient = patient_saying("Cough. The cough is dry at night. She was coughing.");
  patient.symptoms = {"cough"};
  const CaseReading reading = shipped_reader().read(patient);
  int coughs = 0;
  for (const clinical::ObservedFinding& finding : reading.findings.findings) {
    if (shipped_knowledge().findings[finding.finding].id != "cough") continue;
    ++coughs;
    EXPECT_GE(finding.spans.size(), 2u);
    EXPECT_EQ(finding.words, "cough");
    EXPECT_EQ(finding.spans.front().field, CaseField::symptoms);
  }
  EXPECT_EQ(coughs, 1);
}

TEST(CaseMerge, SexFromTextOnlyWhereUnknown) {
  PatientCase patient = patient_saying("A 40-year-old man with cough");
  EXPECT_EQ(shipped_reader().read(patient).findings.sex, clinical::Sex::male);
  patient.sex = clinical::Sex::female;
  EXPECT_EQ(shipped_reader().read(patient).findings.sex, clinical::Sex::female);
}

TEST(CaseMerge, TheReferenceRequest) {
  PatientCase patient;
  patient.age_years = 65;
  patient.symptoms = {"chest pain", "shortness of breath", "diaphoresis"};
  patient.severity = clinical::Severity::severe;
  patient.preexisting_conditions = {"hypertension", "type 2 diabetes"};
  const CaseReading reading = shipped_reader().read(patient);
  EXPECT_EQ(observed(reading, "chest_pain"), "present");
  EXPECT_EQ(observed(reading, "dyspnoea"), "present");
  EXPECT_EQ(observed(reading, "diaphoresis"), "present");
  EXPECT_TRUE(is_known(reading, "essential_hypertension"));
  EXPECT_TRUE(is_known(reading, "type_2_diabetes"));
  EXPECT_TRUE(reading.warnings.empty());
}

/// What the words "smelly discharge" mean in somebody of this age and sex.
std::string discharge_in(double age, clinical::Sex sex) {
  std::vector<clinical::KnowledgeFile> files = clinical::small_files();
  files[0].content += "  leak_of_women: {name: vaginal discharge, kind: symptom, leak: 0.02, limits: {sex: female, age_min: 10}, lay: [smelly discharge]}\n";
  std::vector<clinical::KnowledgeFault> faults;
  const auto knowledge = clinical::load_knowledge(files, faults);
  for (const auto& fault : faults) ADD_FAILURE() << describe(fault);
  PatientCase patient;
  patient.age_years = age;
  patient.sex = sex;
  patient.symptoms = {"smelly discharge"};
  const CaseReading reading = CaseReader(*knowledge).read(patient);
  EXPECT_EQ(reading.findings.findings.size(), reading.mentions.size());
  return reading.mentions.empty() ? "" : knowledge->findings[reading.mentions[0].finding].id;
}

TEST(CaseMerge, WordsMeanAFindingOnlyInThoseWhoCanHaveIt) {
  EXPECT_EQ(discharge_in(30, clinical::Sex::female), "leak_of_women");
  EXPECT_EQ(discharge_in(30, clinical::Sex::unknown), "leak_of_women");
  EXPECT_EQ(discharge_in(30, clinical::Sex::male), "");
  EXPECT_EQ(discharge_in(3, clinical::Sex::female), "");
}

TEST(CaseMerge, APersonStatedInAnEntryIsUnderstood) {
  PatientCase patient = patient_saying("");
  patient.sex = clinical::Sex::female;
  patient.symptoms = {"40F", "cough"};
  patient.preexisting_conditions = {"12 weeks pregnant"};
  const CaseReading reading = shipped_reader().read(patient);
  EXPECT_TRUE(reading.warnings.empty());
  EXPECT_EQ(reading.findings.pregnant, true);
}

}  // namespace
}  // namespace osler::language
