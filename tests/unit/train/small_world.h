// A small knowledge base for the tests of this folder, a vocabulary that spells it, and files to read.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "clinical/knowledge_loader.h"
#include "neural/word_piece.h"
#include "train/cases/case_generator.h"
#include "train/text/vocabulary.h"

namespace osler::train {

inline std::string small_findings() {
  return R"(findings:
  cough: {name: cough, kind: symptom, leak: 0.08, clinical: [cough, tussis], lay: [coughing]}
  dry_cough: {name: dry cough, kind: symptom, parent: cough, share: 0.4, clinical: [dry cough], lay: [hacking without phlegm]}
  tired: {name: fatigue, kind: symptom, leak: 0.15, clinical: [fatigue, exhaustion], lay: [worn out]}
  headache: {name: headache, kind: symptom, leak: 0.1, clinical: [headache, cephalgia], lay: [my head hurts]}
  thirst: {name: thirst, kind: symptom, leak: 0.02, clinical: [polydipsia], lay: ["=drinking gallons"]}
  crackles: {name: crackles, kind: sign, leak: 0.02, clinical: [crackles], lay: [crackling chest]}
  shadow: {name: shadow on the X-ray, kind: imaging, leak: 0.01, clinical: [pulmonary infiltrate]}
  smoker: {name: smoker, kind: history, leak: 0.2, clinical: [current smoker]}
  travel: {name: travel, kind: exposure, leak: 0.02, clinical: [recent travel abroad]}
  family_diabetes: {name: diabetes in the family, kind: family, leak: 0.1, clinical: [diabetes mellitus]}
)";
}

inline std::string small_quantities() {
  return R"(quantities:
  temperature:
    {name: temperature, kind: vital, field: temperature_c, unit: Cel, plausible: [25, 45], marked: {low: 34, high: 39.5},
     ranges: [{age_max: 0.25, low: 36.5, high: 37.9}, {low: 35.5, high: 37.9}], high: {id: fever, name: fever, leak: 0.06, clinical: [fever]}}
  glucose:
    {name: glucose, kind: lab, unit: mg/dL, units: {"mmol/L": 18.016}, codes: {"2345-7": mg/dL}, plausible: [10, 2000], marked: {low: 54, high: 250},
     ranges: [{pregnant: true, low: 70, high: 95}, {low: 70, high: 140}],
     high: {id: glucose_high, name: hyperglycaemia, leak: 0.15, clinical: [hyperglycaemia]},
     low: {id: glucose_low, name: hypoglycaemia, leak: 0.02, clinical: [hypoglycaemia]}}
)";
}

inline clinical::KnowledgeFile small_condition(const std::string& id, const std::string& course, const std::string& rest) {
  return {"conditions/all/" + id + ".yaml", "id: " + id + "\nname: " + id + " disease\nsynonyms: [morbus " + id + "]\ncode: J20\ncourse: " + course +
                                                "\ntests: [waiting]\nsources: [estimate]\n" + rest};
}

inline std::vector<clinical::KnowledgeFile> small_files() {
  return {{"findings/a.yaml", small_findings()},
          {"quantities/q.yaml", small_quantities()},
          small_condition("cold", "acute", R"(urgency: self_care
frequency: {primary_care: 400, emergency: 100}
duration_days: {median: 5, spread: 1}
sudden: 0.2
findings: {cough: 0.6, dry_cough: 0.4, tired: 0.4, headache: 0.5, fever: 0.3, crackles: 0.1, shadow: 0.02, travel: 0.3}
risk_factors: {smoker: 2, sweetness: 2, self: 3}
)"),
          small_condition("sweetness", "chronic", R"(urgency: emergency
frequency: {primary_care: 100, emergency: 100}
duration_days: {median: 30, spread: 1}
sudden: 0.9
age: {20: 0.1, 60: 2}
findings: {thirst: {p: 0.8, baseline: 0.2}, tired: 0.4, glucose_high: {p: 0.7, marked: 0.4}, headache: 0.2, cough: 0.05, crackles: 0.02}
risk_factors: {family_diabetes: 6}
)"),
          small_condition("morning_sickness", "acute", R"(urgency: routine
frequency: {primary_care: 10, emergency: 1}
duration_days: {median: 10, spread: 1}
sudden: 0.3
limits: {sex: female, age_min: 15, age_max: 45, pregnant: true}
findings: {tired: 0.7, headache: 0.2, glucose_low: 0.3, thirst: 0.3, cough: 0.02, crackles: 0.01}
)"),
          small_condition("old_mens_cough", "acute", R"(urgency: urgent
frequency: {primary_care: 4, emergency: 1}
duration_days: {median: 10, spread: 1}
sudden: 0.3
limits: {sex: male, age_min: 60}
findings: {cough: 0.97, dry_cough: 0.3, tired: 0.3, shadow: 0.4, crackles: 0.5, headache: 0.1}
)"),
          small_condition("newborn_fever", "acute", R"(urgency: emergency
frequency: {primary_care: 1, emergency: 4}
duration_days: {median: 1, spread: 1}
sudden: 0.5
limits: {age_max: 0.25, pregnant: false}
findings: {fever: 0.9, tired: 0.5, cough: 0.2, crackles: 0.1, headache: 0.01, shadow: 0.05}
)")};
}

inline clinical::KnowledgeBase small_world() {
  std::vector<clinical::KnowledgeFault> faults;
  auto knowledge = clinical::load_knowledge(small_files(), faults);
  for (const auto& fault : faults) ADD_FAILURE() << describe(fault);
  return std::move(knowledge).value();
}

inline clinical::FindingLink& link_of(clinical::KnowledgeBase& knowledge, const std::string& condition, const std::string& finding) {
  for (clinical::FindingLink& link : knowledge.conditions[knowledge.condition_by_id.at(condition)].findings)
    if (link.finding == knowledge.finding_by_id.at(finding)) return link;
  throw std::invalid_argument(condition + " does not list " + finding);
}

/// The text that a span cuts from.
inline std::string text_of(const clinical::PatientCase& patient, const clinical::TextSpan& span) {
  switch (span.field) {
    case clinical::CaseField::symptoms: return patient.symptoms.at(span.item);
    case clinical::CaseField::absent_findings: return patient.absent_findings.at(span.item);
    case clinical::CaseField::narrative: return patient.narrative;
    default: throw std::invalid_argument("no field for words of a finding");
  }
}

/// Everything a generated case says, to compare cases with.
inline std::string written(const clinical::KnowledgeBase& knowledge, const GeneratedCase& generated) { return write_generated(knowledge, generated).dump(); }

/// Whole words of the small world's commonest texts, and pieces for the rest.
inline neural::WordPiece small_word_piece() {
  WordCounts counts;
  for (int i = 0; i < 2; ++i) count_words("no year old female male cough tired has got the my and for days weeks fatigue with of reports denies headache", counts);
  return neural::WordPiece::from_vocabulary(make_vocabulary(counts, {}, 400), {}).value();
}

inline void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace osler::train
