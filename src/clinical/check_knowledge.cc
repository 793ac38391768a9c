#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "clinical/raw_knowledge.h"

namespace osler::clinical {

namespace {

void check_phrases(const KnowledgeBase& knowledge, const std::vector<RawFinding>& raw, std::vector<KnowledgeFault>& faults) {
  std::unordered_map<std::string_view, FindingIndex> own, family;  // family findings are looked for only where relatives are meant, so they may share words with the rest
  const auto claim = [&](FindingIndex index, const std::string& phrase) {
    const Finding& finding = knowledge.findings[index];
    const auto [entry, fresh] = (finding.kind == FindingKind::family ? family : own).emplace(phrase, index);
    if (fresh || entry->second == index) return;
    const Place& place = raw[index].place;
    faults.push_back({place.path, place.line, "phrase '" + phrase + "' is claimed by '" + finding.id + "' and by '" +
                                                  knowledge.findings[entry->second].id + "'"});
  };
  for (FindingIndex i = 0; i < knowledge.findings.size(); ++i) {
    const Finding& finding = knowledge.findings[i];
    claim(i, finding.name);
    for (const auto* list : {&finding.clinical_phrases, &finding.lay_phrases, &finding.denied_by})
      for (const std::string& phrase : *list) claim(i, phrase);
  }
}

/// Two conditions that every finding says the same of cannot be told apart by any patient.
bool same_findings(const Condition& a, const Condition& b) {
  return a.findings.size() == b.findings.size() &&
         std::equal(a.findings.begin(), a.findings.end(), b.findings.begin(),
                    [](const FindingLink& x, const FindingLink& y) {
                      return x.finding == y.finding && std::abs(x.probability - y.probability) < 0.01;
                    });
}

void check_distinct(const KnowledgeBase& knowledge, std::vector<KnowledgeFault>& faults) {
  for (std::size_t i = 0; i < knowledge.conditions.size(); ++i) {
    const Condition& condition = knowledge.conditions[i];
    const std::string path = "conditions/" + condition.specialty + "/" + condition.id + ".yaml";
    if (condition.findings.size() < 6) faults.push_back({path, 0, "has fewer than 6 findings"});
    if (condition.tests.empty()) faults.push_back({path, 0, "recommends no test"});
    for (std::size_t j = i + 1; j < knowledge.conditions.size(); ++j)
      if (same_findings(condition, knowledge.conditions[j]))
        faults.push_back({path, 0, "no finding tells it apart from '" + knowledge.conditions[j].id + "'"});
  }
}

void check_names(const KnowledgeBase& knowledge, std::vector<KnowledgeFault>& faults) {
  std::map<std::string, std::string> owner;
  for (const Condition& condition : knowledge.conditions) {
    std::vector<std::string> names = condition.synonyms;
    names.push_back(condition.name);
    for (std::string& name : names) {
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      const auto [entry, fresh] = owner.emplace(name, condition.id);
      if (!fresh && entry->second != condition.id)
        faults.push_back({"conditions/" + condition.specialty + "/" + condition.id + ".yaml", 0,
                          "the name '" + name + "' is also a name of '" + entry->second + "'"});
    }
  }
}

}  // namespace

void check_knowledge(const KnowledgeBase& knowledge, const RawKnowledge& raw, std::vector<KnowledgeFault>& faults) {
  check_phrases(knowledge, raw.findings, faults);
  check_distinct(knowledge, faults);
  check_names(knowledge, faults);
}

}  // namespace osler::clinical
