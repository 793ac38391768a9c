// Fourteen made-up conditions, loaded, with a reader and a network over them: enough for an answer from end to end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../clinical/small_knowledge.h"
#include "service/case_answerer.h"

namespace osler::service {

inline std::string sign(int number) { return "spotted sign number" + std::string(1, static_cast<char>('a' + number)); }

inline std::string small_world_findings() {
  std::string yaml = clinical::small_findings();
  for (int i = 0; i < 14; ++i) {
    const std::string id = "s" + std::to_string(i);
    yaml += "  " + id + ": {name: " + sign(i) + ", kind: sign, leak: 0.01, clinical: [" + sign(i) + " seen]}\n";
  }
  return yaml;
}

/// Number 13 is chronic and called "lasting malady"; the others are acute.
inline std::string small_world_condition(int number) {
  const std::string id = "d" + std::to_string(number);
  const bool chronic = number == 13;
  const std::string name = chronic ? "lasting malady" : "malady " + std::string(1, static_cast<char>('a' + number));
  return "id: " + id + "\nname: " + name + "\ncode: J" + std::to_string(10 + number) +
         "\ncourse: " + (chronic ? "chronic" : "acute") + "\nurgency: routine\n" +
         "frequency: {primary_care: 10, emergency: 5}\nage: {1: 2, 40: 1, 80: 0.5}\nsudden: 0.2\n" +
         "duration_days: {median: 5, spread: 1}\nfindings: {s" + std::to_string(number) +
         ": 0.9, cough: 0.5, dry_cough: 0.3, tired: 0.4, fever: 0.3, a1: 0.1, a2: 0.1}\n" +
         "risk_factors: {smoker: 2}\ntests: [chest X-ray]\nsources: [estimate]\n";
}

inline std::vector<clinical::KnowledgeFile> small_world_files() {
  std::vector<clinical::KnowledgeFile> files = {{"findings/a.yaml", small_world_findings()},
                                                {"quantities/q.yaml", clinical::small_quantities()}};
  for (int i = 0; i < 14; ++i)
    files.push_back({"conditions/respiratory/d" + std::to_string(i) + ".yaml", small_world_condition(i)});
  return files;
}

inline clinical::KnowledgeBase small_world_knowledge() {
  std::vector<clinical::KnowledgeFault> faults;
  Result<clinical::KnowledgeBase> knowledge = clinical::load_knowledge(small_world_files(), faults);
  for (const clinical::KnowledgeFault& fault : faults) ADD_FAILURE() << describe(fault);
  return std::move(knowledge).value();
}

/// Immovable, since its parts refer to one another.
struct SmallWorld {
  explicit SmallWorld(DiagnoseDefaults defaults = {}, std::string encoder_trouble = "")
      : answerer(knowledge, reader, network, model, nullptr, std::move(encoder_trouble), defaults) {}
  SmallWorld(const SmallWorld&) = delete;
  SmallWorld& operator=(const SmallWorld&) = delete;

  const clinical::KnowledgeBase knowledge = small_world_knowledge();
  const language::CaseReader reader{knowledge};
  const models::NetworkModel model{{"osler-network", "7", "network", {}}, {}, {"Nobody", 3, "2026-01-02", ""}};
  const reasoning::Network network{knowledge, model.parameters};
  const CaseAnswerer answerer;
};

}  // namespace osler::service
