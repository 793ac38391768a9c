// What is known of one patient in the knowledge base's terms: made by language/ and by grading labs and
// vitals, read by reasoning/. Values only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clinical/knowledge.h"

namespace osler::clinical {

/// Where in the request something was said. `item` is the position in a list; `begin`..`end` are bytes of
/// that text as PatientCase holds it.
enum class CaseField {
  symptoms, narrative, absent_findings, preexisting_conditions, family_history,
  vitals, lab_results, age, sex, severity, onset, duration_days, pregnant
};
std::string_view name_of(CaseField field);

struct TextSpan {
  CaseField field = CaseField::narrative;
  std::size_t item = 0;
  std::size_t begin = 0, end = 0;
  bool operator==(const TextSpan&) const = default;
};

enum class Polarity { present, absent };

/// A finding that was stated.
struct ObservedFinding {
  FindingIndex finding = kNone;
  Polarity polarity = Polarity::present;
  std::vector<TextSpan> spans;   // every place that said so; empty only in tests
  std::string words;             // the caller's words at the first span, for evidence texts
};

enum class Grade { markedly_low, low, normal, high, markedly_high };

/// A quantity that was measured, graded for this patient's age, sex and pregnancy.
struct ObservedQuantity {
  QuantityIndex quantity = kNone;
  Grade grade = Grade::normal;
  double value = 0;              // in the quantity's unit
  TextSpan span;                 // for values read from text; else field and item only
  std::string text;              // "38.9 °C", as a clinician would write it
};

/// A disease that the caller states the patient has or had.
struct StatedCondition {
  ConditionIndex condition = kNone;
  TextSpan span;
};

/// Everything reasoning needs. At most one ObservedFinding for each finding and one ObservedQuantity for
/// each quantity; the order of the vectors must not matter to anyone.
struct CaseFindings {
  double age_years = 0;
  Sex sex = Sex::unknown;
  Setting setting = Setting::primary_care;
  bool setting_known = false;            // false: geometric mean of primary and emergency care
  Severity severity = Severity::moderate;
  std::optional<bool> pregnant;          // none: not stated
  std::optional<double> duration_days;
  std::optional<Onset> onset;
  bool has_narrative = false;            // a history was given (text, or three complaints), so silence means something
  std::vector<ObservedFinding> findings;
  std::vector<ObservedQuantity> quantities;
  std::vector<StatedCondition> known;    // the patient's own, never the family's
};

/// What the request said that could not be used, for `warnings`. `text` may hold the caller's own words:
/// it goes back to the caller only.
struct CaseWarning {
  std::string code;   // stable, e.g. "loinc_check_digit", "unit_unclear", "not_understood"
  std::string pointer;  // JSON pointer into the request; may be empty
  std::string text;
};

/// The range that holds for this patient: the first that matches, else the last.
const ReferenceRange& reference_range(const Quantity& quantity, double age_years, Sex sex, bool pregnant);

/// Grades a value (in the quantity's own unit) for this patient.
Grade grade_value(const Quantity& quantity, double value, double age_years, Sex sex, bool pregnant);

struct GradedLabs {
  std::vector<ObservedQuantity> observed;
  std::vector<CaseWarning> warnings;
};

/// Turns lab results and vitals into graded quantities. Whatever cannot be used (wrong check digit, unknown code,
/// unknown unit, implausible value) is in `warnings`, with its code and the reason; nothing is dropped in silence.
GradedLabs grade_measurements(const KnowledgeBase& knowledge, const PatientCase& patient);

}  // namespace osler::clinical
