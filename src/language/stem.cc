#include "language/stem.h"

#include <unordered_map>

namespace osler::language {

namespace {

using Irregular = std::unordered_map<std::string_view, std::string_view>;

const Irregular& irregular_forms() {
  static const Irregular kForms = {
      {"felt", "feel"}, {"threw", "throw"}, {"thrown", "throw"}, {"bled", "bleed"}, {"swollen", "swell"}, {"fell", "fall"},
      {"fallen", "fall"}, {"woke", "wake"}, {"woken", "wake"}, {"awoke", "wake"}, {"awake", "awake"}, {"lost", "lose"},
      {"loss", "lose"}, {"losses", "lose"}, {"broke", "break"}, {"broken", "break"}, {"went", "go"}, {"gone", "go"},
      {"goes", "go"}, {"came", "come"}, {"kept", "keep"}, {"got", "get"}, {"gotten", "get"}, {"has", "have"},
      {"had", "have"}, {"took", "take"}, {"taken", "take"}, {"bitten", "bite"}, {"drank", "drink"}, {"ate", "eat"},
      {"eaten", "eat"}, {"stung", "sting"}, {"shook", "shake"}, {"shaken", "shake"}, {"ran", "run"}, {"slept", "sleep"},
      {"grew", "grow"}, {"grown", "grow"}, {"gave", "give"}, {"given", "give"}, {"began", "begin"}, {"begun", "begin"},
      {"children", "child"}, {"women", "woman"}, {"men", "man"}, {"feet", "foot"}, {"teeth", "tooth"}, {"worsen", "worse"},
      {"worsened", "worse"}, {"worsening", "worse"}, {"worsens", "worse"}, {"lying", "lie"}, {"lies", "lie"}, {"lay", "lie"},
      {"dying", "die"}, {"died", "die"}, {"became", "become"}, {"saw", "see"}, {"seen", "see"}, {"did", "do"},
      {"does", "do"}, {"done", "do"}, {"was", "be"}, {"were", "be"}, {"is", "be"}, {"are", "be"}, {"am", "be"},
      {"been", "be"}, {"breath", "breathe"}, {"spoke", "speak"}, {"burnt", "burn"}, {"spat", "spit"}, {"tore", "tear"},
      {"gray", "grey"}, {"tyre", "tire"}, {"this", "this"}, {"lens", "lens"}, {"gas", "gas"}, {"pus", "pus"},
      {"abdomen", "abdomen"}, {"poop", "poo"}, {"pooping", "poo"}, {"poops", "poo"}, {"poos", "poo"}, {"faeces", "feces"},
      {"anaemic", "anemia"}, {"anemic", "anemia"}, {"abdominal", "abdomen"}, {"tummy", "tummy"}, {"passed", "pass"},
      {"sob", "sob"}, {"bed", "bed"}, {"red", "red"}, {"lactating", "lactation"}, {"lungs", "lung"}, {"dizzy", "dizzy"}, {"dizziness", "dizzy"},
      {"itchiness", "itch"}, {"itchy", "itch"}, {"nauseous", "nausea"}, {"nauseated", "nausea"}, {"sneezy", "sneeze"},
      {"wheezy", "wheeze"}, {"sweaty", "sweat"}, {"bloody", "blood"}, {"stiffness", "stiff"}, {"numbness", "numb"},
      {"soreness", "sore"}, {"tenderness", "tender"}, {"tiredness", "tire"}, {"weakness", "weak"}, {"achy", "ache"},
      {"painful", "pain"}, {"redness", "red"}, {"hoarseness", "hoarse"}, {"sleepiness", "sleepy"}, {"breathlessness", "breathless"},
      {"drowsiness", "drowsy"}, {"clumsiness", "clumsy"}, {"unsteadiness", "unsteady"}, {"tightness", "tight"},
      {"heaviness", "heavy"}, {"swelling", "swell"}, {"swellings", "swell"}, {"eyes", "eye"}, {"tingly", "tingle"},
      {"constipated", "constipation"}, {"confused", "confusion"}, {"agitated", "agitation"}, {"anxious", "anxiety"},
      {"jaundiced", "jaundice"}, {"cyanosed", "cyanosis"}, {"cyanotic", "cyanosis"}, {"distended", "distension"},
      {"distention", "distension"}, {"dehydrated", "dehydration"}, {"congested", "congestion"}, {"swallowing", "swallow"},
      {"both", "bilateral"}, {"bilaterally", "bilateral"}, {"himself", "myself"}, {"herself", "myself"}, {"themselves", "myself"},
      {"yourself", "myself"}, {"spotting", "spotting"}, {"sores", "sores"}, {"hive", "hives"}, {"hives", "hives"}, {"scared", "scared"}, {"bends", "bends"}, {"pounds", "pounds"}, {"stools", "stool"}};
  return kForms;
}

bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'; }

bool has_vowel(std::string_view word) {
  for (const char c : word)
    if (is_vowel(c)) return true;
  return false;
}

void drop(std::string& word, std::size_t count) { word.resize(word.size() - count); }

void strip_plural(std::string& word) {
  const std::size_t size = word.size();
  if (size < 4 || word.back() != 's') return;
  if (word.ends_with("ies") && size > 4) {
    drop(word, 3);
    word += 'y';
  } else if (word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") || word.ends_with("shes")) {
    drop(word, word.ends_with("ches") && word.ends_with("aches") ? 1 : 2);
  } else if (!word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")) {
    drop(word, 1);
  }
}

void strip_verb(std::string& word) {
  const std::string_view view = word;
  if (word.size() > 4 && word.ends_with("ied")) {
    drop(word, 3);
    word += 'y';
  } else if (word.size() > 5 && word.ends_with("ing") && has_vowel(view.substr(0, view.size() - 3))) {
    drop(word, 3);
  } else if (word.size() > 4 && word.ends_with("ed") && !word.ends_with("eed") && has_vowel(view.substr(0, view.size() - 2))) {
    drop(word, 2);
  }
}

void strip_ending(std::string& word) {
  const std::size_t size = word.size();
  if (size > 3 && word[size - 1] == word[size - 2] && !is_vowel(word.back()) && word.back() != 's') drop(word, 1);
  if (word.size() > 4 && (word.ends_with("tre") || word.ends_with("bre"))) {
    word[word.size() - 2] = 'e';
    word[word.size() - 1] = 'r';
  } else if (word.size() > 3 && word.back() == 'e' && word[word.size() - 2] != 'e') {
    drop(word, 1);
  }
}

void unify_spelling(std::string& word) {
  if (word.size() > 4) {
    for (std::size_t at; (at = word.find("ae")) != std::string::npos && at + 2 < word.size();) word.erase(at, 1);
    for (std::size_t at; (at = word.find("oe")) != std::string::npos && at + 2 < word.size();) word.erase(at, 1);
  }
  if (word.size() > 4 && word.ends_with("our")) word.erase(word.size() - 2, 1);
  if (const std::size_t at = word.find("ization"); at != std::string::npos) word[at + 1] = 's';
  if (word.size() > 3 && (word.ends_with("iz") || word.ends_with("yz"))) word.back() = 's';
}

}  // namespace

std::string stem(std::string_view word) {
  if (word.ends_with("'s")) word.remove_suffix(2);
  while (!word.empty() && word.back() == '\'') word.remove_suffix(1);
  std::string key(word);
  const Irregular& forms = irregular_forms();
  if (const auto found = forms.find(word); found != forms.end()) {
    key = found->second;
  } else {
    strip_plural(key);
    strip_verb(key);
    if (const auto base = forms.find(key); base != forms.end()) key = base->second;
  }
  strip_ending(key);
  unify_spelling(key);
  return key;
}

}  // namespace osler::language
