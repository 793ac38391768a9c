#include "language/text_reader.h"

#include <algorithm>

#include "language/reference.h"
#include "language/word_classes.h"

namespace osler::language {

using clinical::Finding;
using clinical::FindingIndex;
using clinical::FindingKind;
using clinical::kNone;
using clinical::Quantity;

namespace {

/// Words by which people name a patient with a disease, where the disease's own names lack them.
struct Adjective {
  const char* condition;
  const char* word;
};
constexpr Adjective kAdjectives[] = {
    {"type_2_diabetes", "diabetic"},          {"asthma", "asthmatic"},    {"epilepsy", "epileptic"},
    {"essential_hypertension", "hypertensive"}, {"copd", "emphysema"},      {"alcohol_dependence", "alcoholic"},
};

constexpr std::size_t kTopics = 3;
constexpr std::uint32_t kTopicReach = 2;
constexpr std::size_t kTellingShare = 200;  // a word of more than 1 in 200 phrases completes none by itself

constexpr const char* kHighWords[] = {"high", "raised", "elevated", "increased", "up"};
constexpr const char* kLowWords[] = {"low", "reduced", "decreased", "down"};

}  // namespace

TextReader::TextReader(const clinical::KnowledgeBase& knowledge) : knowledge_(knowledge) {
  add_findings();
  add_conditions();
  add_quantities();
  phrases_.seal();
  for (const auto& [word, id] : phrases_.words()) spelling_.add(word, id);
  spelling_.seal();
}

void TextReader::add_findings() {
  for (FindingIndex i = 0; i < knowledge_.findings.size(); ++i) {
    const Finding& finding = knowledge_.findings[i];
    const PhraseTarget target{TargetKind::finding, i};
    phrases_.add(finding.name, target);
    for (const std::string& phrase : finding.clinical_phrases) phrases_.add(phrase, target);
    for (const std::string& phrase : finding.lay_phrases) phrases_.add(phrase, target);
    for (const std::string& phrase : finding.denied_by) phrases_.add(phrase, {TargetKind::denied, i});
  }
}

void TextReader::add_conditions() {
  for (clinical::ConditionIndex i = 0; i < knowledge_.conditions.size(); ++i) {
    const PhraseTarget target{TargetKind::condition, i};
    phrases_.add(knowledge_.conditions[i].name, target);
    for (const std::string& synonym : knowledge_.conditions[i].synonyms) phrases_.add(synonym, target);
  }
  for (const Adjective& adjective : kAdjectives)
    if (const auto found = knowledge_.condition_by_id.find(adjective.condition); found != knowledge_.condition_by_id.end())
      phrases_.add(adjective.word, {TargetKind::condition, found->second});
}

/// "raised troponin", "troponin is normal": the same words for every quantity.
void TextReader::add_quantities() {
  for (const Quantity& quantity : knowledge_.quantities) {
    std::vector<std::string> names = quantity.aliases;
    names.push_back(quantity.name);
    for (const std::string& name : names) add_quantity(quantity, tokenise("word " + name).tokens);
  }
}

/// `phrase` is the quantity's name behind one word to be replaced.
void TextReader::add_quantity(const Quantity& quantity, std::vector<Token> phrase) {
  const auto add = [&](const char* word, TargetKind kind, FindingIndex finding) {
    if (finding == kNone) return;
    phrase.front() = tokenise(word).tokens.front();
    phrases_.add_tight(phrase, {kind, finding});
  };
  for (const char* word : kHighWords) add(word, TargetKind::finding, quantity.high);
  for (const char* word : kLowWords) add(word, TargetKind::finding, quantity.low);
  add("normal", TargetKind::denied, quantity.high);
  add("normal", TargetKind::denied, quantity.low);
  if (quantity.kind != clinical::QuantityKind::lab) return;
  add("positive", TargetKind::finding, quantity.high);
  add("negative", TargetKind::denied, quantity.high);
}

TextReading TextReader::read(std::string_view source, bool about_relatives, const PatientView& patient) const {
  TextReading reading;
  reading.text = tokenise(source);
  std::vector<Token>& tokens = reading.text.tokens;
  identify_words(tokens);
  std::vector<PhraseMatch> matches = phrases_.match(tokens);
  std::vector<bool> in_phrase(tokens.size(), false);
  for (const PhraseMatch& match : matches)
    if (match.tokens.size() > 1 && match.target.kind != TargetKind::denied)  // "no jaundice" still denies what follows
      for (const std::uint32_t token : match.tokens) in_phrase[token] = true;
  reading.contexts = read_context(tokens, in_phrase, patient);
  if (about_relatives)
    for (TokenContext& context : reading.contexts) context.relative = true;
  for (PhraseMatch& match : select(std::move(matches), tokens, reading.contexts, patient))
    reading.readings.push_back(to_reading(std::move(match), tokens, reading.contexts));
  add_carried(reading, patient);
  std::sort(reading.readings.begin(), reading.readings.end(), [](const Reading& a, const Reading& b) {
    return std::tie(a.begin, a.end, a.target.kind, a.target.index) < std::tie(b.begin, b.end, b.target.kind, b.target.index);
  });
  deny_lists(reading.readings, tokens);
  for (std::size_t at = 1; at < tokens.size(); ++at)
    if (says_gone(tokens, at)) end_last(reading.readings, tokens, at);
  return reading;
}

/// "It throbs" after a headache: the phrases that the sentence completes with the words of an earlier mention.
void TextReader::add_carried(TextReading& reading, const PatientView& patient) const {
  const std::vector<Token>& tokens = reading.text.tokens;
  std::vector<bool> read(tokens.size(), false);
  for (const Reading& known : reading.readings)
    for (const std::uint32_t token : known.tokens) read[token] = true;
  std::vector<PhraseMatch> carried;
  for (const Continuation& part : continuations(tokens))
    for (const std::size_t topic : topics_before(reading, part)) match_carried(reading, reading.readings[topic], part, read, carried);
  for (PhraseMatch& match : select(std::move(carried), tokens, reading.contexts, patient))
    reading.readings.push_back(to_reading(std::move(match), tokens, reading.contexts));
}

/// The complaints of the nearest sentence that has any, at most kTopics of them and kTopicReach sentences back.
std::vector<std::size_t> TextReader::topics_before(const TextReading& reading, const Continuation& part) const {
  std::vector<std::size_t> topics;
  std::uint32_t sentence = 0;
  for (std::size_t i = reading.readings.size(); i-- > 0 && topics.size() < kTopics;) {
    const Reading& known = reading.readings[i];
    const std::uint32_t last = known.tokens.back();
    if (last >= part.from || known.absent || known.context.relative || known.target.kind != TargetKind::finding) continue;
    const FindingKind kind = knowledge_.findings[known.target.index].kind;
    if (kind != FindingKind::symptom && kind != FindingKind::sign) continue;
    if (reading.text.tokens[last].sentence + kTopicReach < part.sentence) continue;
    if (!topics.empty() && reading.text.tokens[last].sentence != sentence) continue;
    sentence = reading.text.tokens[last].sentence;
    topics.push_back(i);
  }
  return topics;
}

void TextReader::match_carried(const TextReading& reading, const Reading& topic, const Continuation& part, const std::vector<bool>& read,
                               std::vector<PhraseMatch>& out) const {
  const auto own = static_cast<std::uint32_t>(topic.tokens.size());
  for (PhraseMatch& match : phrases_.match(with_topic(reading.text.tokens, topic.tokens, part))) {
    if (match.target.kind != TargetKind::finding || is_ancestor(match.target, topic.target)) continue;
    const auto first = std::find_if(match.tokens.begin(), match.tokens.end(), [own](std::uint32_t token) { return token >= own; });
    if (first == match.tokens.begin() || first == match.tokens.end()) continue;  // needs words of both
    match.tokens.erase(match.tokens.begin(), first);
    for (std::uint32_t& token : match.tokens) token += part.from - own;
    const Token& only = reading.text.tokens[match.tokens.front()];
    if (match.tokens.size() == 1 && (only.is(kLight) || phrases_.uses(only.id) > phrases_.phrase_count() / kTellingShare)) continue;
    if (std::any_of(match.tokens.begin(), match.tokens.end(), [&read](std::uint32_t token) { return read[token]; })) continue;
    const auto same = [&](const Reading& known) { return is_ancestor(match.target, known.target); };
    if (std::none_of(reading.readings.begin(), reading.readings.end(), same)) out.push_back(std::move(match));
  }
}

/// What a pronoun takes back: the last mention before it, in this sentence or the one before.
void TextReader::end_last(std::vector<Reading>& readings, const std::vector<Token>& tokens, std::size_t pronoun) {
  for (std::size_t i = readings.size(); i-- > 0;) {
    const std::uint32_t last = readings[i].tokens.back();
    if (last >= pronoun) continue;
    if (tokens[last].sentence + 1 >= tokens[pronoun].sentence) readings[i].context.past = true;
    return;
  }
}

/// "Cough, fever and chills were denied": back to the beginning of the list.
void TextReader::deny_lists(std::vector<Reading>& readings, const std::vector<Token>& tokens) const {
  for (std::size_t i = readings.size(); i-- > 1;) {
    if (!readings[i].denies_list) continue;
    const std::uint32_t from = readings[i - 1].tokens.front(), to = readings[i].tokens.front();
    bool same_list = from <= to && to - from < 12 && tokens[from].sentence == tokens[to].sentence;
    for (std::uint32_t at = from; same_list && at < to; ++at) same_list = !tokens[at].is(kContrast | kReport) && tokens[at].text != ";";
    if (same_list) readings[i - 1].absent = readings[i - 1].denies_list = true;
  }
}

void TextReader::identify_words(std::vector<Token>& tokens) const {
  for (Token& token : tokens) {
    if (token.kind == TokenKind::punctuation) continue;
    token.own_id = phrases_.word_id(token.key);
    if (token.own_id == kUnknownWord && token.kind == TokenKind::word) token.own_id = spelling_.correct(token.text);
    token.id = phrases_.shared_id(token.own_id);
  }
}

bool TextReader::is_family(const PhraseTarget& target) const {
  return target.kind != TargetKind::condition && knowledge_.findings[target.index].kind == FindingKind::family;
}

bool TextReader::is_ancestor(const PhraseTarget& ancestor, const PhraseTarget& of) const {
  if (ancestor.kind == TargetKind::condition || of.kind == TargetKind::condition) return false;
  if (ancestor.index == of.index) return ancestor.kind == of.kind;
  FindingIndex at = knowledge_.findings[of.index].parent;
  for (int depth = 0; at != kNone && depth < 16; ++depth, at = knowledge_.findings[at].parent)
    if (at == ancestor.index) return true;
  return false;
}

bool can_mean(const clinical::Limits& limits, const PatientView& patient) {
  const bool sex_known = patient.sex == clinical::Sex::female || patient.sex == clinical::Sex::male;
  return patient.age_years >= limits.age_min && patient.age_years <= limits.age_max && (!limits.sex || !sex_known || *limits.sex == patient.sex);
}

/// "knee pain worse on walking": the knee pain is said as plainly as the joint pain on walking, and both are joint pain.
bool TextReader::states_more(const PhraseMatch& match, const PhraseMatch& longer) const {
  if (match.target.kind != TargetKind::finding || longer.target.kind != TargetKind::finding || match.target.index == longer.target.index) return false;
  if (match.tokens.size() < 2 || match.gaps > 0 || match.synonyms > 0 || longer.tokens.size() == match.tokens.size()) return false;
  FindingIndex at = knowledge_.findings[match.target.index].parent;
  for (int depth = 0; at != kNone && depth < 16; ++depth, at = knowledge_.findings[at].parent)
    if (is_ancestor({TargetKind::finding, at}, longer.target)) return true;
  return false;
}

std::vector<PhraseMatch> TextReader::select(std::vector<PhraseMatch> matches, const std::vector<Token>& tokens,
                                            const std::vector<TokenContext>& contexts, const PatientView& patient) const {
  std::erase_if(matches, [&](const PhraseMatch& match) {
    if (match.target.kind != TargetKind::condition && !can_mean(knowledge_.findings[match.target.index].limits, patient)) return true;
    if (match.tokens.size() == 1 && only_provokes(tokens, match.tokens.front())) return true;
    if (names_a_thing(tokens, match.tokens.back())) return true;
    const bool exposure = match.target.kind == TargetKind::finding && knowledge_.findings[match.target.index].kind == FindingKind::exposure;
    if (exposure && std::any_of(match.tokens.begin(), match.tokens.end(), [&](std::uint32_t at) { return contexts[at].is_patient; }))
      return true;  // "my son has been ill" of the son himself
    if (!is_family(match.target)) return false;
    return std::none_of(match.tokens.begin(), match.tokens.end(), [&](std::uint32_t at) { return contexts[at].relative; });
  });
  std::stable_sort(matches.begin(), matches.end(), [](const PhraseMatch& a, const PhraseMatch& b) {
    if (a.tokens.size() != b.tokens.size()) return a.tokens.size() > b.tokens.size();
    if (a.gaps != b.gaps) return a.gaps < b.gaps;
    if (a.synonyms != b.synonyms) return a.synonyms < b.synonyms;
    if (a.in_order != b.in_order) return a.in_order;
    return std::tie(a.tokens, a.target.kind, a.target.index) < std::tie(b.tokens, b.target.kind, b.target.index);
  });
  std::vector<PhraseMatch> kept;
  std::vector<std::vector<std::uint32_t>> at_token(tokens.size());  // positions in `kept`
  for (PhraseMatch& match : matches) {
    bool covered = false;
    for (const std::uint32_t token : match.tokens) {
      for (const std::uint32_t position : at_token[token]) {
        const PhraseMatch& longer = kept[position];
        const bool same_sort = (longer.target.kind == TargetKind::condition) == (match.target.kind == TargetKind::condition) &&
                               is_family(longer.target) == is_family(match.target);
        covered = is_ancestor(match.target, longer.target) ||
                  (same_sort && !longer.coordinated && !states_more(match, longer) && std::includes(longer.tokens.begin(), longer.tokens.end(), match.tokens.begin(), match.tokens.end()) &&
                   (longer.tokens.size() > match.tokens.size() || longer.target.kind == match.target.kind));
        if (covered) break;
      }
      if (covered) break;
    }
    if (covered) continue;
    for (const std::uint32_t token : match.tokens) at_token[token].push_back(static_cast<std::uint32_t>(kept.size()));
    kept.push_back(std::move(match));
  }
  return kept;
}

Reading TextReader::to_reading(PhraseMatch match, const std::vector<Token>& tokens,
                               const std::vector<TokenContext>& contexts) const {
  Reading reading;
  reading.target = match.target;
  reading.context = contexts[match.tokens.front()];
  const bool undone = match.target.kind == TargetKind::denied && absence_undone(tokens, match.tokens);
  reading.absent = !undone && (reading.context.negated || match.target.kind == TargetKind::denied);
  reading.contact = contact_before(tokens, match.tokens.front());
  reading.begin = tokens[match.tokens.front()].begin;
  reading.end = tokens[match.tokens.back()].end;
  for (const std::uint32_t token : match.tokens) {
    reading.names_relative = reading.names_relative || tokens[token].is(kRelative);
    reading.context.relative = reading.context.relative || contexts[token].relative;
  }
  if (reading.names_relative && !is_family(match.target)) reading.context.relative = false;  // "my snoring wakes my wife"
  const std::uint32_t first = match.tokens.front(), next = match.tokens.back() + 1;
  for (std::uint32_t back = 1; back <= 2 && back <= first; ++back)
    reading.never_before = reading.never_before || (reading.context.negated && tokens[first - back].is(kPast));
  if (next < tokens.size() && (tokens[next].text == "controlled" || tokens[next].text == "managed" || tokens[next].text == "treated"))
    reading.context.known = true;  // "hypertension controlled on amlodipine"
  const AfterMention after = read_after(tokens, match.tokens.back());
  reading.absent = reading.absent || after.denied;
  reading.denies_list = after.denied && after.whole_list;
  reading.context.uncertain = reading.context.uncertain || after.uncertain;
  reading.context.past = reading.context.past || after.resolved;
  reading.tokens = std::move(match.tokens);
  return reading;
}

}  // namespace osler::language
