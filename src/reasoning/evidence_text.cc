#include "reasoning/evidence_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "reasoning/tables.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

constexpr std::size_t kLongestQuote = 60;
constexpr double kDaysInYear = 365.25;

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

/// The name, with the caller's own words where they say something else.
std::string named(const std::string& name, const std::string& words) {
  if (words.empty() || words.size() > kLongestQuote || contains_ignoring_case(name, words)) return name;
  return contains_ignoring_case(words, name) ? words : name + " (" + words + ")";
}

std::string counted(double number, const char* unit) {
  const auto whole = static_cast<long>(std::lround(number));
  return std::to_string(whole) + " " + unit + (whole == 1 ? "" : "s");
}

TextSpan at(CaseField field) {
  TextSpan span;
  span.field = field;
  return span;
}

std::string_view words_for(Grade grade) {
  static constexpr std::array<std::string_view, 5> kWords = {"markedly low", "low", "normal", "high", "markedly high"};
  return kWords[static_cast<std::size_t>(grade)];
}

}  // namespace

Evidence finding_evidence(const KnowledgeBase& knowledge, const ObservedFinding& observed) {
  const Finding& finding = knowledge.findings[observed.finding];
  Evidence evidence;
  evidence.text = finding.name;
  if (observed.polarity == Polarity::absent) evidence.text = "no " + finding.name;
  else evidence.text = named(finding.name, observed.words);
  evidence.source = is_exposure(finding) ? "history" : "finding";
  evidence.id = finding.id;
  evidence.spans = observed.spans;
  return evidence;
}

Evidence quantity_evidence(const KnowledgeBase& knowledge, const ObservedQuantity& observed) {
  const Quantity& quantity = knowledge.quantities[observed.quantity];
  Evidence evidence;
  evidence.text = observed.text.empty() ? quantity.name : observed.text;
  if (!contains_ignoring_case(evidence.text, quantity.name)) evidence.text = quantity.name + " " + evidence.text;
  evidence.text += " (" + std::string(words_for(observed.grade)) + ")";
  evidence.source = "measurement";
  evidence.id = quantity.id;
  evidence.spans = {observed.span};
  return evidence;
}

Evidence history_evidence(const KnowledgeBase& knowledge, const StatedCondition& stated) {
  const Condition& condition = knowledge.conditions[stated.condition];
  Evidence evidence;
  evidence.text = condition.name + " in the history";
  evidence.source = "history";
  evidence.id = condition.id;
  evidence.spans = {stated.span};
  return evidence;
}

Evidence age_evidence(double age_years) {
  std::string text = std::to_string(static_cast<long>(std::floor(age_years)));
  if (age_years < 1.0 / 12) text = counted(age_years * kDaysInYear, "day");
  else if (age_years < 2) text = counted(std::floor(age_years * 12), "month");
  return plain_evidence("age " + text, "age", CaseField::age);
}

Evidence duration_evidence(double days) {
  const std::string text = days < 1 ? counted(std::max(1.0, days * 24), "hour") : counted(days, "day");
  return plain_evidence("for " + text, "duration", CaseField::duration_days);
}

Evidence plain_evidence(std::string text, std::string source, CaseField field) {
  Evidence evidence;
  evidence.text = std::move(text);
  evidence.source = std::move(source);
  evidence.spans = {at(field)};
  return evidence;
}

Evidence silence_evidence(const KnowledgeBase& knowledge, FindingIndex finding) {
  Evidence evidence;
  evidence.text = knowledge.findings[finding].name + " not mentioned";
  evidence.source = "silence";
  evidence.id = knowledge.findings[finding].id;
  return evidence;
}

}  // namespace osler::reasoning
