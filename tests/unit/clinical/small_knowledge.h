// A small knowledge base for the unit tests of this folder.
#pragma once

#include <vector>

#include "clinical/knowledge_loader.h"

namespace osler::clinical {

inline std::string small_findings() {
  return R"(findings:
  cough: {name: cough, kind: symptom, leak: 0.08, leak_factors: {child: 2}, clinical: [cough], lay: [coughing]}
  dry_cough: {name: dry cough, kind: symptom, parent: cough, share: 0.4, clinical: [dry cough]}
  tired: {name: fatigue, kind: symptom, leak: 0.15, clinical: [fatigue], lay: [worn out]}
  smoker: {name: smoker, kind: history, leak: 0.2, clinical: [current smoker]}
  a1: {name: sign one, kind: sign, leak: 0.02, clinical: [sign one seen]}
  a2: {name: sign two, kind: sign, leak: 0.02, clinical: [sign two seen]}
)";
}

inline std::string small_quantities() {
  return R"(quantities:
  temperature:
    {name: temperature, kind: vital, field: temperature_c, unit: Cel, units: {"[degF]": {factor: 0.5555556, offset: -17.7777778}},
     plausible: [25, 45], marked: {low: 34, high: 39.5}, ranges: [{age_max: 0.25, low: 36.5, high: 37.9}, {low: 35.5, high: 37.9}],
     high: {id: fever, name: fever, leak: 0.06, clinical: [fever]}}
  glucose:
    {name: glucose, kind: lab, unit: mg/dL, units: {"mmol/L": 18.016}, codes: {"2345-7": mg/dL, "14749-6": mmol/L},
     plausible: [10, 2000], marked: {low: 54, high: 250}, ranges: [{pregnant: true, low: 70, high: 95}, {low: 70, high: 140}],
     high: {id: glucose_high, name: hyperglycaemia, leak: 0.15, clinical: [hyperglycaemia]},
     low: {id: glucose_low, name: hypoglycaemia, leak: 0.02, clinical: [hypoglycaemia]}}
)";
}

inline std::string small_condition(const std::string& id, const std::string& extra = "", double cough = 0.8) {
  return "id: " + id + "\nname: " + id + " disease\ncode: J20\ncourse: acute\nurgency: routine\n" +
         "frequency: {primary_care: 10, emergency: 5}\nage: {1: 2, 40: 1, 80: 0.5}\nsudden: 0.2\n" +
         "duration_days: {median: 5, spread: 1}\nfindings: {cough: " + std::to_string(cough) +
         ", dry_cough: 0.4, tired: 0.4, fever: 0.3, a1: 0.1, a2: 0.1}\n" +
         "risk_factors: {smoker: 2, self: 3}\ntests: [chest X-ray]\nsources: [estimate]\n" + extra;
}

inline std::vector<KnowledgeFile> small_files() {
  return {{"findings/a.yaml", small_findings()},
          {"quantities/q.yaml", small_quantities()},
          {"conditions/respiratory/one.yaml", small_condition("one")},
          {"conditions/respiratory/two.yaml", small_condition("two", "alternatives: [one]\n", 0.5)}};
}

}  // namespace osler::clinical
