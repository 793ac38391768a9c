#include <cstdio>
#include <iostream>

#include "app/commands.h"
#include "clinical/knowledge_folder.h"
#include "base/json.h"
#include "language/phrase_check.h"

namespace osler::app {

using namespace clinical;

namespace {

Json counts_of(const KnowledgeBase& knowledge) {
  std::size_t phrases = 0, lay = 0;
  for (const Finding& finding : knowledge.findings) {
    phrases += finding.clinical_phrases.size() + finding.lay_phrases.size();
    lay += finding.lay_phrases.size();
  }
  Json counts;
  counts["conditions"] = knowledge.conditions.size();
  counts["findings"] = knowledge.findings.size();
  counts["quantities"] = knowledge.quantities.size();
  counts["loinc_codes"] = knowledge.quantity_by_loinc.size();
  counts["phrases"] = phrases;
  counts["lay_phrases"] = lay;
  counts["hash"] = knowledge.hash;
  return counts;
}

void print_faults(const std::vector<KnowledgeFault>& faults, Output output) {
  if (output == Output::json) {
    Json list = Json::array();
    for (const KnowledgeFault& fault : faults)
      list.push_back({{"path", fault.path}, {"line", fault.line}, {"message", fault.message}});
    std::cout << Json{{"faults", list}}.dump(2) << "\n";
    return;
  }
  for (const KnowledgeFault& fault : faults) std::cout << describe(fault) << "\n";
  std::cout << faults.size() << " fault(s)\n";
}

Json show_condition(const KnowledgeBase& knowledge, const Condition& condition) {
  Json json;
  json["id"] = condition.id;
  json["name"] = condition.name;
  json["code"] = condition.code;
  json["specialty"] = condition.specialty;
  json["course"] = name_of(condition.course);
  json["urgency"] = name_of(condition.urgency);
  json["must_not_miss"] = condition.must_not_miss;
  json["frequency_per_10000_visits"] = {{"primary_care", condition.frequency_primary_care},
                                        {"emergency", condition.frequency_emergency}};
  for (const FindingLink& link : condition.findings)
    if (!link.derived) json["findings"][knowledge.findings[link.finding].name] = link.probability;
  for (const RiskFactor& risk : condition.risk_factors)
    json["risk_factors"][risk.self ? "a past episode" : risk.finding != kNone ? knowledge.findings[risk.finding].name
                                                                             : knowledge.conditions[risk.condition].name] = risk.ratio;
  json["tests"] = Json::array();
  for (const RecommendedTest& test : condition.tests)
    json["tests"].push_back(test.when.empty() ? test.name : test.name + " (" + test.when + ")");
  json["ruled_out_by"] = condition.ruled_out_by;
  json["sources"] = condition.sources;
  return json;
}

Json show_finding(const KnowledgeBase& knowledge, FindingIndex index) {
  const Finding& finding = knowledge.findings[index];
  Json json;
  json["id"] = finding.id;
  json["name"] = finding.name;
  json["kind"] = name_of(finding.kind);
  if (finding.parent != kNone) json["is_a"] = knowledge.findings[finding.parent].name;
  json["leak"] = finding.leak;
  json["clinical_phrases"] = finding.clinical_phrases;
  json["lay_phrases"] = finding.lay_phrases;
  for (const Condition& condition : knowledge.conditions)
    for (const FindingLink& link : condition.findings)
      if (link.finding == index) json["in"][condition.name] = link.probability;
  return json;
}

/// Indented "key: value" lines: the same content as the JSON, for reading.
void print_human(const Json& json, int indent = 0) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const auto& [key, value] : json.items()) {
    if (value.is_structured()) {
      std::cout << margin << key << ":\n";
      if (value.is_object()) print_human(value, indent + 2);
      else for (const Json& item : value) std::cout << margin << "  - " << (item.is_string() ? item.get<std::string>() : item.dump()) << "\n";
    } else {
      std::cout << margin << key << ": " << (value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
    }
  }
}

}  // namespace

int refuse(const Error& error) {
  std::fprintf(stderr, "osler: %s\n", describe(error).c_str());
  return 1;
}

int knowledge_check(const Config& config, Output output) {
  const auto files = clinical::read_knowledge_folder(config.knowledge_folder);
  if (!files) return refuse(files.error());
  std::vector<KnowledgeFault> faults;
  const auto knowledge = load_knowledge(*files, faults);
  if (!knowledge) {
    print_faults(faults, output);
    return 1;
  }
  for (const language::PhraseClash& clash : language::phrase_clashes(*knowledge))
    faults.push_back({"findings", 0, "'" + clash.first_phrase + "' of '" + knowledge->findings[clash.first].id + "' and '" + clash.second_phrase +
                                         "' of '" + knowledge->findings[clash.second].id + "' are the same words to the reader"});
  if (!faults.empty()) {
    print_faults(faults, output);
    return 1;
  }
  const Json counts = counts_of(*knowledge);
  if (output == Output::json) std::cout << counts.dump(2) << "\n";
  else print_human(counts);
  return 0;
}

int knowledge_show(const Config& config, const std::string& id, Output output) {
  const auto files = clinical::read_knowledge_folder(config.knowledge_folder);
  if (!files) return refuse(files.error());
  std::vector<KnowledgeFault> faults;
  const auto knowledge = load_knowledge(*files, faults);
  if (!knowledge) return refuse(knowledge.error());
  const auto condition = knowledge->condition_by_id.find(id);
  const auto finding = knowledge->finding_by_id.find(id);
  if (condition == knowledge->condition_by_id.end() && finding == knowledge->finding_by_id.end())
    return refuse(make_error(ErrorCode::not_found, "No condition or finding is called '" + id + "'; `osler knowledge check` counts what there is."));
  // `headache` and `constipation` are conditions and findings: show both.
  Json json;
  if (condition != knowledge->condition_by_id.end())
    json["condition"] = show_condition(*knowledge, knowledge->conditions[condition->second]);
  if (finding != knowledge->finding_by_id.end()) json["finding"] = show_finding(*knowledge, finding->second);
  if (output == Output::json) std::cout << json.dump(2) << "\n";
  else print_human(json);
  return 0;
}

}  // namespace osler::app
