#include "train/cases/voice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "train/cases/phrasing.h"
#include "train/cases/wording.h"

namespace osler::train {

using namespace clinical;

std::string_view name_of(Voice voice) {
  static constexpr std::array<std::string_view, kVoices> kNames = {"doctors_note", "triage_note", "own_words", "relative", "complaints_only", "telegram", "report"};
  return kNames[static_cast<std::size_t>(voice)];
}

namespace {

constexpr double kSpeaksFrom = 10;  // years; of the younger others speak
constexpr double kInHistoryField = 0.5, kInAbsentField = 0.4, kInDurationField = 0.35, kInOnsetField = 0.3;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::string time_words(double days, bool clinical, Random& random) {
  const auto text = [&](double number, const char* word, const char* slash) {
    const long whole = std::max(1L, std::lround(number));
    if (clinical && *slash && random.chance(0.5)) return std::to_string(whole) + slash;
    return std::to_string(whole) + " " + word + (whole == 1 ? "" : "s");
  };
  if (days < 1) return text(days * 24, "hour", "/24");
  if (days < 14) return text(days, "day", "/7");
  if (days < 60) return text(days / 7, "week", "/52");
  if (days < 700) return text(days / 30.4, "month", "/12");
  return text(days / 365.25, "year", "");
}

bool speaks_for_themselves(Voice voice) { return voice == Voice::own_words || voice == Voice::telegram || voice == Voice::complaints_only; }

bool is_background(FindingKind kind) { return kind == FindingKind::history || kind == FindingKind::exposure; }

/// As the server keeps symptoms.
std::string lowered(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// "5/12 F" of an infant, "62F" of others.
std::string person_words(const SampledCase& patient) {
  const char* sex = patient.sex == Sex::female ? "F. " : "M. ";
  if (patient.age_years >= 2) return std::to_string(std::lround(std::floor(patient.age_years))) + sex;
  constexpr double kDays = 365.25;
  const long months = std::lround(std::floor(patient.age_years * 12));
  return (months > 0 ? std::to_string(months) + "/12 " : std::to_string(std::lround(std::floor(patient.age_years * kDays))) + "/7 ") + sex;
}

/// Who the patient is to somebody who calls about them.
std::string_view kinship(const SampledCase& patient, Random& random) {
  constexpr double kBabyTo = 1.5, kGrownUp = 18, kParentFrom = 35, kGrandparentFrom = 55;
  // The oldest last: the first three fit any grown-up, a parent's generation comes next.
  static constexpr auto kWomen = std::to_array<std::string_view>({"wife", "sister", "friend", "mother", "aunt", "grandmother"});
  static constexpr auto kMen = std::to_array<std::string_view>({"husband", "brother", "friend", "father", "uncle", "grandfather"});
  const bool female = patient.sex == Sex::female;
  if (patient.age_years < kBabyTo && random.chance(0.6)) return "baby";
  if (patient.age_years < kGrownUp) return female ? "daughter" : "son";
  const std::size_t count = patient.age_years < kParentFrom ? 3 : patient.age_years < kGrandparentFrom ? 5 : 6;
  return (female ? kWomen : kMen)[random.below(count)];
}

/// A text that grows, and remembers where each finding's words are.
struct Draft {
  CaseField field = CaseField::narrative;
  std::size_t item = 0;
  std::string text;
  std::vector<LabelledSpan>& spans;

  void add_words(const std::string& words, const SampledFinding& finding) {
    TextSpan span;
    span.field = field;
    span.item = item;
    span.begin = text.size();
    text += words;
    span.end = text.size();
    spans.push_back({span, finding.finding, finding.polarity});
  }
};

class Narrator {
 public:
  Narrator(const KnowledgeBase& knowledge, const SampledCase& sampled, Voice voice, Random& random)
      : knowledge_(knowledge), sampled_(sampled), voice_(voice), style_(phrasing_of(voice)), random_(random),
        wording_(knowledge, sampled, {speaks_for_themselves(voice) && sampled.age_years >= kSpeaksFrom, style_.lay, style_.misspelling}, random) {}

  WordedCase run() {
    write_person();
    for (const SampledFinding& finding : sampled_.findings) sort_out(finding);
    write_complaints();
    write_history_fields();
    write_measurements();
    write_narrative();
    return std::move(out_);
  }

 private:
  void write_person() {
    PatientCase& patient = out_.patient;
    patient.age_years = sampled_.age_years >= 2 ? std::floor(sampled_.age_years) : std::round(sampled_.age_years * 100) / 100;
    patient.sex = random_.chance(0.04) && !sampled_.pregnant ? Sex::unknown : sampled_.sex;
    patient.severity = sampled_.severity;
    const bool asked = sampled_.sex == Sex::female && sampled_.age_years >= 12 && sampled_.age_years <= 55 && random_.chance(0.05);
    if (sampled_.pregnant || asked) patient.pregnancy = Pregnancy{sampled_.pregnant, std::nullopt};
    duration_told_ = random_.chance(0.6);
    if (duration_told_ && random_.chance(kInDurationField)) {
      patient.duration_days = sampled_.duration_days < 1 ? std::round(sampled_.duration_days * 24) / 24 : std::round(sampled_.duration_days);
      duration_told_ = false;
    }
    if (random_.chance(kInOnsetField)) patient.onset = sampled_.sudden ? Onset::sudden : Onset::gradual;
  }

  /// Complaints stand in `symptoms`, the rest is told.
  void sort_out(const SampledFinding& finding) {
    const FindingKind kind = knowledge_.findings[finding.finding].kind;
    if (finding.polarity == Polarity::absent) {
      (random_.chance(kInAbsentField) ? absent_field_ : told_absent_).push_back(finding);
    } else if (kind == FindingKind::family) {
      out_.patient.family_history.push_back(wording_.of(finding.finding, true));
    } else if (is_background(kind)) {
      (random_.chance(kInHistoryField) ? history_field_ : told_).push_back(finding);
    } else {
      const bool complaint = kind == FindingKind::symptom && complaints_.size() < most_complaints();
      (complaint || voice_ == Voice::complaints_only ? complaints_ : told_).push_back(finding);
    }
  }

  std::size_t most_complaints() {
    if (voice_ == Voice::complaints_only) return 8;
    if (voice_ == Voice::triage_note) return 3;
    return complaints_.empty() ? 1 : 1 + random_.below(2);
  }

  void write_complaints() {
    // What the patient has been or done comes after what is the matter.
    std::stable_partition(told_.begin(), told_.end(), [&](const SampledFinding& one) { return !is_background(knowledge_.findings[one.finding].kind); });
    if (complaints_.empty() && !told_.empty() && !is_background(knowledge_.findings[told_.front().finding].kind)) {
      complaints_.push_back(told_.front());
      told_.erase(told_.begin());
    }
    for (const SampledFinding& finding : complaints_) {
      Draft draft{CaseField::symptoms, out_.patient.symptoms.size(), {}, out_.spans};
      draft.add_words(lowered(wording_.of(finding.finding, false)), finding);
      out_.patient.symptoms.push_back(std::move(draft.text));
      // Told again in the story, in other words, as people do.
      if (voice_ != Voice::complaints_only && random_.chance(0.25)) told_.insert(told_.begin(), finding);
    }
    if (out_.patient.symptoms.empty()) out_.patient.symptoms.push_back("feeling unwell");
    for (const SampledFinding& finding : absent_field_) {
      Draft draft{CaseField::absent_findings, out_.patient.absent_findings.size(), {}, out_.spans};
      draft.add_words(wording_.of(finding.finding, true), finding);
      out_.patient.absent_findings.push_back(std::move(draft.text));
    }
  }

  std::string disease_words(ConditionIndex index) {
    const Condition& condition = knowledge_.conditions[index];
    if (condition.synonyms.empty() || random_.chance(0.6)) return condition.name;
    const std::string& synonym = random_.pick(condition.synonyms);
    return could_be_said_of(synonym, sampled_) ? synonym : condition.name;
  }

  void write_history_fields() {
    for (const SampledFinding& finding : history_field_) out_.patient.preexisting_conditions.push_back(wording_.of(finding.finding, false));
    for (const ConditionIndex known : sampled_.known) {
      if (random_.chance(kInHistoryField)) out_.patient.preexisting_conditions.push_back(disease_words(known));
      else told_known_.push_back(known);
    }
  }

  /// What a structured field holds goes there; the other laboratory values too, under a code of theirs.
  void write_measurements() {
    for (const SampledQuantity& sampled : sampled_.quantities) {
      const Quantity& quantity = knowledge_.quantities[sampled.quantity];
      if (quantity.kind == QuantityKind::vital) {
        set_vital(quantity.field, sampled.value);
        continue;
      }
      if (quantity.codes.empty()) continue;
      const auto code = LoincCode::parse(quantity.codes.begin()->first);
      if (code) out_.patient.lab_results.push_back({*code, sampled.value, quantity.unit});
    }
  }

  void set_vital(const std::string& field, double value) {
    Vitals& vitals = out_.patient.vitals;
    const std::array<std::pair<std::string_view, std::optional<double>*>, 8> fields = {{
        {"temperature_c", &vitals.temperature_c}, {"heart_rate_bpm", &vitals.heart_rate_bpm}, {"respiratory_rate_bpm", &vitals.respiratory_rate_bpm},
        {"systolic_mmhg", &vitals.systolic_mmhg}, {"diastolic_mmhg", &vitals.diastolic_mmhg}, {"spo2_percent", &vitals.spo2_percent},
        {"weight_kg", &vitals.weight_kg}, {"bmi", &vitals.bmi}}};
    for (const auto& [name, place] : fields)
      if (name == field) *place = value;
  }

  std::string fitted(std::string_view pattern) {
    std::string text(pattern);
    if (voice_ != Voice::relative) return text;
    const std::string_view who = kinship(sampled_, random_);
    return replaced(replaced(std::move(text), "{who}", who), "{they}", sampled_.sex == Sex::female ? "She" : "He");
  }

  /// One of the patterns that fits what it is filled with; after some tries any.
  std::string_view pick_pattern(std::span<const std::string_view> patterns, std::span<const SampledFinding> findings) {
    constexpr int kTries = 12;
    std::string_view pattern;
    for (int i = 0; i < kTries; ++i) {
      pattern = random_.pick(patterns);
      if (std::all_of(findings.begin(), findings.end(), [&](const SampledFinding& one) { return suits(pattern, knowledge_.findings[one.finding].kind, one.polarity); })) break;
    }
    return pattern;
  }

  /// The pattern with each "{}" replaced by a finding's words, then a blank.
  void write_pattern(Draft& draft, std::string_view pattern, std::span<const SampledFinding> findings) {
    const std::string text = fitted(pattern);
    std::size_t from = 0, next = 0;
    for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}", from)) {
      draft.text += text.substr(from, at - from);
      draft.add_words(wording_.of(findings[next].finding, !takes_clause(pattern)), findings[next]);
      next = std::min(next + 1, findings.size() - 1);
      from = at + 2;
    }
    draft.text += text.substr(from) + " ";
  }

  void write_plain(Draft& draft, std::string_view pattern, const std::string& words) { draft.text += replaced(fitted(pattern), "{}", words) + " "; }

  void write_narrative() {
    if (voice_ == Voice::complaints_only) return;
    Draft draft{CaseField::narrative, 0, {}, out_.spans};
    const bool clinical = voice_ == Voice::doctors_note || voice_ == Voice::report;
    if (clinical && random_.chance(0.5)) draft.text += person_words(sampled_);
    for (std::size_t i = 0; i < told_.size();) {
      const bool pair = i + 1 < told_.size() && random_.chance(0.3);
      const auto& patterns = i == 0 ? style_.openings : pair ? style_.pairs : style_.sentences;
      const std::size_t used = i == 0 || !pair ? 1 : 2;
      const auto findings = std::span(told_).subspan(i, used);
      write_pattern(draft, pick_pattern(patterns, findings), findings);
      i += used;
      if (random_.chance(style_.talk)) write_talk(draft);
    }
    if (duration_told_) write_plain(draft, random_.pick(style_.durations), time_words(sampled_.duration_days, clinical, random_));
    write_denials(draft);
    for (const ConditionIndex known : told_known_) write_plain(draft, random_.pick(style_.histories), disease_words(known));
    while (!draft.text.empty() && draft.text.back() == ' ') draft.text.pop_back();
    out_.patient.narrative = std::move(draft.text);
  }

  /// Once each; what a grown-up says of their own life only from their own mouth.
  void write_talk(Draft& draft) {
    const bool own_life = speaks_for_themselves(voice_) && sampled_.age_years >= 20 && sampled_.age_years < 65;
    const std::string_view talk = random_.pick(own_life && random_.chance(0.5) ? working_life_talk() : idle_talk());
    if (talked_.insert(talk).second) draft.text += std::string(talk) + " ";
  }

  /// Denied things come in lists as often as alone.
  void write_denials(Draft& draft) {
    for (std::size_t i = 0; i < told_absent_.size();) {
      const std::size_t left = told_absent_.size() - i;
      const std::size_t used = left > 1 && random_.chance(0.5) ? std::min<std::size_t>(left, 2 + random_.below(2)) : 1;
      const auto findings = std::span(told_absent_).subspan(i, used);
      if (used == 1) write_pattern(draft, pick_pattern(style_.denials, findings), findings);
      else write_pattern(draft, used == 2 ? "No {} or {}." : "No {}, {} or {}.", findings);
      i += used;
    }
  }

  const KnowledgeBase& knowledge_;
  const SampledCase& sampled_;
  const Voice voice_;
  const Phrasing& style_;
  Random& random_;
  Wording wording_;
  WordedCase out_;
  std::set<std::string_view> talked_;
  bool duration_told_ = false;
  std::vector<SampledFinding> complaints_, told_, told_absent_, absent_field_, history_field_;
  std::vector<ConditionIndex> told_known_;
};

}  // namespace

WordedCase put_into_words(const KnowledgeBase& knowledge, const SampledCase& sampled, Voice voice, Random& random) {
  return Narrator(knowledge, sampled, voice, random).run();
}

}  // namespace osler::train
