#include "evaluate/vignettes.h"

#include <algorithm>
#include <map>

namespace osler::evaluate {

namespace {

/// Members of a vignette and what the API calls them.
constexpr std::pair<const char*, const char*> kRenamed[] = {
    {"age_years", "age"}, {"sex", "sex"}, {"severity", "severity"}, {"symptoms", "symptoms"},
    {"narrative", "narrative"}, {"absent", "absent_findings"}, {"history", "preexisting_conditions"},
    {"family_history", "family_history"}, {"vitals", "vitals"}, {"labs", "lab_results"}, {"setting", "setting"},
    {"duration_days", "duration_days"}, {"onset", "onset"}, {"pregnant", "pregnant"}};

Vignette read_vignette(const Json& json) {
  Vignette vignette;
  vignette.id = json.value("id", "");
  vignette.specialty = json.value("specialty", "");
  vignette.urgency = json.value("urgency", "");
  vignette.age_years = json.at("age_years").get<double>();
  vignette.diagnosis = {json.at("diagnosis").at("name"), json.at("diagnosis").at("icd10")};
  if (json.contains("acceptable")) vignette.acceptable = json["acceptable"].get<std::vector<std::string>>();
  for (const Json& one : json.value("differential", Json::array())) vignette.differential.push_back({one.at("name"), one.at("icd10")});
  for (const auto& [from, to] : kRenamed)
    if (json.contains(from)) vignette.request[to] = json[from];
  return vignette;
}

std::string plain_code(const std::string& code) {
  std::string plain;
  for (const char c : code)
    if (c != '.' && plain.size() < 4) plain += c;
  return plain;
}

bool has_code(const clinical::Condition& condition, const std::string& code) {
  return codes_match(condition.code, code) ||
         std::any_of(condition.other_codes.begin(), condition.other_codes.end(), [&](const std::string& other) { return codes_match(other, code); });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

Result<std::vector<Vignette>> parse_vignettes(const std::string& content) {
  std::vector<Vignette> vignettes;
  std::size_t begin = 0;
  for (std::size_t line = 1; begin < content.size(); ++line) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    const std::string text = content.substr(begin, end - begin);
    begin = end + 1;
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = "line " + std::to_string(line);
    Result<Json> json = parse_json(text);
    if (!json) return make_error(ErrorCode::malformed, where + ": " + json.error().external);
    try {
      vignettes.push_back(read_vignette(*json));
    } catch (const Json::exception&) {  // nlohmann's edge
      return make_error(ErrorCode::malformed, where + ": lacks age_years or diagnosis{name, icd10}, or one has the wrong type.");
    }
  }
  return vignettes;
}

bool codes_match(const std::string& left, const std::string& right) {
  const std::string a = plain_code(left), b = plain_code(right);
  const std::size_t length = std::min(a.size(), b.size());
  return length >= 3 && a.substr(0, length) == b.substr(0, length);
}

std::set<clinical::ConditionIndex> matching_conditions(const clinical::KnowledgeBase& knowledge, const NamedDiagnosis& diagnosis) {
  std::set<clinical::ConditionIndex> matching;
  const std::string name = lower(diagnosis.name);
  for (clinical::ConditionIndex i = 0; i < knowledge.conditions.size(); ++i) {
    const clinical::Condition& condition = knowledge.conditions[i];
    bool match = has_code(condition, diagnosis.code) || lower(condition.name) == name;
    for (const std::string& synonym : condition.synonyms) match = match || lower(synonym) == name;
    if (match) matching.insert(i);
  }
  return matching;
}

std::set<clinical::ConditionIndex> acceptable_conditions(const clinical::KnowledgeBase& knowledge, const Vignette& vignette) {
  std::set<clinical::ConditionIndex> acceptable;
  for (clinical::ConditionIndex i = 0; i < knowledge.conditions.size(); ++i)
    for (const std::string& code : vignette.acceptable)
      if (has_code(knowledge.conditions[i], code)) acceptable.insert(i);
  return acceptable;
}

Result<void> add_acceptable(const std::string& mapping_json, std::vector<Vignette>& vignettes) {
  using Lists = std::map<std::string, std::vector<std::string>>;
  const Json mapping = TRY(parse_json(mapping_json));
  Lists by_case, by_code;
  try {
    by_case = mapping.value("cases", Lists{});
    by_code = mapping.value("codes", Lists{});
  } catch (const Json::exception&) {  // nlohmann's edge
    return make_error(ErrorCode::malformed, "The mapping must hold \"cases\" and \"codes\": each an object of lists of ICD-10 codes.");
  }
  for (Vignette& vignette : vignettes)
    for (const auto& [lists, key] : {std::pair(&by_case, &vignette.id), std::pair(&by_code, &vignette.diagnosis.code)})
      if (const auto found = lists->find(*key); found != lists->end())
        vignette.acceptable.insert(vignette.acceptable.end(), found->second.begin(), found->second.end());
  return {};
}

}  // namespace osler::evaluate
