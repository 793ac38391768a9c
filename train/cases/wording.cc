#include "train/cases/wording.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "train/cases/misspelling.h"

namespace osler::train {

using namespace clinical;

namespace {

using Words = std::span<const std::string_view>;

constexpr auto kFirstPersons = std::to_array<std::string_view>({"i", "i'm", "i've", "i'd", "i'll", "my", "me", "myself", "we", "our", "us", "mine"});
constexpr auto kThirdPersons = std::to_array<std::string_view>({"he", "she", "his", "her", "him", "he's", "she's", "himself", "herself", "hers"});
// What somebody else does is not the patient's.
constexpr auto kOthers = std::to_array<std::string_view>({"husband", "boyfriend", "wife", "girlfriend", "partner", "mum", "dad", "brother", "sister", "son"});
constexpr auto kWomensWords = std::to_array<std::string_view>({
    "pregnant", "pregnancy", "period", "periods", "womb", "ovary", "ovaries", "ovarian", "vagina", "vaginal", "vulva", "vulval", "vulvovaginal", "uterus", "uterine",
    "cervix", "menopause", "menopausal", "menstrual", "breastfeed", "breastfeeding", "postpartum", "labia", "gynae", "tampon"});
constexpr auto kMensWords = std::to_array<std::string_view>({"penis", "penile", "testicle", "testicles", "testicular", "testis", "scrotum", "scrotal", "foreskin",
                                                        "prostate", "prostatic", "erection", "erections", "willy"});
constexpr auto kBabysWords = std::to_array<std::string_view>({"baby", "baby's", "newborn", "nappy", "nappies", "premmie"});

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '\''; }

bool is_one_of(std::string_view word, Words list) { return std::find(list.begin(), list.end(), word) != list.end(); }

/// Calls `look(word, from)` for each run of letters and apostrophes until it says true; whether it did.
template <typename Look>
bool any_word(std::string_view text, Look&& look) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end > at && look(text.substr(at, end - at))) return true;
    at = end + 1;
  }
  return false;
}

bool has_word(std::string_view text, Words list) {
  return any_word(text, [&](std::string_view word) { return is_one_of(word, list); });
}

/// "cough" to "coughs", after "he" or "she"; past tenses and auxiliaries as they are.
std::string conjugated(const std::string& verb) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kIrregular = {
      {{"am", "is"}, {"have", "has"}, {"do", "does"}, {"don't", "doesn't"}, {"haven't", "hasn't"}, {"are", "is"}, {"poo", "poos"}}};
  static constexpr auto kKept = std::to_array<std::string_view>({
      "was",   "were",  "had",   "hadn't", "did",  "didn't", "can",  "can't", "cannot", "could", "couldn't", "will",  "won't", "would", "may",   "might",  "must",   "should",
      "fell",  "went",  "got",   "ate",    "gave", "came",   "broke", "slept", "saw",    "shot",  "sat",      "threw", "burst", "lost",  "felt",  "ran",    "woke",   "took",
      "flew",  "began", "bled",  "knew",   "met",  "bit",    "thought", "bent", "said",  "drank", "hit",      "cut",   "let",   "hurt",  "first", "just",   "never",  "always",
      "really", "still", "hardly", "only", "also", "ever",   "too",  "lay",   "stood",  "left",  "made",     "wet",   "used",  "is",    "has",    "does",   "suddenly"});
  for (const auto& [from, to] : kIrregular)
    if (verb == from) return std::string(to);
  const auto ends = [&](std::string_view end) { return verb.ends_with(end); };
  if (is_one_of(verb, kKept) || (ends("ed") && !ends("eed")) || ends("'s")) return verb;
  if (ends("s") || ends("sh") || ends("ch") || ends("x") || ends("z") || ends("o")) return verb + "es";
  if (ends("y") && verb.size() > 1 && std::string_view("aeiou").find(verb[verb.size() - 2]) == std::string_view::npos) return verb.substr(0, verb.size() - 1) + "ies";
  return verb + "s";
}

/// The words with each run of letters replaced by what `change(word, before)` makes of it.
template <typename Change>
std::string replaced_words(std::string_view text, Change&& change) {
  std::string out, before;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end > at) {
      const std::string word(text.substr(at, end - at));
      out += change(word, before);
      before = word;
    }
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

std::string of_sex(const std::string& word, bool female) {
  static constexpr std::array<std::array<std::string_view, 2>, 5> kPairs = {{{"he", "she"}, {"his", "her"}, {"him", "her"}, {"he's", "she's"}, {"himself", "herself"}}};
  for (const auto& [his, hers] : kPairs)
    if (word == his || word == hers) return std::string(female ? hers : his);
  return word;
}

/// The word of a first person as it is said of somebody; `before` is the one before it, empty at the beginning.
std::string of_somebody(const std::string& word, const std::string& before, bool female) {
  static constexpr auto kOpeningVerbs = std::to_array<std::string_view>({"feel", "keep", "get", "have", "need", "want", "wake", "eat", "go", "take", "see", "think", "struggle", "am", "don't", "haven't"});
  static constexpr std::array<std::array<std::string_view, 3>, 8> kPersons = {{{"i'm", "he's", "she's"}, {"i've", "he's", "she's"}, {"i'd", "he'd", "she'd"}, {"i'll", "he'll", "she'll"},
                                                                               {"i", "he", "she"}, {"my", "his", "her"}, {"me", "him", "her"}, {"myself", "himself", "herself"}}};
  for (const auto& [first, his, hers] : kPersons)
    if (word == first) return std::string(female ? hers : his);
  return before == "i" || (before.empty() && is_one_of(word, kOpeningVerbs)) ? conjugated(word) : word;
}

}  // namespace

bool is_clause(std::string_view words) {
  static constexpr auto kFirst = std::to_array<std::string_view>({
      "i",      "i'm",     "it",      "it's",    "he",       "she",     "they",    "can't",   "cannot",  "couldn't", "won't",   "can",     "could",    "feel",     "feels",  "feeling", "felt",
      "keep",   "keeps",   "kept",    "lost",    "get",      "gets",    "got",     "have",    "has",     "had",      "been",    "am",      "is",       "was",      "not",    "never",   "always",
      "took",   "takes",   "take",    "taking",  "came",     "went",    "goes",    "go",      "gone",    "going",    "started", "unable",  "still",    "hardly",   "barely", "only",    "just",
      "need",   "needs",   "want",    "wants",   "wake",     "wakes",   "woke",    "ate",     "eat",     "eats",     "drank",   "drinks",  "swallowed", "stopped", "put",    "fell",    "told",
      "looks",  "says",    "thinks",  "think",   "screams",  "cries",   "refuses", "used",    "visited", "travelled", "returned", "flew",   "broke",    "missed",   "slept",  "sleeps",  "see",
      "sees",   "pulled",  "struggle", "struggles", "tired",  "scared",  "worried", "dizzy",   "breathless", "knackered", "exhausted", "lethargic", "really", "very", "so",  "too",     "constantly",
      "don't",  "doesn't", "haven't", "hasn't",  "everything", "hates"});
  static constexpr auto kVerbs = std::to_array<std::string_view>({"is", "are", "hurt", "hurts", "has", "feels", "won't", "can't", "keeps", "went", "gone", "was", "looks", "kills", "makes", "began", "touches"});
  const std::string_view first = words.substr(0, words.find(' '));
  if (is_one_of(first, kFirst)) return true;
  return words.size() > first.size() && has_word(words.substr(first.size()), kVerbs);
}

std::string in_third_person(std::string words, Sex sex) {
  const bool female = sex == Sex::female;
  if (!has_word(words, kThirdPersons))
    return replaced_words(words, [&](const std::string& word, const std::string& before) { return of_somebody(word, before, female); });
  if (has_word(words, kOthers)) return words;
  return replaced_words(words, [&](const std::string& word, const std::string&) { return of_sex(word, female); });
}

bool could_be_said_of(std::string_view words, const SampledCase& patient) {
  constexpr double kNoBabyFrom = 3, kNoMotherFrom = 50;
  const bool has_baby = patient.age_years < kNoBabyFrom || (patient.sex == Sex::female && patient.age_years < kNoMotherFrom);
  if (!has_baby && has_word(words, kBabysWords)) return false;
  return !has_word(words, patient.sex == Sex::female ? Words(kMensWords) : Words(kWomensWords));
}

bool Wording::fits(std::string_view words, bool noun) const {
  if (noun && is_clause(words)) return false;
  if (speaker_.first_person ? has_word(words, kThirdPersons) : has_word(words, kThirdPersons) && has_word(words, kFirstPersons)) return false;
  return could_be_said_of(words, patient_) && !said_.contains(words);
}

std::string Wording::of(FindingIndex index, bool noun) {
  constexpr int kTries = 6;
  const Finding& finding = knowledge_.findings[index];
  const auto* first = random_.chance(speaker_.lay) ? &finding.lay_phrases : &finding.clinical_phrases;
  const auto* second = first == &finding.lay_phrases ? &finding.clinical_phrases : &finding.lay_phrases;
  std::string_view chosen = finding.name;
  bool lay = false;
  for (int i = 0; i < 2 * kTries; ++i) {
    const std::vector<std::string>* list = i < kTries ? first : second;
    if (list->empty()) continue;
    std::string_view words = random_.pick(*list);
    if (words.starts_with('=')) words.remove_prefix(1);
    if (!fits(words, noun)) continue;
    chosen = words;
    lay = list == &finding.lay_phrases;
    break;
  }
  said_.insert(chosen);
  std::string words(chosen);
  if (lay && !speaker_.first_person) words = in_third_person(std::move(words), patient_.sex);  // "type i" of a physician is no person
  return misspelled(words, speaker_.misspelling, random_);
}

}  // namespace osler::train
