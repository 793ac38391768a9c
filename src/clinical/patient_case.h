// The request as values: what the caller told us about one patient. Everything here describes a patient;
// wrap it in vault::Phi wherever it is held outside the pipeline, and never log it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clinical/loinc.h"

namespace osler::clinical {

enum class Severity { mild, moderate, severe };
enum class Sex { female, male, other, unknown };
enum class Setting { primary_care, emergency, inpatient };
enum class Onset { sudden, gradual };

struct LabResult {
  LoincCode code;
  double value = 0;
  std::optional<std::string> unit;  // UCUM; none: the code's usual unit
};

struct Pregnancy {
  bool pregnant = false;
  std::optional<double> gestation_weeks;
};

/// Each is absent when not measured.
struct Vitals {
  std::optional<double> temperature_c;
  std::optional<double> heart_rate_bpm;
  std::optional<double> respiratory_rate_bpm;
  std::optional<double> systolic_mmhg;
  std::optional<double> diastolic_mmhg;
  std::optional<double> spo2_percent;
  std::optional<double> weight_kg;
  std::optional<double> bmi;
};

/// Texts are trimmed, white space folded; symptoms are lower-cased too. Built by http/case_json and by
/// the CLI and batch readers through the same parser.
struct PatientCase {
  std::string patient_id;
  double age_years = 0;
  std::vector<std::string> symptoms;  // 1..20, none empty
  Severity severity = Severity::moderate;
  std::vector<LabResult> lab_results;
  std::vector<std::string> preexisting_conditions;
  Sex sex = Sex::unknown;
  std::optional<Setting> setting;
  std::optional<double> duration_days;
  std::optional<Onset> onset;
  std::optional<Pregnancy> pregnancy;
  std::vector<std::string> family_history;
  std::string narrative;
  std::vector<std::string> absent_findings;
  Vitals vitals;
};

}  // namespace osler::clinical
