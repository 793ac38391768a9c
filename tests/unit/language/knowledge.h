// The knowledge base that the repository ships, and shorthand to read one text with it.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "clinical/knowledge_loader.h"
#include "language/case_reader.h"

namespace osler::language {

inline const clinical::KnowledgeBase& shipped_knowledge() {
  static const clinical::KnowledgeBase kKnowledge = [] {
    const std::filesystem::path root = std::filesystem::path(OSLER_SOURCE_DIR) / "knowledge";
    std::vector<clinical::KnowledgeFile> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".yaml") continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      files.push_back({std::filesystem::relative(entry.path(), root).generic_string(),
                       std::string(std::istreambuf_iterator<char>(stream), {})});
    }
    std::vector<clinical::KnowledgeFault> faults;
    auto knowledge = clinical::load_knowledge(files, faults);
    for (const auto& fault : faults) ADD_FAILURE() << describe(fault);
    return knowledge ? std::move(*knowledge) : clinical::KnowledgeBase{};
  }();
  return kKnowledge;
}

inline const CaseReader& shipped_reader() {
  static const CaseReader kReader(shipped_knowledge());
  return kReader;
}

inline clinical::PatientCase patient_saying(std::string narrative) {
  clinical::PatientCase patient;
  patient.age_years = 40;
  patient.narrative = std::move(narrative);
  return patient;
}

/// "present", "absent" or "" for a finding by id.
inline std::string observed(const CaseReading& reading, const std::string& id) {
  for (const clinical::ObservedFinding& finding : reading.findings.findings)
    if (shipped_knowledge().findings[finding.finding].id == id)
      return finding.polarity == clinical::Polarity::present ? "present" : "absent";
  return "";
}

inline bool is_known(const CaseReading& reading, const std::string& id) {
  return std::any_of(reading.findings.known.begin(), reading.findings.known.end(), [&](const clinical::StatedCondition& known) {
    return shipped_knowledge().conditions[known.condition].id == id;
  });
}

inline bool has_warning(const CaseReading& reading, const std::string& code, const std::string& pointer) {
  return std::any_of(reading.warnings.begin(), reading.warnings.end(), [&](const clinical::CaseWarning& warning) {
    return warning.code == code && (pointer.empty() || warning.pointer == pointer);
  });
}

}  // namespace osler::language
