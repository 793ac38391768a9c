// A small world of values from which answers are written: no reader, no network.
#pragma once

#include <string>
#include <vector>

#include "service/answer_json.h"

namespace osler::service {

/// Conditions c0, c1, ... named "condition 0", ...; findings "cough" and "fever". Change what a test needs, then write().
struct AnswerWorld {
  clinical::KnowledgeBase knowledge;
  clinical::PatientCase patient;
  language::CaseReading reading;
  clinical::Differential differential;
  std::vector<clinical::CaseWarning> warnings;
  reasoning::CalibrationRecord calibration{"Visits to one clinic", 321, "2026-01-02", "Not yours."};
  std::string model_version = "osler-network-1+kb.0123456789ab";
  std::string request_id = "3b1f0f8e-0000-4000-8000-000000000000";
  double threshold = 0.65;

  explicit AnswerWorld(std::size_t conditions = 12) {
    for (std::size_t i = 0; i < conditions; ++i) {
      clinical::Condition condition;
      condition.id = "c" + std::to_string(i);
      condition.name = "condition " + std::to_string(i);
      condition.code = "J" + std::to_string(10 + i);
      condition.tests = {{"chest X-ray", "", ""}, {"CT chest", "", "red flags only"}};
      knowledge.conditions.push_back(condition);
    }
    for (const char* name : {"cough", "fever"}) {
      clinical::Finding finding;
      finding.id = finding.name = name;
      knowledge.findings.push_back(finding);
    }
    patient.patient_id = "patient-1";
  }

  /// Adds a suspected condition; they must come in order of confidence, as reasoning gives them.
  AnswerWorld& suspect(clinical::ConditionIndex condition, double confidence, std::vector<clinical::Evidence> evidence = {}) {
    differential.suspected.push_back({condition, confidence, 0, std::move(evidence)});
    return *this;
  }
  AnswerWorld& know(clinical::ConditionIndex condition, std::size_t item = 0) {
    reading.findings.known.push_back({condition, {clinical::CaseField::preexisting_conditions, item, 0, 6}});
    return *this;
  }

  AnswerParts parts() const {
    return {knowledge, patient, reading, differential, warnings, calibration, model_version, request_id, threshold};
  }
  Json write() const { return write_answer(parts()); }
};

inline clinical::Evidence evidence(const std::string& text, double weight) { return {text, weight, "finding", "cough", {}}; }

inline std::vector<std::string> strings(const Json& list) { return list.get<std::vector<std::string>>(); }

/// "status code" of each diagnosis, in order.
inline std::vector<std::string> diagnoses_of(const Json& answer) {
  std::vector<std::string> list;
  for (const Json& diagnosis : answer["diagnoses"])
    list.push_back(diagnosis["status"].get<std::string>() + " " + diagnosis["condition_id"].get<std::string>());
  return list;
}

}  // namespace osler::service
