#include "train/cases/voice.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "train/cases/misspelling.h"
#include "train/cases/phrasing.h"

namespace osler::train {

using namespace clinical;

std::string_view name_of(Voice voice) {
  static constexpr std::array<std::string_view, kVoices> kNames = {"doctors_note", "triage_note", "own_words", "relative", "complaints_only", "telegram", "report"};
  return kNames[static_cast<std::size_t>(voice)];
}

namespace {

constexpr double kInHistoryField = 0.5, kInAbsentField = 0.4, kInDurationField = 0.35, kInOnsetField = 0.3;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

/// "my chest hurts" of a third person.
std::string in_third_person(std::string text, Sex sex) {
  const bool female = sex == Sex::female;
  text = " " + text + " ";
  for (const auto& [from, to] : {std::pair{" i'm ", female ? " she's " : " he's "}, {" i've ", female ? " she's " : " he's "}, {" i ", female ? " she " : " he "},
                                 {" my ", female ? " her " : " his "}, {" me ", female ? " her " : " him "}, {" am ", " is "}})
    text = replaced(std::move(text), from, to);
  return text.substr(1, text.size() - 2);
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

/// "my chest hurts" rather than "chest pain": no noun to put after "I have".
bool is_clause(std::string_view words) {
  static constexpr std::array<std::string_view, 24> kFirst = {"i",    "i'm",  "it",   "it's", "can't", "cannot", "couldn't", "feel", "feels", "feeling", "keep", "keeps",
                                                              "lost", "get",  "gets", "have", "has",   "been",   "am",       "is",   "was",   "won't",   "had",  "not"};
  const std::string_view first = words.substr(0, words.find(' '));
  if (std::find(kFirst.begin(), kFirst.end(), first) != kFirst.end()) return true;
  for (const std::string_view verb : {" is ", " are ", " hurts", " has ", " feels ", " won't ", " can't ", " keeps ", " went ", " gone "})
    if (words.find(verb) != std::string_view::npos) return true;
  return false;
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
      : knowledge_(knowledge), sampled_(sampled), voice_(voice), style_(phrasing_of(voice)), random_(random) {}

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
    patient.sex = random_.chance(0.04) ? Sex::unknown : sampled_.sex;
    patient.severity = sampled_.severity;
    if (sampled_.pregnant || (sampled_.sex == Sex::female && random_.chance(0.03))) patient.pregnancy = Pregnancy{sampled_.pregnant, std::nullopt};
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
    const bool background = kind == FindingKind::history || kind == FindingKind::exposure;
    if (finding.polarity == Polarity::absent) {
      (random_.chance(kInAbsentField) ? absent_field_ : told_absent_).push_back(finding);
    } else if (kind == FindingKind::family) {
      out_.patient.family_history.push_back(words_for(finding.finding));
    } else if (background) {
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

  std::string words_for(FindingIndex index, bool as_noun = false) {
    const Finding& finding = knowledge_.findings[index];
    const bool lay = random_.chance(style_.lay);
    const auto& first = lay ? finding.lay_phrases : finding.clinical_phrases;
    const auto& second = lay ? finding.clinical_phrases : finding.lay_phrases;
    const auto& list = first.empty() ? second : first;
    constexpr int kTries = 4;
    std::string words = finding.name;
    for (int i = 0; i < kTries && !list.empty(); ++i) {
      words = random_.pick(list);
      if (words.starts_with('=')) words.erase(0, 1);
      if (!as_noun || !is_clause(words)) break;
    }
    if (voice_ != Voice::own_words && voice_ != Voice::telegram && voice_ != Voice::complaints_only) words = in_third_person(std::move(words), sampled_.sex);
    return misspelled(words, style_.misspelling, random_);
  }

  void write_complaints() {
    if (complaints_.empty() && !told_.empty()) {
      complaints_.push_back(told_.front());
      told_.erase(told_.begin());
    }
    for (const SampledFinding& finding : complaints_) {
      Draft draft{CaseField::symptoms, out_.patient.symptoms.size(), {}, out_.spans};
      draft.add_words(words_for(finding.finding), finding);
      out_.patient.symptoms.push_back(std::move(draft.text));
      // Told again in the story, in other words, as people do.
      if (voice_ != Voice::complaints_only && random_.chance(0.25)) told_.insert(told_.begin(), finding);
    }
    if (out_.patient.symptoms.empty()) out_.patient.symptoms.push_back("feeling unwell");
    for (const SampledFinding& finding : absent_field_) {
      Draft draft{CaseField::absent_findings, out_.patient.absent_findings.size(), {}, out_.spans};
      draft.add_words(words_for(finding.finding, true), finding);
      out_.patient.absent_findings.push_back(std::move(draft.text));
    }
  }

  std::string disease_words(ConditionIndex index) {
    const Condition& condition = knowledge_.conditions[index];
    return condition.synonyms.empty() || random_.chance(0.6) ? condition.name : random_.pick(condition.synonyms);
  }

  void write_history_fields() {
    for (const SampledFinding& finding : history_field_) out_.patient.preexisting_conditions.push_back(words_for(finding.finding));
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
        set_vital(quantity.field, sampled.value >= 50 ? std::round(sampled.value) : sampled.value);
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
    static constexpr std::array<std::string_view, 5> kWomen = {"mother", "wife", "sister", "aunt", "grandmother"}, kMen = {"father", "husband", "brother", "uncle", "grandfather"};
    const bool female = sampled_.sex == Sex::female;
    std::string_view who = female ? random_.pick(kWomen) : random_.pick(kMen);
    if (sampled_.age_years < 18) who = sampled_.age_years < 1.5 && random_.chance(0.6) ? "baby" : female ? "daughter" : "son";
    return replaced(replaced(std::move(text), "{who}", who), "{they}", female ? "She" : "He");
  }

  /// The pattern with each "{}" replaced by a finding's words, then a blank.
  void write_pattern(Draft& draft, std::string_view pattern, std::span<const SampledFinding> findings) {
    const std::string text = fitted(pattern);
    std::size_t from = 0, next = 0;
    for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}", from)) {
      draft.text += text.substr(from, at - from);
      draft.add_words(words_for(findings[next].finding, pattern != "{}."), findings[next]);
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
    if (clinical && random_.chance(0.5))
      draft.text += std::to_string(std::lround(std::floor(sampled_.age_years))) + (sampled_.sex == Sex::female ? "F. " : "M. ");
    for (std::size_t i = 0; i < told_.size();) {
      const bool pair = i + 1 < told_.size() && random_.chance(0.3);
      const auto& patterns = i == 0 ? style_.openings : pair ? style_.pairs : style_.sentences;
      const std::size_t used = i == 0 || !pair ? 1 : 2;
      write_pattern(draft, random_.pick(patterns), std::span(told_).subspan(i, used));
      i += used;
      if (random_.chance(style_.talk)) draft.text += std::string(random_.pick(idle_talk())) + " ";
    }
    if (duration_told_) write_plain(draft, random_.pick(style_.durations), time_words(sampled_.duration_days, clinical, random_));
    write_denials(draft);
    for (const ConditionIndex known : told_known_) write_plain(draft, random_.pick(style_.histories), disease_words(known));
    while (!draft.text.empty() && draft.text.back() == ' ') draft.text.pop_back();
    out_.patient.narrative = std::move(draft.text);
  }

  /// Denied things come in lists as often as alone.
  void write_denials(Draft& draft) {
    for (std::size_t i = 0; i < told_absent_.size();) {
      const std::size_t left = told_absent_.size() - i;
      const std::size_t used = left > 1 && random_.chance(0.5) ? std::min<std::size_t>(left, 2 + random_.below(2)) : 1;
      const auto findings = std::span(told_absent_).subspan(i, used);
      if (used == 1) write_pattern(draft, random_.pick(style_.denials), findings);
      else write_pattern(draft, used == 2 ? "No {} or {}." : "No {}, {} or {}.", findings);
      i += used;
    }
  }

  const KnowledgeBase& knowledge_;
  const SampledCase& sampled_;
  const Voice voice_;
  const Phrasing& style_;
  Random& random_;
  WordedCase out_;
  bool duration_told_ = false;
  std::vector<SampledFinding> complaints_, told_, told_absent_, absent_field_, history_field_;
  std::vector<ConditionIndex> told_known_;
};

}  // namespace

WordedCase put_into_words(const KnowledgeBase& knowledge, const SampledCase& sampled, Voice voice, Random& random) {
  return Narrator(knowledge, sampled, voice, random).run();
}

}  // namespace osler::train
