// libFuzzer: any bytes as any field of a case, read with the shipped knowledge base.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/check.h"
#include "clinical/knowledge_loader.h"
#include "language/case_reader.h"

namespace {

using osler::clinical::KnowledgeBase;
using osler::clinical::PatientCase;
using osler::language::CaseReader;
using osler::language::CaseReading;

KnowledgeBase load() {
  const std::filesystem::path root = std::filesystem::path(OSLER_SOURCE_DIR) / "knowledge";
  std::vector<osler::clinical::KnowledgeFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    files.push_back({std::filesystem::relative(entry.path(), root).generic_string(),
                     std::string(std::istreambuf_iterator<char>(stream), {})});
  }
  std::vector<osler::clinical::KnowledgeFault> faults;
  auto knowledge = osler::clinical::load_knowledge(files, faults);
  CHECK(knowledge.has_value());
  return std::move(*knowledge);
}

const CaseReader& reader() {
  static const KnowledgeBase kKnowledge = load();
  static const CaseReader kReader(kKnowledge);
  return kReader;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 20'000) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  PatientCase patient;
  patient.age_years = data[0] % 100;
  switch (data[0] % 5) {
    case 0: patient.symptoms = {text}; break;
    case 1: patient.absent_findings = {text}; break;
    case 2: patient.preexisting_conditions = {text}; break;
    case 3: patient.family_history = {text}; break;
    default: patient.narrative = text;
  }
  const CaseReading reading = reader().read(patient);
  for (const osler::language::Mention& mention : reading.mentions) {
    CHECK(mention.span.begin <= mention.span.end);
    CHECK(mention.span.end <= text.size());
  }
  reader().complete(text, "", 10);
  return 0;
}
