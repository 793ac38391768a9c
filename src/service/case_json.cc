#include "service/case_json.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/ids.h"
#include "base/limits.h"
#include "service/field_reader.h"

namespace osler::service {

using namespace clinical;

namespace {

constexpr std::array<std::string_view, 15> kMembers = {
    "age", "symptoms", "severity", "lab_results", "preexisting_conditions", "sex", "setting", "duration_days",
    "onset", "pregnant", "family_history", "narrative", "absent_findings", "vitals", "patient_id"};
constexpr std::array<std::string_view, 8> kVitals = {
    "temperature_c", "heart_rate_bpm", "respiratory_rate_bpm", "systolic_mmhg",
    "diastolic_mmhg", "spo2_percent", "weight_kg", "bmi"};
constexpr std::array<std::string_view, 2> kLabMembers = {"value", "unit"};
constexpr std::array<std::string_view, 2> kPregnancyMembers = {"value", "gestation_weeks"};

template <std::size_t N>
void warn_of_unknown(const Json& object, const std::array<std::string_view, N>& known, const std::string& prefix,
                     std::vector<CaseWarning>& warnings) {
  std::size_t unknown = 0;
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end() || ++unknown > limits::kMaxUnknownFieldWarnings) continue;
    warnings.push_back({"unknown_field", prefix + "/" + escape_pointer_token(name),
                        "This member is not part of the contract and was not used."});
  }
  if (unknown > limits::kMaxUnknownFieldWarnings)
    warnings.push_back({"unknown_field", prefix, std::to_string(unknown - limits::kMaxUnknownFieldWarnings) +
                                                     " more members are not part of the contract and were not used."});
}

void read_lab(const std::string& code, const Json& value, const FieldReader& labs, std::vector<FieldError>& errors,
              ParsedCase& parsed) {
  std::vector<LabResult>& results = parsed.patient.lab_results;
  const std::string pointer = labs.pointer_to(code);
  Result<LoincCode> loinc = LoincCode::parse(code);
  if (!loinc) return labs.fail(pointer, "is not shaped like a LOINC code", "1 to 7 digits, a dash and one check digit");
  if (value.is_number()) {
    results.push_back({std::move(loinc).value(), value.get<double>(), std::nullopt});
    return;
  }
  if (!value.is_object()) return labs.fail(pointer, "is neither a number nor an object", "a number, or {\"value\": number, \"unit\": UCUM}");
  const FieldReader entry(value, pointer, errors);
  constexpr double kAny = std::numeric_limits<double>::infinity();  // what is implausible is a warning, not a refusal
  const std::optional<double> number = entry.number("value", -kAny, kAny, true);
  std::string unit = entry.text("unit", limits::kMaxUnitCharacters);
  if (number) results.push_back({std::move(loinc).value(), *number, unit.empty() ? std::nullopt : std::optional(std::move(unit))});
  warn_of_unknown(value, kLabMembers, pointer, parsed.warnings);
}

void read_labs(const FieldReader& body, std::vector<FieldError>& errors, ParsedCase& parsed) {
  const Json* labs = body.find("lab_results");
  if (!labs) return;
  const std::string pointer = body.pointer_to("lab_results");
  if (!labs->is_object()) return body.fail(pointer, "is not an object", "an object of LOINC code to number or {value, unit}");
  if (labs->size() > limits::kMaxLabs)
    return body.fail(pointer, "has too many members", "up to " + std::to_string(limits::kMaxLabs) + " results");
  const FieldReader reader(*labs, pointer, errors);
  for (const auto& [code, value] : labs->items())
    if (!value.is_null()) read_lab(code, value, reader, errors, parsed);
}

void read_vitals(const FieldReader& body, std::vector<FieldError>& errors, ParsedCase& parsed) {
  const Json* member = body.find("vitals");
  if (!member) return;
  const std::string pointer = body.pointer_to("vitals");
  if (!member->is_object()) return body.fail(pointer, "is not an object", "an object of vital signs");
  const FieldReader reader(*member, pointer, errors);
  const auto vital = [&](const char* name) { return reader.number(name, 0, limits::kMaxVital, false); };
  Vitals& vitals = parsed.patient.vitals;
  vitals.temperature_c = vital("temperature_c");
  vitals.heart_rate_bpm = vital("heart_rate_bpm");
  vitals.respiratory_rate_bpm = vital("respiratory_rate_bpm");
  vitals.systolic_mmhg = vital("systolic_mmhg");
  vitals.diastolic_mmhg = vital("diastolic_mmhg");
  vitals.spo2_percent = vital("spo2_percent");
  vitals.weight_kg = vital("weight_kg");
  vitals.bmi = vital("bmi");
  warn_of_unknown(*member, kVitals, pointer, parsed.warnings);
}

void read_pregnancy(const FieldReader& body, std::vector<FieldError>& errors, ParsedCase& parsed) {
  PatientCase& patient = parsed.patient;
  const Json* member = body.find("pregnant");
  if (!member) return;
  const std::string pointer = body.pointer_to("pregnant");
  if (!member->is_object())
    return body.fail(pointer, "is not an object", "{\"value\": true or false, \"gestation_weeks\": number}");
  const FieldReader reader(*member, pointer, errors);
  const std::optional<bool> value = reader.boolean("value", true);
  const std::optional<double> weeks = reader.number("gestation_weeks", 0, limits::kMaxGestationWeeks, false);
  if (value) patient.pregnancy = Pregnancy{*value, weeks};
  if (value && *value && patient.sex == Sex::male)
    body.fail(pointer, "contradicts sex", "pregnant only where sex is not male");
  warn_of_unknown(*member, kPregnancyMembers, pointer, parsed.warnings);
}

void read_choices(const FieldReader& body, PatientCase& patient) {
  constexpr Severity kSeverities[] = {Severity::mild, Severity::moderate, Severity::severe};
  if (const auto choice = body.choice("severity", {"mild", "moderate", "severe"}, true)) patient.severity = kSeverities[*choice];
  constexpr Sex kSexes[] = {Sex::female, Sex::male, Sex::other, Sex::unknown};
  if (const auto choice = body.choice("sex", {"female", "male", "other", "unknown"}, false)) patient.sex = kSexes[*choice];
  constexpr Setting kSettings[] = {Setting::primary_care, Setting::emergency, Setting::inpatient};
  if (const auto choice = body.choice("setting", {"primary_care", "emergency", "inpatient"}, false))
    patient.setting = kSettings[*choice];
  constexpr Onset kOnsets[] = {Onset::sudden, Onset::gradual};
  if (const auto choice = body.choice("onset", {"sudden", "gradual"}, false)) patient.onset = kOnsets[*choice];
}

void read_texts(const FieldReader& body, PatientCase& patient) {
  patient.symptoms = body.texts("symptoms", 1, limits::kMaxSymptoms, limits::kMaxSymptomCharacters);
  for (std::string& symptom : patient.symptoms) symptom = lower_case(symptom);
  const auto list = [&](const char* name) {
    return body.texts(name, 0, limits::kMaxListItems, limits::kMaxListItemCharacters);
  };
  patient.preexisting_conditions = list("preexisting_conditions");
  patient.family_history = list("family_history");
  patient.absent_findings = list("absent_findings");
  patient.narrative = body.text("narrative", limits::kMaxNarrativeCharacters);
}

}  // namespace

Result<ParsedCase> parse_case(const Json& json) {
  Error error = make_error(ErrorCode::invalid, "The request breaks the contract in the fields listed.");
  if (!json.is_object()) {
    error.fields.push_back({"", "is not an object", "a JSON object with age, symptoms and severity"});
    return error;
  }
  ParsedCase parsed;
  PatientCase& patient = parsed.patient;
  const FieldReader body(json, "", error.fields);
  patient.age_years = body.number("age", 0, limits::kMaxAgeYears, true).value_or(0);
  read_texts(body, patient);
  read_choices(body, patient);
  read_labs(body, error.fields, parsed);
  patient.duration_days = body.number("duration_days", 0, limits::kMaxDurationDays, false);
  read_pregnancy(body, error.fields, parsed);
  read_vitals(body, error.fields, parsed);
  patient.patient_id = body.text("patient_id", limits::kMaxPatientIdCharacters);
  parsed.patient_id_given = !patient.patient_id.empty();
  if (!parsed.patient_id_given) patient.patient_id = make_uuid();
  warn_of_unknown(json, kMembers, "", parsed.warnings);
  if (!error.fields.empty()) return error;
  return parsed;
}

bool is_request_member(std::string_view name) { return std::find(kMembers.begin(), kMembers.end(), name) != kMembers.end(); }
bool is_vital(std::string_view name) { return std::find(kVitals.begin(), kVitals.end(), name) != kVitals.end(); }

std::vector<std::string> missing_fields(const Json& body) {
  std::vector<std::string> missing;
  for (const std::string_view name : kMembers) {
    const auto member = body.find(std::string(name));
    if (member == body.end() || member->is_null()) missing.emplace_back(name);
  }
  return missing;
}

}  // namespace osler::service
