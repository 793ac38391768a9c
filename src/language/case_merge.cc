#include "language/case_merge.h"

#include <algorithm>
#include <cmath>

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

// From here on silence about a symptom means something: a narrative of some length, or a list of complaints.
constexpr std::size_t kNarrativeWords = 12;
constexpr std::size_t kComplaints = 3;

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

std::string words_between(std::string_view words, const std::vector<Token>& tokens, std::uint32_t first, std::uint32_t last) {
  return std::string(words.substr(tokens[first].begin, tokens[last].end - tokens[first].begin));
}

/// "None", "nil known": nothing to understand.
bool says_nothing(const std::vector<Token>& tokens) {
  return std::all_of(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.kind == TokenKind::punctuation || token.is(kNegation | kStop) || token.text == "known" || token.text == "unknown" ||
           token.text == "relevant" || token.text == "n/a" || token.text == "significant" || token.text == "[healthy]";
  });
}

}  // namespace

CaseMerge::CaseMerge(const clinical::KnowledgeBase& knowledge, const TextReader& texts, const MeasurementReader& measurements,
                     const PatientCase& patient)
    : knowledge_(knowledge), texts_(texts), measurements_(measurements), patient_(patient) {}

CaseReading CaseMerge::run() {
  read_sources();
  read_people();
  fill_in_people();
  clinical::GradedLabs graded = clinical::grade_measurements(knowledge_, patient_);
  reading_.findings.quantities = std::move(graded.observed);
  reading_.warnings.insert(reading_.warnings.end(), graded.warnings.begin(), graded.warnings.end());
  for (const Source& source : sources_) add_source(source);
  drop_measured();
  drop_contradicted_ancestors();
  for (auto& [index, statement] : stated_) reading_.findings.findings.push_back(std::move(statement.finding));
  std::stable_sort(reading_.mentions.begin(), reading_.mentions.end(), [](const Mention& a, const Mention& b) {
    return std::tie(a.span.field, a.span.item, a.span.begin, a.span.end) < std::tie(b.span.field, b.span.item, b.span.begin, b.span.end);
  });
  return std::move(reading_);
}

void CaseMerge::read_sources() {
  const PatientView view{patient_.sex, patient_.age_years};
  const auto read_list = [this, &view](CaseField field, const std::vector<std::string>& texts) {
    PatientView of_entry = view;
    of_entry.complaint = field == CaseField::symptoms;
    for (std::size_t i = 0; i < texts.size(); ++i)
      sources_.push_back({field, i, texts[i], texts_.read(texts[i], field == CaseField::family_history, of_entry)});
  };
  read_list(CaseField::symptoms, patient_.symptoms);
  read_list(CaseField::absent_findings, patient_.absent_findings);
  read_list(CaseField::preexisting_conditions, patient_.preexisting_conditions);
  read_list(CaseField::family_history, patient_.family_history);
  if (!patient_.narrative.empty())
    sources_.push_back({CaseField::narrative, 0, patient_.narrative, texts_.read(patient_.narrative, false, view)});
}

/// What every grade depends on, before anything is graded.
void CaseMerge::read_people() {
  std::optional<Sex> sex;
  std::optional<bool> pregnant;
  std::optional<double> age;
  for (const Source& source : sources_) {
    if (source.field == CaseField::absent_findings || source.field == CaseField::family_history) continue;
    if (!pregnant) pregnant = read_pregnancy(source.text.text.tokens, source.text.contexts);
    if (source.field == CaseField::preexisting_conditions) continue;
    if (!sex) sex = read_sex(source.text.text.tokens, source.text.contexts);
    if (!age) age = read_age(source.text.text.tokens, source.text.contexts);
  }
  reading_.person = {age, sex, pregnant};
  warn_of_another_person();
  const bool can_be_pregnant = patient_.age_years >= 10 && patient_.age_years < 60;
  if (pregnant == true && !sex && can_be_pregnant) sex = Sex::female;
  if (sex && patient_.sex == Sex::unknown) patient_.sex = *sex;
  if (!pregnant || patient_.pregnancy) return;
  if (!*pregnant || (patient_.sex != Sex::male && can_be_pregnant)) patient_.pregnancy = clinical::Pregnancy{*pregnant, {}};
}

/// A text about somebody of another age or sex: perhaps the wrong patient's. The fields are believed.
void CaseMerge::warn_of_another_person() {
  constexpr double kLeastYears = 1.5, kShare = 0.1;
  const StatedPerson& said = reading_.person;
  if (said.age_years && std::abs(*said.age_years - patient_.age_years) > std::max(kLeastYears, kShare * patient_.age_years))
    warn("age_differs", "/age", "A text states another age than the field age, which was used; is it the same patient?");
  if (said.sex && (patient_.sex == Sex::female || patient_.sex == Sex::male) && *said.sex != patient_.sex)
    warn("sex_differs", "/sex", "A text states another sex than the field sex, which was used; is it the same patient?");
}

void CaseMerge::fill_in_people() {
  clinical::CaseFindings& findings = reading_.findings;
  findings.age_years = patient_.age_years;
  findings.sex = patient_.sex;
  findings.setting = patient_.setting.value_or(clinical::Setting::primary_care);
  findings.setting_known = patient_.setting.has_value();
  findings.severity = patient_.severity;
  if (patient_.pregnancy) findings.pregnant = patient_.pregnancy->pregnant;
  findings.duration_days = patient_.duration_days;
  findings.onset = patient_.onset;
  findings.has_narrative = patient_.symptoms.size() >= kComplaints;
}

/// "62M", "12 weeks pregnant": read by read_people().
bool CaseMerge::tells_of_person(const Source& source) {
  const std::vector<Token>& tokens = source.text.text.tokens;
  if (source.field != CaseField::symptoms && source.field != CaseField::preexisting_conditions) return false;
  return read_pregnancy(tokens, source.text.contexts) || (source.field == CaseField::symptoms && read_age(tokens, source.text.contexts));
}

void CaseMerge::add_source(const Source& source) {
  bool understood = false;
  for (const Reading& reading : source.text.readings) understood = add_reading(reading, source) || understood;
  if (source.field == CaseField::symptoms || source.field == CaseField::narrative) {
    understood = add_measurements(source) || understood;
    add_timing(source.text, source.field);
  }
  understood = understood || tells_of_person(source);
  if (source.field == CaseField::narrative) reading_.findings.has_narrative |= count_words(source.text.text.tokens) >= kNarrativeWords;
  if (!understood && source.field != CaseField::narrative && !says_nothing(source.text.text.tokens))
    warn("not_understood", pointer_to(source.field, source.item),
         "Nothing in \"" + std::string(source.words) + "\" was understood, so it was not used.");
}

bool CaseMerge::add_reading(const Reading& reading, const Source& source) {
  const TextSpan span{source.field, source.item, reading.begin, reading.end};
  if (reading.target.kind == TargetKind::condition) return add_condition(reading, source, span);
  if (source.field == CaseField::preexisting_conditions && !is_background(knowledge_.findings[reading.target.index].kind)) {
    for (const Reading& other : source.text.readings)  // "high blood pressure": the disease, not today's reading
      if (other.target.kind == TargetKind::condition && other.begin <= reading.begin && reading.end <= other.end) return true;
  }
  return add_finding(reading, span, source.words);
}

bool CaseMerge::add_finding(const Reading& reading, TextSpan span, std::string_view source) {
  const FindingKind kind = knowledge_.findings[reading.target.index].kind;
  const bool exposure_by_relative = kind == FindingKind::exposure && reading.names_relative;
  const bool of_contact = reading.contact == Contact::person && !is_background(kind);
  const bool about_relative = kind != FindingKind::family && ((reading.context.relative && !exposure_by_relative) || of_contact);
  Mention mention;
  mention.finding = reading.target.index;
  mention.polarity = reading.absent || span.field == CaseField::absent_findings ? Polarity::absent : Polarity::present;
  mention.uncertain = reading.context.uncertain;
  mention.subject = about_relative || kind == FindingKind::family ? Subject::relative : Subject::patient;
  mention.past = !is_background(kind) && (reading.context.past || span.field == CaseField::preexisting_conditions);
  mention.span = span;
  reading_.mentions.push_back(mention);
  const bool past_now = mention.past && (mention.polarity == Polarity::present || reading.target.kind == TargetKind::denied);
  if (about_relative || mention.uncertain || past_now || (mention.past && reading.never_before)) return !about_relative;
  state(mention.finding, mention.polarity, span, source);
  return true;
}

/// "Headache for 2 days" after "diagnosed with hypertension": the word is a disease and a symptom; today it is the symptom.
bool CaseMerge::is_symptom_here(const Reading& condition, const Source& source) const {
  if (condition.context.past) return false;
  return std::any_of(source.text.readings.begin(), source.text.readings.end(), [&](const Reading& other) {
    if (other.target.kind != TargetKind::finding || other.begin > condition.begin || other.end < condition.end) return false;
    const FindingKind kind = knowledge_.findings[other.target.index].kind;
    return kind == FindingKind::symptom || kind == FindingKind::sign;
  });
}

bool CaseMerge::add_condition(const Reading& reading, const Source& source, TextSpan span) {
  const std::string& name = knowledge_.conditions[reading.target.index].name;
  if (span.field == CaseField::absent_findings) return false;
  if (span.field == CaseField::family_history || reading.context.relative) return false;
  const bool listed = span.field == CaseField::preexisting_conditions;
  if (reading.absent || reading.context.uncertain || reading.contact != Contact::none) return true;
  if (!listed && is_symptom_here(reading, source)) return true;
  if (!listed && !reading.context.known) {
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

bool CaseMerge::add_measurements(const Source& source) {
  const TextMeasurements measured = measurements_.read(source.text.text.tokens, source.text.contexts);
  for (const TextMeasurement& measurement : measured.used) add_measurement(measurement, source);
  for (const UnusedMeasurement& unused : measured.unused) {
    const clinical::Quantity& quantity = knowledge_.quantities[unused.quantity];
    const bool implausible = unused.code == "value_implausible";
    warn(unused.code, pointer_to(source.field, source.item),
         "\"" + words_between(source.words, source.text.text.tokens, unused.first_token, unused.last_token) + "\" was not used as " +
             quantity.name +
             (implausible ? ": the value is implausible." : ": its unit is unknown or missing; write it, such as " + quantity.unit + "."));
  }
  return !measured.used.empty() || !measured.unused.empty();
}

void CaseMerge::add_measurement(const TextMeasurement& measurement, const Source& source) {
  const std::vector<Token>& tokens = source.text.text.tokens;
  const clinical::Quantity& quantity = knowledge_.quantities[measurement.quantity];
  std::vector<ObservedQuantity>& quantities = reading_.findings.quantities;
  const clinical::Grade grade = grade_value(quantity, measurement.value, patient_.age_years, patient_.sex,
                                            reading_.findings.pregnant.value_or(false));
  const auto earlier = std::find_if(quantities.begin(), quantities.end(),
                                    [&](const ObservedQuantity& known) { return known.quantity == measurement.quantity; });
  if (earlier == quantities.end()) {
    const TextSpan span{source.field, source.item, tokens[measurement.first_token].begin, tokens[measurement.last_token].end};
    quantities.push_back({measurement.quantity, grade, measurement.value, span,
                          words_between(source.words, tokens, measurement.first_token, measurement.last_token)});
    return;
  }
  const bool structured = earlier->span.field == CaseField::vitals || earlier->span.field == CaseField::lab_results;
  if (structured && earlier->grade != grade)
    warn("measured_otherwise", pointer_to(source.field, source.item),
         "The text gives another " + quantity.name + " than the measured value, which was used.");
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
