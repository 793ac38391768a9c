#include "train/text/written_cases.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "evaluate/vignettes.h"
#include "service/case_json.h"

namespace osler::train {

using namespace clinical;

namespace {

/// The condition called so, else the only one that matches, else the first by id.
ConditionIndex condition_of(const KnowledgeBase& knowledge, const evaluate::NamedDiagnosis& diagnosis) {
  const std::set<ConditionIndex> matching = evaluate::matching_conditions(knowledge, diagnosis);
  for (const ConditionIndex c : matching)
    if (knowledge.conditions[c].name == diagnosis.name) return c;
  return matching.empty() ? kNone : *matching.begin();
}

Result<WrittenCase> read_line(const KnowledgeBase& knowledge, const std::string& line) {
  WrittenCase out;
  Json json = TRY(parse_json(line));
  if (json.is_object() && json.contains("condition") && json["condition"].is_string()) {
    const auto found = knowledge.condition_by_id.find(json["condition"].get<std::string>());
    if (found != knowledge.condition_by_id.end()) out.condition = found->second;
    json.erase("condition");
  } else {
    const std::vector<evaluate::Vignette> one = TRY(evaluate::parse_vignettes(line));
    if (one.empty()) return make_error(ErrorCode::malformed, "is no case.");
    out.condition = condition_of(knowledge, one.front().diagnosis);
    json = one.front().request;
  }
  out.patient = TRY(service::parse_case(json)).patient;
  return out;
}

}  // namespace

Result<std::vector<WrittenCase>> read_written_cases(const KnowledgeBase& knowledge, const std::string& folder, std::size_t& unknown) {
  namespace fs = std::filesystem;
  std::error_code failure;
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder, failure))
    if (entry.path().extension() == ".jsonl") paths.push_back(entry.path());
  if (failure) return make_error(ErrorCode::not_found, "There is no folder of written cases at " + folder + ".");
  std::sort(paths.begin(), paths.end());
  std::vector<WrittenCase> cases;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
      if (line.empty()) continue;
      Result<WrittenCase> one = read_line(knowledge, line);
      if (!one) return make_error(ErrorCode::corrupted, path + ", line " + std::to_string(number) + ": " + one.error().external);
      if (one->condition == kNone) ++unknown;
      else cases.push_back(std::move(*one));
    }
  }
  return cases;
}

}  // namespace osler::train
