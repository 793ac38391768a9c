#include "evaluate/labelled_text.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "base/numbers.h"

namespace osler::evaluate {

using namespace clinical;

namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The part after the bar: an id and its attributes. Empty on success, else what is wrong.
std::string read_mark(const std::string& mark, Label& label) {
  std::istringstream words(mark);
  words >> label.finding;
  if (label.finding.empty()) return "a mark without a finding";
  for (std::string word; words >> word;) {
    if (word == "absent") label.absent = true;
    else if (word == "past") label.past = true;
    else if (word == "uncertain") label.uncertain = true;
    else if (word == "relative") label.relative = true;
    else return "unknown attribute '" + word + "'";
  }
  return {};
}

/// Takes the marks out of a line. Empty on success, else what is wrong.
std::string read_line(const std::string& line, const KnowledgeBase& knowledge, LabelledSentence& sentence) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '}' || line[at] == '|') return "'" + std::string(1, line[at]) + "' outside a mark";
    if (line[at] != '{') {
      sentence.text += line[at];
      continue;
    }
    const std::size_t bar = line.find('|', at), close = line.find('}', at);
    if (bar == std::string::npos || close == std::string::npos || close < bar) return "a mark is {words|finding_id attributes}";
    Label label;
    label.begin = sentence.text.size();
    sentence.text += line.substr(at + 1, bar - at - 1);
    label.end = sentence.text.size();
    if (label.begin == label.end) return "a mark without words";
    std::string fault = read_mark(line.substr(bar + 1, close - bar - 1), label);
    if (!fault.empty()) return fault;
    if (!knowledge.finding_by_id.contains(label.finding)) return "no finding '" + label.finding + "'";
    sentence.labels.push_back(std::move(label));
    at = close;
  }
  return {};
}

bool overlap(const Label& label, const TextSpan& span) { return label.begin < span.end && span.begin < label.end; }

void count(Count& counter, bool wanted, bool found) {
  counter.wanted += wanted;
  counter.found += found;
  counter.right += wanted && found;
  counter.sound += wanted && found;
}

class Scorer {
 public:
  Scorer(const KnowledgeBase& knowledge, const language::CaseReader& reader) : knowledge_(knowledge), reader_(reader) {}

  void add(const LabelledSentence& sentence) {
    ++scores.sentences;
    PatientCase patient;
    patient.age_years = sentence.age_years;
    patient.narrative = sentence.text;
    const language::CaseReading reading = reader_.read(patient);
    std::vector<bool> used(reading.mentions.size(), false);
    for (const Label& label : sentence.labels) {
      const std::size_t mention = match(label, reading.mentions, used);
      if (mention == reading.mentions.size()) {
        fault(sentence, "missed " + label.finding);
      } else {
        used[mention] = true;
        ++scores.findings.right;
        ++scores.findings.sound;
        compare(sentence, label, reading.mentions[mention]);
      }
    }
    scores.findings.wanted += sentence.labels.size();
    scores.findings.found += reading.mentions.size();
    count_in_general(sentence.labels, reading.mentions);
    for (std::size_t i = 0; i < used.size(); ++i)
      if (!used[i]) fault(sentence, "read " + knowledge_.findings[reading.mentions[i].finding].id + " too");
  }

  TextScores scores;

 private:
  void count_in_general(const std::vector<Label>& labels, const std::vector<language::Mention>& mentions) {
    const auto met = [this](const Label& label, const language::Mention& mention) {
      const FindingIndex labelled = knowledge_.finding_by_id.at(label.finding);
      return overlap(label, mention.span) && (is_ancestor(mention.finding, labelled) || is_ancestor(labelled, mention.finding));
    };
    Count& general = scores.in_general;
    general.wanted += labels.size();
    general.found += mentions.size();
    for (const Label& label : labels)
      general.right += std::any_of(mentions.begin(), mentions.end(), [&](const language::Mention& mention) { return met(label, mention); });
    for (const language::Mention& mention : mentions)
      general.sound += std::any_of(labels.begin(), labels.end(), [&](const Label& label) { return met(label, mention); });
  }

  /// Of itself too.
  bool is_ancestor(FindingIndex ancestor, FindingIndex of) const {
    for (int depth = 0; of != kNone && depth < 16; ++depth, of = knowledge_.findings[of].parent)
      if (of == ancestor) return true;
    return false;
  }

  std::size_t match(const Label& label, const std::vector<language::Mention>& mentions, const std::vector<bool>& used) const {
    for (std::size_t i = 0; i < mentions.size(); ++i)
      if (!used[i] && knowledge_.findings[mentions[i].finding].id == label.finding && overlap(label, mentions[i].span)) return i;
    return mentions.size();
  }

  void compare(const LabelledSentence& sentence, const Label& label, const language::Mention& mention) {
    const bool absent = mention.polarity == Polarity::absent, relative = mention.subject == language::Subject::relative;
    const bool family = knowledge_.findings[mention.finding].kind == FindingKind::family;  // of relatives by its meaning
    count(scores.present, !label.absent, !absent);
    count(scores.absent, label.absent, absent);
    count(scores.past, label.past, mention.past);
    count(scores.uncertain, label.uncertain, mention.uncertain);
    if (!family) count(scores.relative, label.relative, relative);
    if (label.absent != absent) fault(sentence, label.finding + (absent ? " read as absent" : " read as present"));
    if (label.past != mention.past) fault(sentence, label.finding + (mention.past ? " read as past" : " read as of now"));
    if (label.uncertain != mention.uncertain) fault(sentence, label.finding + (mention.uncertain ? " read as doubtful" : " read as certain"));
    if (label.relative != relative && !family) fault(sentence, label.finding + (relative ? " read as a relative's" : " read as the patient's"));
  }

  void fault(const LabelledSentence& sentence, const std::string& what) {
    scores.faults.push_back(sentence.file + ":" + std::to_string(sentence.line) + ": " + what + ": " + sentence.text);
  }

  const KnowledgeBase& knowledge_;
  const language::CaseReader& reader_;
};

constexpr std::pair<const char*, Count TextScores::*> kClasses[] = {
    {"findings", &TextScores::findings}, {"in general", &TextScores::in_general}, {"present", &TextScores::present},     {"absent", &TextScores::absent},
    {"past", &TextScores::past},         {"uncertain", &TextScores::uncertain}, {"relative", &TextScores::relative}};

}  // namespace

Result<std::vector<LabelledSentence>> parse_labelled_text(const std::string& file, const std::string& content, const KnowledgeBase& knowledge) {
  std::vector<LabelledSentence> sentences;
  std::istringstream lines(content);
  double age = 40;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line = trimmed(line);
    if (line.empty() || line[0] == '#') continue;
    if (line.rfind("age:", 0) == 0) {
      const std::optional<double> years = number_in_text(trimmed(line.substr(4)));
      if (!years || *years < 0) return make_error(ErrorCode::malformed, file + ":" + std::to_string(number) + ": an age is a number of years.");
      age = *years;
      continue;
    }
    LabelledSentence sentence;
    sentence.file = file;
    sentence.line = number;
    sentence.age_years = age;
    if (const std::string fault = read_line(line, knowledge, sentence); !fault.empty())
      return make_error(ErrorCode::malformed, file + ":" + std::to_string(number) + ": " + fault + ".");
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

TextScores score_texts(const KnowledgeBase& knowledge, const language::CaseReader& reader, const std::vector<LabelledSentence>& sentences) {
  Scorer scorer(knowledge, reader);
  for (const LabelledSentence& sentence : sentences) scorer.add(sentence);
  return std::move(scorer.scores);
}

Json text_scores_json(const TextScores& scores) {
  Json json;
  json["sentences"] = scores.sentences;
  for (const auto& [name, member] : kClasses) {
    const Count& one = scores.*member;
    json[name] = {{"precision", one.precision()}, {"recall", one.recall()}, {"right", one.right}, {"sound", one.sound}, {"found", one.found}, {"wanted", one.wanted}};
  }
  json["faults"] = scores.faults;
  return json;
}

std::string text_scores_text(const TextScores& scores) {
  std::string text = std::to_string(scores.sentences) + " sentences\n  class       precision  recall   right  wanted   sound   found\n";
  for (const auto& [name, member] : kClasses) {
    const Count& one = scores.*member;
    char line[128];
    std::snprintf(line, sizeof line, "  %-10s     %.3f   %.3f  %6zu  %6zu  %6zu  %6zu\n", name, one.precision(), one.recall(), one.right, one.wanted, one.sound, one.found);
    text += line;
  }
  for (const std::string& fault : scores.faults) text += "  " + fault + "\n";
  return text;
}

}  // namespace osler::evaluate
