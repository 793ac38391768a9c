#include "language/case_merge.h"

#include <algorithm>

#include "language/patient_facts.h"
#include "language/timing.h"
#include "language/word_classes.h"

namespace osler::language {

using clinical::CaseField;
using clinical::Finding;
using clinical::FindingIndex;
using clinical::FindingKind;
using clinical::kNone;
using clinical::ObservedQuantity;
using clinical::PatientCase;
using clinical::Polarity;
using clinical::Sex;
using clinical::TextSpan;

namespace {

constexpr std::size_t kNarrativeWords = 12;  // from here on silence about a symptom means something

bool is_background(FindingKind kind) {
  return kind == FindingKind::history || kind == FindingKind::exposure || kind == FindingKind::family;
}

std::string pointer_to(CaseField field, std::size_t item) {
  const std::string base = "/" + std::string(clinical::name_of(field));
  return field == CaseField::narrative ? base : base + "/" + std::to_string(item);
}

/// Of two fields that contradict each other the smaller wins.
int authority(CaseField field) {
  switch (field) {
    case CaseField::symptoms: return 0;
    case CaseField::absent_findings: return 1;
    case CaseField::preexisting_conditions:
    case CaseField::family_history: return 2;
    default: return 3;
  }
}

std::size_t count_words(const std::vector<Token>& tokens) {
  return static_cast<std::size_t>(
      std::count_if(tokens.begin(), tokens.end(), [](const Token& token) { return token.kind != TokenKind::punctuation; }));
}

}  // namespace

CaseMerge::CaseMerge(const clinical::KnowledgeBase& knowledge, const TextReader& texts, const MeasurementReader& measurements,
                     const PatientCase& patient)
    : knowledge_(knowledge), texts_(texts), measurements_(measurements), patient_(patient) {}

CaseReading CaseMerge::run() {
  read_people();
  clinical::GradedLabs graded = clinical::grade_measurements(knowledge_, patient_);
  reading_.findings.quantities = std::move(graded.observed);
  reading_.warnings = std::move(graded.warnings);
  const auto read_list = [this](CaseField field, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) read_text(field, i, texts[i]);
  };
  read_list(CaseField::symptoms, patient_.symptoms);
  read_list(CaseField::absent_findings, patient_.absent_findings);
  read_list(CaseField::preexisting_conditions, patient_.preexisting_conditions);
  read_list(CaseField::family_history, patient_.family_history);
  if (!patient_.narrative.empty()) read_text(CaseField::narrative, 0, patient_.narrative);
  drop_measured();
  drop_contradicted_ancestors();
  for (auto& [index, statement] : stated_) reading_.findings.findings.push_back(std::move(statement.finding));
  std::stable_sort(reading_.mentions.begin(), reading_.mentions.end(), [](const Mention& a, const Mention& b) {
    return std::tie(a.span.field, a.span.item, a.span.begin, a.span.end) < std::tie(b.span.field, b.span.item, b.span.begin, b.span.end);
  });
  return std::move(reading_);
}

/// What every grade depends on, before anything is graded.
void CaseMerge::read_people() {
  std::vector<std::string_view> texts(patient_.symptoms.begin(), patient_.symptoms.end());
  texts.push_back(patient_.narrative);
  const bool ask_sex = patient_.sex == Sex::unknown;
  std::optional<Sex> sex;
  std::optional<bool> pregnant;
  for (const std::string_view text : texts) {
    const TokenisedText tokenised = tokenise(text);
    const std::vector<TokenContext> contexts = read_context(tokenised.tokens, std::vector<bool>(tokenised.tokens.size(), false));
    if (ask_sex && !sex) sex = read_sex(tokenised.tokens, contexts);
    if (!patient_.pregnancy && !pregnant) pregnant = read_pregnancy(tokenised.tokens, contexts);
  }
  const bool can_be_pregnant = patient_.age_years >= 10 && patient_.age_years < 60;
  if (pregnant == true && ask_sex && !sex && can_be_pregnant) sex = Sex::female;
  if (sex) patient_.sex = *sex;
  if (pregnant && (!*pregnant || (patient_.sex != Sex::male && can_be_pregnant))) patient_.pregnancy = clinical::Pregnancy{*pregnant, {}};

  clinical::CaseFindings& findings = reading_.findings;
  findings.age_years = patient_.age_years;
  findings.sex = patient_.sex;
  findings.setting = patient_.setting.value_or(clinical::Setting::primary_care);
  findings.setting_known = patient_.setting.has_value();
  findings.severity = patient_.severity;
  if (patient_.pregnancy) findings.pregnant = patient_.pregnancy->pregnant;
  findings.duration_days = patient_.duration_days;
  findings.onset = patient_.onset;
}

void CaseMerge::read_text(CaseField field, std::size_t item, std::string_view source) {
  const TextReading text = texts_.read(source, field == CaseField::family_history);
  bool understood = false;
  for (const Reading& reading : text.readings) understood = add_reading(reading, text, field, item) || understood;
  TextSpan where;
  where.field = field;
  where.item = item;
  if (field == CaseField::symptoms || field == CaseField::narrative) {
    add_measurements(text, where, source, understood);
    add_timing(text, field);
  }
  if (field == CaseField::narrative) reading_.findings.has_narrative = count_words(text.text.tokens) >= kNarrativeWords;
  if (!understood && field != CaseField::narrative)
    warn("not_understood", pointer_to(field, item), "Nothing in \"" + std::string(source) + "\" was understood, so it was not used.");
}

bool CaseMerge::add_reading(const Reading& reading, const TextReading& text, CaseField field, std::size_t item) {
  TextSpan span{field, item, reading.begin, reading.end};
  const std::string_view source = [&]() -> std::string_view {
    switch (field) {
      case CaseField::symptoms: return patient_.symptoms[item];
      case CaseField::absent_findings: return patient_.absent_findings[item];
      case CaseField::preexisting_conditions: return patient_.preexisting_conditions[item];
      case CaseField::family_history: return patient_.family_history[item];
      default: return patient_.narrative;
    }
  }();
  if (reading.target.kind == TargetKind::condition) return add_condition(reading, span);
  if (field == CaseField::preexisting_conditions && !is_background(knowledge_.findings[reading.target.index].kind)) {
    for (const Reading& other : text.readings)  // "high blood pressure": the disease, not today's reading
      if (other.target.kind == TargetKind::condition && other.begin <= reading.begin && reading.end <= other.end) return true;
  }
  return add_finding(reading, span, source);
}

bool CaseMerge::add_finding(const Reading& reading, TextSpan span, std::string_view source) {
  const FindingKind kind = knowledge_.findings[reading.target.index].kind;
  const bool exposure_by_relative = kind == FindingKind::exposure && reading.names_relative;
  const bool about_relative = kind != FindingKind::family && reading.context.relative && !exposure_by_relative;
  Mention mention;
  mention.finding = reading.target.index;
  mention.polarity = reading.absent || span.field == CaseField::absent_findings ? Polarity::absent : Polarity::present;
  mention.uncertain = reading.context.uncertain;
  mention.subject = about_relative || kind == FindingKind::family ? Subject::relative : Subject::patient;
  mention.past = !is_background(kind) && (reading.context.past || span.field == CaseField::preexisting_conditions);
  mention.span = span;
  reading_.mentions.push_back(mention);
  const bool past_now = mention.past && (mention.polarity == Polarity::present || reading.target.kind == TargetKind::denied);
  if (about_relative || mention.uncertain || past_now) return !about_relative;
  state(mention.finding, mention.polarity, span, source);
  return true;
}

bool CaseMerge::add_condition(const Reading& reading, TextSpan span) {
  const std::string& name = knowledge_.conditions[reading.target.index].name;
  if (span.field == CaseField::absent_findings) return false;
  if (span.field == CaseField::family_history || reading.context.relative) return false;
  const bool listed = span.field == CaseField::preexisting_conditions;
  if (reading.absent || reading.context.uncertain) return true;
  const bool adjective = reading.tokens.size() == 1 && span.field == CaseField::narrative && reading.names_relative;
  if (!listed && !reading.context.known && !adjective) {
    if (span.field == CaseField::symptoms)
      warn("diagnosis_as_symptom", pointer_to(span.field, span.item),
           "\"" + name + "\" is a diagnosis: as a symptom it is not evidence. Give what the patient feels, or list it under preexisting_conditions.");
    return span.field == CaseField::symptoms;
  }
  for (const clinical::StatedCondition& known : reading_.findings.known)
    if (known.condition == reading.target.index) return true;
  reading_.findings.known.push_back({reading.target.index, span});
  return true;
}

void CaseMerge::state(FindingIndex finding, Polarity polarity, const TextSpan& span, std::string_view source) {
  const auto [found, fresh] = stated_.try_emplace(finding);
  Statement& statement = found->second;
  const auto replace = [&] {
    statement.finding = {finding, polarity, {span}, std::string(source.substr(span.begin, span.end - span.begin))};
    statement.field = span.field;
  };
  if (fresh) return replace();
  if (statement.finding.polarity == polarity) {
    statement.finding.spans.push_back(span);
    return;
  }
  const int before = authority(statement.field), now = authority(span.field);
  if (before != now)
    warn("contradiction", pointer_to(before < now ? span.field : statement.field, before < now ? span.item : statement.finding.spans.front().item),
         "\"" + knowledge_.findings[finding].name + "\" is stated as present and as absent; " +
             std::string(clinical::name_of(before < now ? statement.field : span.field)) + " was believed.");
  if (now < before || (now == before && polarity == Polarity::present)) replace();
}

void CaseMerge::add_measurements(const TextReading& text, TextSpan where, std::string_view source, bool& understood) {
  const std::vector<Token>& tokens = text.text.tokens;
  const TextMeasurements measured = measurements_.read(tokens, text.contexts);
  const bool pregnant = reading_.findings.pregnant.value_or(false);
  const auto words = [&](std::uint32_t first, std::uint32_t last) {
    return std::string(source.substr(tokens[first].begin, tokens[last].end - tokens[first].begin));
  };
  for (const TextMeasurement& measurement : measured.used) {
    understood = true;
    const clinical::Quantity& quantity = knowledge_.quantities[measurement.quantity];
    const auto earlier = std::find_if(reading_.findings.quantities.begin(), reading_.findings.quantities.end(),
                                      [&](const ObservedQuantity& known) { return known.quantity == measurement.quantity; });
    const clinical::Grade grade = grade_value(quantity, measurement.value, patient_.age_years, patient_.sex, pregnant);
    if (earlier != reading_.findings.quantities.end()) {
      const bool structured = earlier->span.field == CaseField::vitals || earlier->span.field == CaseField::lab_results;
      if (structured && earlier->grade != grade)
        warn("measured_otherwise", pointer_to(where.field, where.item),
             "The text gives another " + quantity.name + " than the measured value, which was used.");
      continue;
    }
    where.begin = tokens[measurement.first_token].begin;
    where.end = tokens[measurement.last_token].end;
    reading_.findings.quantities.push_back(
        {measurement.quantity, grade, measurement.value, where, words(measurement.first_token, measurement.last_token)});
  }
  for (const UnusedMeasurement& unused : measured.unused)
    warn(unused.code, pointer_to(where.field, where.item),
         "\"" + words(unused.first_token, unused.last_token) + "\" was not used as " + knowledge_.quantities[unused.quantity].name +
             (unused.code == "value_implausible" ? ": the value is implausible." : ": its unit is unknown or missing; write it, such as " +
                                                                                       knowledge_.quantities[unused.quantity].unit + "."));
}

void CaseMerge::add_timing(const TextReading& text, CaseField field) {
  std::vector<bool> complaints(text.text.tokens.size(), field == CaseField::symptoms);
  for (const Reading& reading : text.readings) {
    if (reading.target.kind != TargetKind::finding || reading.absent || is_background(knowledge_.findings[reading.target.index].kind)) continue;
    for (const std::uint32_t token : reading.tokens) complaints[token] = true;
  }
  clinical::CaseFindings& findings = reading_.findings;
  if (!findings.duration_days) findings.duration_days = read_duration(text.text.tokens, text.contexts, complaints);
  if (!findings.onset) findings.onset = read_onset(text.text.tokens, text.contexts);
}

/// A measured temperature says more than "feverish".
void CaseMerge::drop_measured() {
  for (const ObservedQuantity& measured : reading_.findings.quantities) {
    const clinical::Quantity& quantity = knowledge_.quantities[measured.quantity];
    const bool is_high = measured.grade == clinical::Grade::high || measured.grade == clinical::Grade::markedly_high;
    const bool is_low = measured.grade == clinical::Grade::low || measured.grade == clinical::Grade::markedly_low;
    for (const auto& [finding, holds] : {std::pair(quantity.high, is_high), std::pair(quantity.low, is_low)}) {
      const auto found = stated_.find(finding);
      if (finding == kNone || found == stated_.end()) continue;
      const bool said = found->second.finding.polarity == Polarity::present;
      const TextSpan& span = found->second.finding.spans.front();
      if (said != holds)
        warn("measured_otherwise", pointer_to(span.field, span.item),
             "\"" + knowledge_.findings[finding].name + "\" was " + (said ? "stated" : "denied") + ", but the measured " + quantity.name +
                 " says otherwise; the measurement was used.");
      stated_.erase(found);
    }
  }
}

/// "No headache" beside a thunderclap headache: the more specific statement stands.
void CaseMerge::drop_contradicted_ancestors() {
  std::vector<FindingIndex> present;
  for (const auto& [finding, statement] : stated_)
    if (statement.finding.polarity == Polarity::present) present.push_back(finding);
  for (const FindingIndex finding : present) {
    FindingIndex ancestor = knowledge_.findings[finding].parent;
    for (int depth = 0; ancestor != kNone && depth < 16; ++depth, ancestor = knowledge_.findings[ancestor].parent) {
      const auto found = stated_.find(ancestor);
      if (found != stated_.end() && found->second.finding.polarity == Polarity::absent) stated_.erase(found);
    }
  }
}

void CaseMerge::warn(std::string code, std::string pointer, std::string text) {
  reading_.warnings.push_back({std::move(code), std::move(pointer), std::move(text)});
}

}  // namespace osler::language
