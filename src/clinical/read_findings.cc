#include "clinical/raw_knowledge.h"

namespace osler::clinical {

bool is_identifier(std::string_view text) {
  if (text.empty() || text.size() > 80 || text.front() < 'a' || text.front() > 'z') return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

namespace {

void read_leak_factors(const YamlMap& map, LeakFactors& factors) {
  map.each("leak_factors", [&](const std::string& key, const YamlNode& value) {
    const std::map<std::string, double LeakFactors::*> members = {
        {"female", &LeakFactors::female}, {"male", &LeakFactors::male},   {"infant", &LeakFactors::infant},
        {"child", &LeakFactors::child},   {"adult", &LeakFactors::adult}, {"older", &LeakFactors::older},
        {"pregnant", &LeakFactors::pregnant}};
    const auto member = members.find(key);
    const std::optional<double> factor = number_of(value);
    if (member == members.end()) map.faults().add(value, "unknown leak factor '" + key + "'");
    else if (!factor || *factor < 0.001 || *factor > 50) map.faults().add(value, "leak factor must lie in [0.001, 50]");
    else factors.*member->second = *factor;
  });
}

void check_phrase(const YamlMap& map, const std::string& phrase) {
  for (const char c : phrase) {
    if (c >= 'A' && c <= 'Z') return map.fault("phrase '" + phrase + "' must be lower case");
    if (c == ',' || c == ';' || c == '.' || c == '(' || c == ')' || c == '"')
      return map.fault("phrase '" + phrase + "' must hold plain words only");
  }
}

}  // namespace

void read_finding_body(const YamlMap& map, Finding& finding) {
  finding.name = map.text("name", true);
  finding.group = map.text("group", false);
  read_leak_factors(map, finding.leak_factors);
  finding.clinical_phrases = map.texts("clinical");
  finding.lay_phrases = map.texts("lay");
  finding.denied_by = map.texts("denied_by");
  for (const auto* list : {&finding.clinical_phrases, &finding.lay_phrases, &finding.denied_by})
    for (const std::string& phrase : *list) check_phrase(map, phrase);
}

void read_findings(const YamlNode& document, FaultList& faults, RawKnowledge& raw) {
  const YamlMap top(document, faults, "file");
  top.allow_only({"findings"});
  top.each("findings", [&](const std::string& id, const YamlNode& node) {
    const YamlMap map(node, faults, "finding '" + id + "'");
    map.allow_only({"name", "kind", "parent", "share", "leak", "leak_factors", "group", "limits", "clinical", "lay", "denied_by"});
    RawFinding finding;
    finding.place = {faults.path(), node.line};
    finding.value.id = id;
    if (!is_identifier(id)) map.fault("an id is lower-case letters, digits and underscores");
    constexpr FindingKind kKinds[] = {FindingKind::symptom, FindingKind::sign,     FindingKind::imaging,
                                      FindingKind::history, FindingKind::exposure, FindingKind::family};
    finding.value.kind = kKinds[map.choice("kind", {"symptom", "sign", "imaging", "history", "exposure", "family"}, true)];
    read_finding_body(map, finding.value);
    read_limits(map, finding.value.limits);
    finding.parent = map.text("parent", false);
    if (finding.parent.empty()) {
      finding.value.leak = map.number_in("leak", 0.0001, 0.6, 0.01, true);
      if (map.has("share")) map.fault("'share' needs a 'parent'");
    } else {
      finding.value.share = map.number_in("share", 0.002, 0.9, 0.1, true);
      if (map.has("leak")) map.fault("a finding with a 'parent' has 'share', not 'leak'");
    }
    if (finding.value.clinical_phrases.empty() && finding.value.lay_phrases.empty())
      map.fault("no phrases: nothing in a text could ever mean it");
    raw.findings.push_back(std::move(finding));
  });
}

}  // namespace osler::clinical
