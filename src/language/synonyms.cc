#include "language/synonyms.h"

#include <unordered_map>

#include "language/stem.h"

namespace osler::language {

namespace {

constexpr const char* kGroups[] = {
    // what is felt
    "pain ache hurt discomfort agony", "itch pruritus pruritic scratchy", "red reddened erythema erythematous",
    "hot warm warmth", "cold icy chilly", "fatigue exhaustion exhausted knackered weary", "numb numbness", "dizzy giddy woozy",
    "throb pound pulsating pulsatile pulsing", "stab knife", "squeeze crush", "spread radiate", "sweat perspire perspiration diaphoresis",
    "breathless dyspnoea dyspnea", "fever pyrexia pyrexial", "vomit puke emesis",
    "blocked stuffy bunged congestion", "runny watery liquid", "smell smelly odour stink stinking malodorous whiffy",
    "scaly flaky", "pimple zit", "bruise ecchymosis ecchymoses", "thirst thirsty", "hunger hungry", "sputum phlegm", "stool poo feces",
    "urine pee wee urinate urination micturition", "seizure convulsion convulse", "lump mass bump", "hoarse croaky husky", "blur blurry blurred fuzzy hazy",
    "vision sight eyesight", "forget forgetful",
    // where
    "abdomen abdominal tummy belly stomach", "face facial", "mouth oral", "nose nasal nostril", "testicle testis testicular testes",
    "vagina vaginal", "penis penile", "breast mammary boob", "armpit axilla axillary underarm", "groin inguinal", "collarbone clavicle",
    "breastbone sternum sternal", "kidney renal", "liver hepatic", "heart cardiac", "throat pharynx pharyngeal", "eye ocular", "skin cutaneous",
    "eyelid lid", "gum gingiva gingival",
    // how, when and after what
    "worse aggravate exacerbate", "better relieve ease alleviate improve", "sudden suddenly abrupt abruptly", "fast rapid quick rapidly quickly",
    "reduced decreased diminished lowered", "large big enlarged huge massive", "small little tiny", "exertion effort exercise exerting exerted",
    "walk walking ambulate ambulation", "night nocturnal overnight nighttime", "attack episode bout", "period menses menstrual menstruation",
    "sex intercourse coitus", "medicine medication meds tablet pill", "child kid", "begin start commence", "speak talk",
};

using Keys = std::unordered_map<std::string, std::string>;

Keys build() {
  Keys keys;
  for (std::string_view rest : kGroups) {
    std::string common;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      std::string key = stem(rest.substr(0, end));
      if (common.empty()) common = key;
      keys.try_emplace(std::move(key), common);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return keys;
}

}  // namespace

const std::string& common_key(const std::string& key) {
  static const Keys kKeys = build();
  const auto found = kKeys.find(key);
  return found == kKeys.end() ? key : found->second;
}

}  // namespace osler::language
