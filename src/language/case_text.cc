#include "language/case_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace osler::language {

using namespace clinical;

namespace {

constexpr double kMonthsInYear = 12;
constexpr double kInfantYears = 2;    // below, age is said in months
constexpr double kNewbornYears = 0.2; // below, in weeks
constexpr double kWeeksInYear = 52.18;

TextSpan at(CaseField field, std::size_t item = 0) {
  TextSpan span;
  span.field = field;
  span.item = item;
  return span;
}

std::string counted(double number, const char* unit) {
  char text[48];
  const double shown = number < 10 ? std::round(number * 2) / 2 : std::round(number);
  std::snprintf(text, sizeof text, "%g %s%s", shown, unit, shown == 1 ? "" : "s");
  return text;
}

std::string age_text(double years) {
  if (years < kNewbornYears) return counted(years * kWeeksInYear, "week") + " old";
  if (years < kInfantYears) return counted(years * kMonthsInYear, "month") + " old";
  return counted(std::floor(years), "year") + " old";
}

std::string duration_text(double days) {
  constexpr double kHoursInDay = 24, kWeek = 14, kMonth = 60, kYear = 730;
  if (days < 1) return "for " + counted(std::max(1.0, days * kHoursInDay), "hour");
  if (days <= kWeek) return "for " + counted(days, "day");
  if (days <= kMonth) return "for " + counted(days / 7, "week");
  if (days <= kYear) return "for " + counted(days / 30.44, "month");
  return "for " + counted(days / 365.25, "year");
}

class UnitWriter {
 public:
  UnitWriter(const KnowledgeBase& knowledge, const PatientCase& patient) : knowledge_(knowledge), patient_(patient) {}

  std::vector<CaseTextUnit> run(const std::vector<ObservedQuantity>& quantities) {
    add_person();
    add_list(CaseField::symptoms, patient_.symptoms, "");
    add_course();
    add_list(CaseField::absent_findings, patient_.absent_findings, "no ");
    std::vector<const ObservedQuantity*> measured;
    for (const ObservedQuantity& quantity : quantities) measured.push_back(&quantity);
    std::stable_sort(measured.begin(), measured.end(), [](const auto* a, const auto* b) { return a->quantity < b->quantity; });
    for (const ObservedQuantity* quantity : measured) add_quantity(*quantity);
    add_list(CaseField::preexisting_conditions, patient_.preexisting_conditions, "history of ");
    add_list(CaseField::family_history, patient_.family_history, "family history of ");
    add_narrative();
    return std::move(units_);
  }

 private:
  void add(TextSpan span, std::string text) {
    const std::size_t quoted = text.size();
    units_.push_back({span, std::move(text), quoted});
  }

  void add_person() {
    add(at(CaseField::age), age_text(patient_.age_years));
    if (patient_.sex == Sex::female) add(at(CaseField::sex), "female");
    if (patient_.sex == Sex::male) add(at(CaseField::sex), "male");
    static constexpr std::array<const char*, 3> kSeverities = {"mild", "moderate", "severe"};
    add(at(CaseField::severity), kSeverities[static_cast<std::size_t>(patient_.severity)]);
  }

  void add_course() {
    if (patient_.onset) add(at(CaseField::onset), *patient_.onset == Onset::sudden ? "sudden onset" : "gradual onset");
    if (patient_.duration_days) add(at(CaseField::duration_days), duration_text(*patient_.duration_days));
    if (!patient_.pregnancy) return;
    const Pregnancy& pregnancy = *patient_.pregnancy;
    std::string text = pregnancy.pregnant ? "pregnant" : "not pregnant";
    if (pregnancy.pregnant && pregnancy.gestation_weeks) text += " " + counted(*pregnancy.gestation_weeks, "week");
    add(at(CaseField::pregnant), std::move(text));
  }

  void add_list(CaseField field, const std::vector<std::string>& items, const std::string& before) {
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return items[a] < items[b]; });
    for (const std::size_t i : order) {
      TextSpan span = at(field, i);
      span.end = items[i].size();
      units_.push_back({span, before + items[i], before.size()});
    }
  }

  void add_quantity(const ObservedQuantity& observed) {
    if (observed.span.field != CaseField::vitals && observed.span.field != CaseField::lab_results) return;
    static constexpr std::array<const char*, 5> kGrades = {"very low", "low", "normal", "high", "very high"};
    add(observed.span, knowledge_.quantities[observed.quantity].name + " " + kGrades[static_cast<std::size_t>(observed.grade)]);
  }

  void add_narrative() {
    for (const auto& [begin, end] : sentences_of(patient_.narrative)) {
      TextSpan span = at(CaseField::narrative);
      span.begin = begin;
      span.end = end;
      units_.push_back({span, patient_.narrative.substr(begin, end - begin), 0});
    }
  }

  const KnowledgeBase& knowledge_;
  const PatientCase& patient_;
  std::vector<CaseTextUnit> units_;
};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

bool ends_sentence(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == ';' || c == '\n') return true;
  return (c == '.' || c == '?' || c == '!') && (at + 1 == text.size() || is_space(text[at + 1]));
}

}  // namespace

std::vector<CaseTextUnit> case_text_units(const KnowledgeBase& knowledge, const PatientCase& patient,
                                          const std::vector<ObservedQuantity>& quantities) {
  return UnitWriter(knowledge, patient).run(quantities);
}

std::vector<std::pair<std::size_t, std::size_t>> sentences_of(std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> sentences;
  std::size_t begin = 0;
  const auto close = [&](std::size_t end) {
    while (begin < end && is_space(text[begin])) ++begin;
    std::size_t last = end;
    while (last > begin && is_space(text[last - 1])) --last;
    if (last > begin) sentences.emplace_back(begin, last);
    begin = end;
  };
  for (std::size_t i = 0; i < text.size(); ++i)
    if (ends_sentence(text, i)) close(i + 1);
  close(text.size());
  return sentences;
}

}  // namespace osler::language
