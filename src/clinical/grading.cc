// Labs and vitals to graded quantities: the numbers' way from the request to reasoning.
#include <array>
#include <cmath>
#include <cstdio>

#include "clinical/findings.h"

namespace osler::clinical {

std::string_view name_of(CaseField field) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "symptoms", "narrative", "absent_findings", "preexisting_conditions", "family_history", "vitals", "lab_results",
      "age", "sex", "severity", "onset", "duration_days", "pregnant"};
  return kNames[static_cast<std::size_t>(field)];
}

const ReferenceRange& reference_range(const Quantity& quantity, double age_years, Sex sex, bool pregnant) {
  for (const ReferenceRange& range : quantity.ranges) {
    if (range.sex && *range.sex != sex) continue;
    if (range.pregnant && *range.pregnant != pregnant) continue;
    if (age_years < range.age_min || age_years >= range.age_max) continue;
    return range;
  }
  return quantity.ranges.back();
}

namespace {

std::string number_text(double value) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%.4g", value);
  return std::string(text, static_cast<std::size_t>(length));
}

/// What a person writes for a UCUM unit.
std::string unit_text(const std::string& ucum) {
  static const std::map<std::string, std::string> kWritten = {
      {"Cel", "°C"}, {"[degF]", "°F"}, {"/min", "/min"}, {"mm[Hg]", "mmHg"}, {"{beats}/min", "/min"}, {"1", ""},
      {"{score}", ""}, {"10*3/uL", "×10³/µL"}, {"10*9/L", "×10⁹/L"}, {"ug/L", "µg/L"}, {"umol/L", "µmol/L"}};
  const auto found = kWritten.find(ucum);
  return found == kWritten.end() ? ucum : found->second;
}

std::string measured_text(double value, const std::string& ucum) {
  const std::string unit = unit_text(ucum);
  if (unit.empty()) return number_text(value);
  return number_text(value) + (unit == "%" ? "" : " ") + unit;
}

class Grader {
 public:
  Grader(const KnowledgeBase& knowledge, const PatientCase& patient) : knowledge_(knowledge), patient_(patient) {}

  GradedLabs run() {
    for (std::size_t i = 0; i < patient_.lab_results.size(); ++i) add_lab(patient_.lab_results[i], i);
    const Vitals& vitals = patient_.vitals;
    add_vital("temperature_c", vitals.temperature_c);
    add_vital("heart_rate_bpm", vitals.heart_rate_bpm);
    add_vital("respiratory_rate_bpm", vitals.respiratory_rate_bpm);
    add_vital("systolic_mmhg", vitals.systolic_mmhg);
    add_vital("diastolic_mmhg", vitals.diastolic_mmhg);
    add_vital("spo2_percent", vitals.spo2_percent);
    add_vital("bmi", vitals.bmi);
    return std::move(graded_);
  }

 private:
  void warn(const char* code, const LoincCode& loinc, std::string text) {
    graded_.warnings.push_back({code, "/lab_results/" + loinc.text(), std::move(text)});
  }

  void add_lab(const LabResult& lab, std::size_t item) {
    const std::string& code = lab.code.text();
    if (!lab.code.check_digit_is_right())
      return warn("loinc_check_digit", lab.code,
                  "Lab " + code + " was not used: it fails LOINC's mod-10 check digit, so the code is mistyped.");
    const auto found = knowledge_.quantity_by_loinc.find(code);
    if (found == knowledge_.quantity_by_loinc.end())
      return warn("lab_unknown", lab.code, "Lab " + code + " was not used: this knowledge base does not know the code.");
    const Quantity& quantity = knowledge_.quantities[found->second];
    const std::string unit = lab.unit.value_or(quantity.codes.at(code));
    const auto conversion = quantity.units.find(unit);
    if (conversion == quantity.units.end())
      return warn("unit_unknown", lab.code, "Lab " + code + " (" + quantity.name + ") was not used: its unit cannot be converted to " +
                                                quantity.unit + ".");
    const double value = lab.value * conversion->second.factor + conversion->second.offset;
    if (value < quantity.plausible_low || value > quantity.plausible_high) return warn_implausible(lab, quantity, unit);
    TextSpan span;
    span.field = CaseField::lab_results;
    span.item = item;
    add(found->second, value, span, quantity.name + " " + measured_text(lab.value, unit));
  }

  void warn_implausible(const LabResult& lab, const Quantity& quantity, const std::string& unit) {
    std::string text = "Lab " + lab.code.text() + " (" + quantity.name + ") was not used: the value is implausible in " +
                       unit + (lab.unit ? "" : ", the code's usual unit");
    for (const auto& [other, conversion] : quantity.units) {
      const double value = lab.value * conversion.factor + conversion.offset;
      if (!lab.unit && other != unit && value >= quantity.plausible_low && value <= quantity.plausible_high)
        return warn("unit_unclear", lab.code, text + " but plausible in " + other + "; send {\"value\": n, \"unit\": \"" + other +
                                                  "\"} if that is meant.");
    }
    warn("value_implausible", lab.code, text + "; plausible values lie between " + number_text(quantity.plausible_low) +
                                            " and " + number_text(quantity.plausible_high) + " " + quantity.unit + ".");
  }

  void add_vital(const char* field, const std::optional<double>& value) {
    if (!value) return;
    const auto found = knowledge_.quantity_by_field.find(field);
    if (found == knowledge_.quantity_by_field.end()) {
      graded_.warnings.push_back({"vital_unknown", std::string("/vitals/") + field,
                                  std::string(field) + " was not used: this knowledge base does not grade it."});
      return;
    }
    const Quantity& quantity = knowledge_.quantities[found->second];
    TextSpan span;
    span.field = CaseField::vitals;
    if (*value < quantity.plausible_low || *value > quantity.plausible_high) {
      graded_.warnings.push_back({"value_implausible", std::string("/vitals/") + field,
                                  std::string(field) + " was not used: it lies outside " + number_text(quantity.plausible_low) +
                                      " to " + number_text(quantity.plausible_high) + " " + unit_text(quantity.unit) + "."});
      return;
    }
    add(found->second, *value, span, quantity.name + " " + measured_text(*value, quantity.unit));
  }

  void add(QuantityIndex index, double value, TextSpan span, std::string text) {
    const Quantity& quantity = knowledge_.quantities[index];
    for (const ObservedQuantity& earlier : graded_.observed) {
      if (earlier.quantity != index) continue;
      graded_.warnings.push_back({"measured_twice", span.field == CaseField::vitals ? "/vitals" : "/lab_results",
                                  quantity.name + " was given more than once; the first value was used."});
      return;
    }
    const bool pregnant = patient_.pregnancy && patient_.pregnancy->pregnant;
    const Grade grade = grade_value(quantity, value, patient_.age_years, patient_.sex, pregnant);
    graded_.observed.push_back({index, grade, value, span, std::move(text)});
  }

  const KnowledgeBase& knowledge_;
  const PatientCase& patient_;
  GradedLabs graded_;
};

}  // namespace

Grade grade_value(const Quantity& quantity, double value, double age_years, Sex sex, bool pregnant) {
  const ReferenceRange& range = reference_range(quantity, age_years, sex, pregnant);
  if (range.high && value > *range.high)
    return range.marked_high && value > *range.marked_high ? Grade::markedly_high : Grade::high;
  if (range.low && value < *range.low)
    return range.marked_low && value < *range.marked_low ? Grade::markedly_low : Grade::low;
  return Grade::normal;
}

GradedLabs grade_measurements(const KnowledgeBase& knowledge, const PatientCase& patient) {
  return Grader(knowledge, patient).run();
}

}  // namespace osler::clinical
