#include "language/abbreviations.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "language/stem.h"
#include "language/word_classes.h"

namespace osler::language {

namespace {

struct Rule {
  const char* from;  // tokens, blank between
  const char* to;    // words and commas; a word in [brackets] has no class and matches nothing
};

/// Abbreviations of notes and triage. Lower case, since symptoms arrive so; what is ambiguous there (or, us, it) is left out.
constexpr Rule kAbbreviations[] = {
    {"sob", "shortness of breath"}, {"soboe", "shortness of breath on exertion"}, {"sobar", "shortness of breath at rest"},
    {"doe", "shortness of breath on exertion"}, {"pnd", "paroxysmal nocturnal dyspnoea"}, {"c/o", "complains"},
    {"c / o", "complains"}, {"n/v", "nausea , vomiting"}, {"n / v", "nausea , vomiting"}, {"nv", "nausea , vomiting"},
    {"n & v", "nausea , vomiting"}, {"d & v", "diarrhoea , vomiting"}, {"d/v", "diarrhoea , vomiting"},
    {"n/v/d", "nausea , vomiting , diarrhoea"}, {"n / v / d", "nausea , vomiting , diarrhoea"},
    {"nvd", "nausea , vomiting , diarrhoea"}, {"d+v", "diarrhoea , vomiting"}, {"d + v", "diarrhoea , vomiting"},
    {"f/c", "fever , chills"}, {"f / c", "fever , chills"}, {"h/o", "history of"}, {"h / o", "history of"}, {"hx", "history"},
    {"hx/o", "history of"}, {"pmh", "past medical history"}, {"pmhx", "past medical history"}, {"phx", "past medical history"},
    {"psh", "past surgical history"}, {"pshx", "past surgical history"}, {"fh", "family history"}, {"fhx", "family history"},
    {"f/h", "family history"}, {"s/p", "previous"}, {"s / p", "previous"}, {"w/o", "without"}, {"w / o", "without"},
    {"w/", "with"}, {"w /", "with"}, {"y/o", "year old"}, {"yo", "year old"}, {"b/l", "bilateral"}, {"r/o", "possible"},
    {"pt", "patient"}, {"ha", "headache"}, {"has c/o", "complains"}, {"cp", "chest pain"}, {"loc", "loss of consciousness"}, {"loa", "loss of appetite"}, {"abd", "abdominal"},
    {"abdo", "abdominal"}, {"ruq", "right upper quadrant"}, {"luq", "left upper quadrant"}, {"rlq", "right lower quadrant"},
    {"llq", "left lower quadrant"}, {"rif", "right lower quadrant"}, {"lif", "left lower quadrant"},
    {"right iliac fossa", "right lower quadrant"}, {"left iliac fossa", "left lower quadrant"},
    {"right hypochondrium", "right upper quadrant"}, {"left hypochondrium", "left upper quadrant"}, {"lbp", "low back pain"},
    {"htn", "hypertension"}, {"t2dm", "type 2 diabetes"}, {"t2d", "type 2 diabetes"}, {"dm2", "type 2 diabetes"},
    {"dmii", "type 2 diabetes"}, {"niddm", "type 2 diabetes"}, {"type ii diabetes", "type 2 diabetes"},
    {"type two diabetes", "type 2 diabetes"}, {"t1dm", "type 1 diabetes"}, {"t1d", "type 1 diabetes"},
    {"type i diabetes", "type 1 diabetes"}, {"type one diabetes", "type 1 diabetes"}, {"iddm", "type 1 diabetes"},
    {"dm", "diabetes mellitus"}, {"mi", "myocardial infarction"}, {"ami", "acute myocardial infarction"},
    {"nstemi", "myocardial infarction"}, {"stemi", "myocardial infarction"}, {"uti", "urinary tract infection"},
    {"utis", "urinary tract infection"}, {"urti", "upper respiratory tract infection"}, {"copd", "chronic obstructive pulmonary disease"},
    {"afib", "atrial fibrillation"}, {"cva", "stroke"}, {"dvt", "deep vein thrombosis"}, {"gord", "gerd"},
    {"ihd", "ischaemic heart disease"}, {"cad", "coronary artery disease"}, {"chd", "coronary heart disease"},
    {"ckd", "chronic kidney disease"}, {"hld", "hyperlipidaemia"}, {"ocp", "oral contraceptive pill"},
    {"cocp", "oral contraceptive pill"}, {"hrt", "hormone replacement therapy"}, {"iud", "intrauterine device"},
    {"ivdu", "intravenous drug use"}, {"nkda", "no drug allergy"}, {"nka", "no allergy"}, {"etoh", "alcohol"},
    {"jvd", "raised jugular venous pressure"}, {"jvp raised", "raised jugular venous pressure"},
    {"cvat", "costovertebral angle tenderness"}, {"rom", "range of motion"}, {"bm", "bowel movement"}, {"bms", "bowel movements"},
    {"prn", "[prn]"}, {"brbpr", "bright red blood per rectum"}, {"pv bleeding", "vaginal bleeding"}, {"pr bleeding", "rectal bleeding"},
    {"pv bleed", "vaginal bleeding"}, {"pr bleed", "rectal bleeding"}, {"lmp", "lmp"}, {"ams", "altered mental status"},
    {"cxr", "chest x-ray"}, {"luts", "lower urinary tract symptoms"}, {"uop", "urine output"}, {"hcp", "[clinician]"},
    {"gp", "[clinician]"}, {"lt", "left"}, {"rt", "right"}, {"temps", "temperatures"}, {"osa", "obstructive sleep apnoea"},
    {"lft", "liver function tests"}, {"o/e", "on examination"}, {"ua", "urinalysis"}, {"dx", "diagnosis"}, {"dx'd", "diagnosed"},
    {"rx", "[treatment]"}, {"tx", "[treatment]"}, {"sx", "symptoms"}, {"fx", "fracture"}, {"b/c", "because"}, {"bilat", "bilateral"},
    {"neg for", "without"}, {"neg", "negative"}, {"diff breathing", "difficulty breathing"}, {"spell of", "[spell]"},
    {"si joint", "sacroiliac joint"}, {"si joints", "sacroiliac joints"}, {"si", "suicidal ideation"},
    {"intentional od", "intentional overdose"}, {"od of", "overdose of"}, {"foosh", "fall onto outstretched hand"}, {"c - spine", "cervical spine"},
    {"asb", "anatomical snuffbox"}, {"prev", "previous"}, {"rad to", "radiating to"}, {"poor conc", "poor concentration"}, {"nwb", "nonweight bearing"},
    {"steroid inj", "steroid injection"}, {"mvmt", "movement"}, {"ext rotated", "externally rotated"}, {"abx", "antibiotics"}, {"u/s", "ultrasound"},
    {"uss", "ultrasound"}, {"breast ca", "breast cancer"}, {"lung ca", "lung cancer"}, {"colon ca", "colon cancer"}, {"prostate ca", "prostate cancer"},
    {"mets", "metastases"}, {"chemo", "chemotherapy"}, {"nof", "neck of femur"}, {"rta", "road traffic accident"}, {"rtc", "road traffic collision"},
    {"mva", "motor vehicle accident"}, {"mvc", "motor vehicle collision"}, {"upsi", "unprotected sex"}, {"pcb", "postcoital bleeding"},
    {"imb", "intermenstrual bleeding"}, {"pmb", "postmenopausal bleeding"}, {"f/u", "follow-up"}, {"nt/nd", "no tenderness , no distension"},
    {"ntnd", "no tenderness , no distension"}, {"tendon jerks", "tendon reflexes"}, {"ankle jerks", "ankle reflexes"}, {"knee jerks", "knee reflexes"},
    {"nv intact", "[neurovascular]"}, {"h/a", "headache"}, {"h / a", "headache"}, {"palps", "palpitations"}, {"nocte", "at night"}, {"mane", "in the morning"},
    {"emw", "early morning waking"}, {"dsh", "deliberate self-harm"}, {"wt loss", "weight loss"}, {"wt", "weight"},
    {"temp spike", "fever"}, {"temp spikes", "fever"}, {"t spike", "fever"}, {"temps spiking", "fever"}, {"jt", "joint"}, {"jts", "joints"},
    {"prod cough", "productive cough"}, {"sinus tachy", "sinus tachycardia"}, {"tachy", "tachycardia"}, {"tachypnoeic", "tachypnoea"},
    {"appt", "appointment"}, {"sev", "severe"}, 
};

/// Ways of saying "cannot", rewritten before anything else is looked up: the tables below know only that word.
constexpr Rule kInabilities[] = {
    {"can not", "cannot"}, {"could not", "cannot"}, {"can't", "cannot"}, {"cant", "cannot"}, {"couldn't", "cannot"},
    {"couldnt", "cannot"}, {"unable to", "cannot"}, {"inability to", "cannot"}, {"not able to", "cannot"},
    {"not been able to", "cannot"}, {"not being able to", "cannot"}, {"wasn't able to", "cannot"}, {"isn't able to", "cannot"},
    {"weren't able to", "cannot"}, {"aren't able to", "cannot"}, {"haven't been able to", "cannot"},
    {"hasn't been able to", "cannot"}, {"hadn't been able to", "cannot"}, {"havent been able to", "cannot"},
    {"hasnt been able to", "cannot"}, {"can no longer", "cannot"}, {"could no longer", "cannot"}, {"no longer able to", "cannot"},
};

/// Fixed expressions whose words mislead: pseudo-negations, an absence that is itself a finding, one word that denies another.
constexpr Rule kExpressions[] = {
    {"afebrile", "no fever"}, {"apyrexial", "no fever"}, {"apyrexic", "no fever"}, {"apyretic", "no fever"}, {"nonfebrile", "no fever"},
    {"normotensive", "no hypotension or high blood pressure"}, {"anicteric", "no jaundice"}, {"acyanotic", "no cyanosis"},
    {"atraumatic", "no trauma"}, {"nonsmoker", "not a smoker"}, {"nontender", "no tenderness"}, {"nondistended", "no distension"}, {"nonicteric", "no jaundice"}, {"nonitchy", "no itching"},
    {"nonpruritic", "no itching"}, {"nonpainful", "not painful"}, {"nonswollen", "no swelling"}, {"nonstop", "constant"},
    {"never smoker", "not a smoker"}, {"never smoked", "not a smoker"}, {"does not smoke", "not a smoker"},
    {"doesn't smoke", "not a smoker"}, {"don't smoke", "not a smoker"}, {"do not smoke", "not a smoker"},
    {"no appetite", "loss of appetite"}, {"not much appetite", "loss of appetite"}, {"not hungry", "loss of appetite"},
    {"no interest in food", "loss of appetite"}, {"doesn't want to eat", "loss of appetite"}, {"don't feel like eating", "loss of appetite"},
    {"not eating or drinking", "loss of appetite"}, {"not eating", "loss of appetite"}, {"won't eat", "loss of appetite"},
    {"not feeding", "poor feeding"}, {"won't feed", "poor feeding"}, {"not feeding well", "poor feeding"},     {"cannot see", "loss of vision"}, {"worried about my", "complains"}, {"worried about his", "complains"},
    {"worried about her", "complains"}, {"concerned about my", "complains"}, {"concerned about his", "complains"},
    {"concerned about her", "complains"}, {"no energy", "lack of energy"}, {"no interest", "loss of interest"}, {"not got any energy", "lack of energy"}, {"no sense of smell", "loss of smell"},
    {"cannot smell", "loss of smell"}, {"no feeling in", "numbness in"},
    {"cannot feel", "numbness of"}, {"no strength in", "weakness of"},
    {"not passing urine", "urinary retention"}, {"cannot pee", "urinary retention"},
    {"cannot pass urine", "urinary retention"}, {"not sleeping", "trouble sleeping"}, {"not sleeping well", "trouble sleeping"}, {"not slept well", "trouble sleeping"},
    {"cannot sleep well", "trouble sleeping"}, {"cannot see the point", "[pointless]"}, {"cannot see any point", "[pointless]"},
    {"cannot see a doctor", "[no-doctor]"},     {"cannot sleep", "trouble sleeping"}, {"goes to my", "radiating to my"},
    {"goes down my", "radiating down my"}, {"going down my", "radiating down my"}, {"going to my", "radiating to my"},
    {"goes into my", "radiating to my"}, {"going into my", "radiating to my"}, {"goes through to", "radiating to"},
    {"spreads to", "radiating to"}, {"spreading to", "radiating to"}, {"spreads down", "radiating down"},
    {"shoots down", "radiating down"}, {"shooting down", "radiating down"}, {"travels to", "radiating to"}, {"moves to my", "radiating to my"}, {"not slept", "trouble sleeping"},
    {"cannot breathe", "difficulty breathing"}, {"cannot breath", "difficulty breathing"},     {"cannot catch my breath", "difficulty breathing"},
    {"free of", "without"}, {"free from", "without"}, {"negative for", "without"}, {"absence of", "without"},
    {"in the absence of", "without"}, {"clear of", "without"}, {"ruled out for", "without"}, {"ruled out", "excluded"},
    {"not ruled out", "[not-excluded]"}, {"not been ruled out", "[not-excluded]"}, {"cannot be ruled out", "[not-excluded]"},
    {"cannot be excluded", "[not-excluded]"}, {"not excluded", "[not-excluded]"},     {"cannot rule out", "possible"}, {"cannot exclude", "possible"}, {"to rule out", "possible"},
    {"rule out", "possible"}, {"not sure if", "possible"}, {"not sure whether", "possible"}, {"unsure if", "possible"},
    {"unsure whether", "possible"}, {"not certain", "possible"}, {"suspicion of", "possible"}, {"concern for", "possible"},
    {"concerned about", "possible"}, {"worried about", "possible"}, {"worry about", "possible"}, {"afraid of", "possible"},
    {"fear of", "possible"}, {"scared of", "possible"}, {"at risk of", "possible"}, {"risk of", "possible"},
    {"could be", "possible"}, {"might be", "possible"}, {"may be", "possible"}, {"might have", "possible"}, {"may have", "possible"},
    {"could i be", "possible"}, {"could i have", "possible"}, {"could it be", "possible"}, {"could this be", "possible"},
    {"am i having", "possible"}, {"do i have", "possible"}, {"cannot say", "[cannot-say]"}, {"wouldn't say", "[cannot-say]"},
    {"no temperature", "no fever"}, {"no temp", "no fever"}, {"a temperature of", "a temperature of"}, {"a temp of", "a temp of"},
    {"a temperature", "a fever"}, {"a temp", "a fever"}, {"get up", "getup"}, {"got up", "getup"}, {"getting up", "getup"}, {"gets up", "getup"}, {"is back", "[returned]"}, {"are back", "[returned]"}, {"hay fever", "hayfever"}, {"yellow fever", "yellowfever"},
    {"glandular fever", "glandularfever"}, {"rheumatic fever", "rheumaticfever"}, {"light headed", "lightheaded"},
    {"light - headed", "lightheaded"}, {"light headedness", "lightheadedness"}, {"light - headedness", "lightheadedness"},
    {"return if", "possible"}, {"come back if", "possible"}, {"should you develop", "possible"}, {"in case of", "possible"},
    {"watch for", "possible"}, {"advised about", "possible"}, {"if he develops", "possible"}, {"if she develops", "possible"},
    {"without any doubt", "[certainly]"}, {"no doubt", "[certainly]"}, {"without doubt", "[certainly]"},
    {"not only", "[and]"}, {"not just", "[and]"}, {"not without", "with"}, {"cannot deny", "has"},     {"does not deny", "has"}, {"doesn't deny", "has"}, {"not deny", "has"}, {"not denying", "has"}, {"not denied", "has"},
    {"no increase", "[no-increase]"}, {"no decrease", "[no-decrease]"}, {"no change", "[no-change]"}, {"no changes", "[no-change]"},
    {"not changed", "[no-change]"}, {"no improvement", "[no-better]"}, {"not improved", "[no-better]"}, {"not improving", "[no-better]"},
    {"no better", "[no-better]"}, {"not better", "[no-better]"}, {"not any better", "[no-better]"}, {"not getting better", "[no-better]"},
    {"not get better", "[no-better]"}, {"no relief", "[no-relief]"}, {"without relief", "[no-relief]"}, {"not relieved", "[not-relieved]"},
    {"not helped", "[not-relieved]"}, {"didn't help", "[not-relieved]"}, {"did not help", "[not-relieved]"},
    {"doesn't help", "[not-relieved]"}, {"does not help", "[not-relieved]"}, {"without improvement", "[no-better]"},
    {"no response", "[no-better]"}, {"not responding", "[no-better]"}, {"not respond", "[no-better]"}, {"not responded", "[no-better]"},
    {"not resolved", "[ongoing]"}, {"not settled", "[ongoing]"}, {"not resolving", "[ongoing]"}, {"not settling", "[ongoing]"},
    {"not gone away", "[ongoing]"}, {"not going away", "[ongoing]"}, {"won't go away", "[ongoing]"}, {"doesn't go away", "[ongoing]"},
    {"not go away", "[ongoing]"}, {"won't stop", "[ongoing]"}, {"not stop", "[ongoing]"},
    {"cannot stop", "[ongoing]"}, {"not stopped", "[ongoing]"}, {"doesn't stop", "[ongoing]"}, {"not let up", "[ongoing]"},
    {"gram negative", "[gram-negative]"}, {"no wonder", "[and]"}, {"no idea", "[unknown]"}, {"no apparent reason", "[unknown-cause]"},
    {"no reason", "[unknown-cause]"}, {"no obvious reason", "[unknown-cause]"}, {"no obvious cause", "[unknown-cause]"},
    {"no clear cause", "[unknown-cause]"}, {"no known cause", "[unknown-cause]"}, {"no matter", "[and]"}, {"no warning", "[no-warning]"},
    {"without warning", "[no-warning]"}, {"not know", "[unknown]"}, {"don't know", "[unknown]"}, {"not because", "[and]"},
    {"not relate", "[and]"}, {"not related", "[and]"}, {"not worse", "[no-change]"}, {"not as bad", "[and]"}, {"no sooner", "[and]"},
    {"no treatment", "[untreated]"}, {"no medication", "[untreated]"}, {"not sure", "[unknown]"}, {"no stranger to", "[and]"},
    {"except for", "except"}, {"apart from", "except"}, {"other than", "except"}, {"aside from", "except"}, {"save for", "except"},
    {"with the exception of", "except"}, {"on the other hand", "however"}, {"no longer has", "not"}, {"no longer", "not"},
    {"no known", "no"}, {"previously healthy", "[healthy]"}, {"previously well", "[healthy]"}, {"previously fit", "[healthy]"},
    {"otherwise healthy", "[healthy]"}, {"otherwise well", "[healthy]"}, {"past medical history is unremarkable", "[healthy]"},
    {"looking forward", "[forward]"}, {"hard of hearing", "hearing loss"}, {"all of a sudden", "suddenly"},
    {"family history", "family-history"}, {"family hx", "family-history"}, {"runs in the family", "family-history"},
    {"runs in my family", "family-history"}, {"run in my family", "family-history"}, {"run in the family", "family-history"},
    {"years of age", "[age]"}, {"every day", "daily"}, {"each day", "daily"}, {"most days", "daily"}, {"every single day", "daily"}, {"fall asleep", "[asleep]"}, {"fell asleep", "[asleep]"}, {"falls asleep", "[asleep]"},
    {"falling asleep", "[asleep]"}, {"fallen asleep", "[asleep]"}, {"falling to", "dropping to"}, {"fell to", "dropped to"}, {"falls to", "drops to"}, {"not had any", "no"}, {"not having any", "no"}, {"in the past", "previously"},
};

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

struct Expansion {
  std::vector<std::string> from;
  std::vector<std::string> to;
};

/// First word -> its rules, longest first.
using Table = std::unordered_map<std::string, std::vector<Expansion>>;

Table build_table(std::initializer_list<std::span<const Rule>> lists) {
  Table built;
  for (const std::span<const Rule> list : lists) {
    for (const Rule& rule : list) {
      Expansion expansion{split_words(rule.from), split_words(rule.to)};
      std::vector<Expansion>& rules = built[expansion.from.front()];
      rules.push_back(std::move(expansion));
    }
  }
  for (auto& [first, rules] : built)
    std::stable_sort(rules.begin(), rules.end(),
                     [](const Expansion& a, const Expansion& b) { return a.from.size() > b.from.size(); });
  return built;
}

const Table& table() {
  static const Table kTable = build_table({kAbbreviations, kExpressions});
  return kTable;
}

const Table& inabilities() {
  static const Table kTable = build_table({kInabilities});
  return kTable;
}

void complete_token(Token& token) {
  if (token.text.size() > 1 && token.text.front() == '[') {
    token.key = token.text;
    return;
  }
  if (token.kind != TokenKind::punctuation || token.text != "?") token.classes |= word_classes(token.text);
  if (token.kind == TokenKind::punctuation) return;
  if (token.is(kInability)) token.key = "cannot";
  else if (token.is(kNegation) && (token.text == "not" || token.text.ends_with("n't") || token.text.ends_with("nt"))) token.key = "not";
  else token.key = token.kind == TokenKind::number ? token.text : stem(token.text);
}

bool matches(const std::vector<Token>& tokens, std::size_t at, const Expansion& rule) {
  if (at + rule.from.size() > tokens.size()) return false;
  for (std::size_t i = 0; i < rule.from.size(); ++i)
    if (tokens[at + i].text != rule.from[i] || tokens[at + i].sentence != tokens[at].sentence) return false;
  return true;
}

/// A word that means one thing when it stands alone in a list: "dysuria, frequency, urgency".
const char* meaning_alone(std::string_view word) {
  if (word == "frequency") return "urinary";
  if (word == "urgency") return "urinary";
  if (word == "pressure") return "chest";
  return nullptr;
}

bool separates(const std::vector<Token>& tokens, std::size_t at, std::uint32_t sentence) {
  if (at >= tokens.size() || tokens[at].sentence != sentence) return true;
  const std::string& text = tokens[at].text;
  return text == "," || text == ";" || text == "and" || text == "or" || text == "&" || text == "/" || text == ".";
}

bool stands_alone(const std::vector<Token>& tokens, std::size_t at) {
  const bool starts = at == 0 || separates(tokens, at - 1, tokens[at].sentence);
  return starts && separates(tokens, at + 1, tokens[at].sentence);
}

const Expansion* find_rule(const Table& rules, const std::vector<Token>& tokens, std::size_t at) {
  const auto found = rules.find(tokens[at].text);
  if (found == rules.end()) return nullptr;
  for (const Expansion& rule : found->second)
    if (matches(tokens, at, rule)) return &rule;
  return nullptr;
}

void append_expansion(std::vector<Token>& out, const std::vector<Token>& tokens, std::size_t at, const Expansion& rule) {
  const Token& first = tokens[at];
  const Token& last = tokens[at + rule.from.size() - 1];
  // "can't sleep", "no appetite": a finding of its own, so a negation before it ends here.
  const bool states_anew = (word_classes(rule.from.front()) & (kNegation | kInability)) != 0 &&
                           (word_classes(rule.to.front()) & (kNegation | kInability | kUncertain)) == 0;
  for (const std::string& word : rule.to) {
    Token token = first;
    token.text = word;
    token.classes = 0;
    token.kind = word == "," ? TokenKind::punctuation : word == "2" || word == "1" ? TokenKind::number : TokenKind::word;
    token.end = last.end;
    token.normal_end = last.normal_end;
    complete_token(token);
    if (states_anew && word == rule.to.front()) token.classes |= kReport;
    if (rule.from.size() == 1 && word == "no") token.classes |= kNegatesOne;  // "afebrile"
    out.push_back(std::move(token));
  }
}

/// "could not", "haven't been able to": one word for all of them.
std::vector<Token> unify_inability(std::vector<Token> tokens) {
  std::vector<Token> once;
  once.reserve(tokens.size());
  for (std::size_t at = 0; at < tokens.size();) {
    const Expansion* rule = find_rule(inabilities(), tokens, at);
    once.push_back(std::move(tokens[at]));
    const std::size_t length = rule == nullptr ? 1 : rule->from.size();
    if (rule != nullptr) {
      once.back().text = rule->to.front();
      once.back().end = tokens[at + length - 1].end;
      once.back().normal_end = tokens[at + length - 1].normal_end;
    }
    at += length;
  }
  return once;
}

/// "non-bilious", "non bilious": one word, which denies nothing behind it.
std::vector<Token> join_non(std::vector<Token> tokens) {
  if (std::none_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.text == "non"; })) return tokens;
  std::vector<Token> joined;
  joined.reserve(tokens.size());
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    joined.push_back(tokens[at]);
    if (tokens[at].text != "non") continue;
    const std::size_t next = at + 1 < tokens.size() && tokens[at + 1].text == "-" ? at + 2 : at + 1;
    if (next >= tokens.size() || tokens[next].kind != TokenKind::word || tokens[next].sentence != tokens[at].sentence) continue;
    joined.back().text += tokens[next].text;
    joined.back().end = tokens[next].end;
    joined.back().normal_end = tokens[next].normal_end;
    at = next;
  }
  return joined;
}

/// Whether expand_abbreviations() may have more to do than to complete each token.
bool has_rewrites(const std::vector<Token>& tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at)
    if (meaning_alone(tokens[at].text) != nullptr || find_rule(table(), tokens, at) != nullptr) return true;
  return false;
}

}  // namespace

std::vector<Token> expand_abbreviations(std::vector<Token> tokens) {
  tokens = unify_inability(join_non(std::move(tokens)));
  if (!has_rewrites(tokens)) {  // nearly every phrase of the knowledge base, of which a start reads a hundred thousand
    for (Token& token : tokens) complete_token(token);
    return tokens;
  }
  std::vector<Token> once;
  once.reserve(tokens.size());
  for (std::size_t at = 0; at < tokens.size();) {
    if (const Expansion* rule = find_rule(table(), tokens, at)) {
      append_expansion(once, tokens, at, *rule);
      at += rule->from.size();
    } else {
      if (const char* modifier = meaning_alone(tokens[at].text); modifier != nullptr && stands_alone(tokens, at)) {
        Token token = tokens[at];
        token.text = modifier;
        complete_token(token);
        once.push_back(std::move(token));
      }
      complete_token(tokens[at]);
      once.push_back(tokens[at++]);
    }
  }
  return once;
}

std::size_t abbreviation_count() { return std::size(kAbbreviations) + std::size(kInabilities) + std::size(kExpressions); }

}  // namespace osler::language
