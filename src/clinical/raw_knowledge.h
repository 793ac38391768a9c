// The knowledge files as read, with ids instead of indices: what the three readers hand to the resolver.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clinical/knowledge.h"
#include "clinical/yaml_node.h"

namespace osler::clinical {

/// Where an id was written, for faults found later.
struct Place {
  std::string path;
  int line = 0;
};

struct RawFinding {
  Finding value;
  std::string parent;     // id, empty for a root
  std::string quantity;   // id, empty unless vital or lab
  bool is_reference = false;  // a second quantity naming an already defined finding
  Place place;
};

struct RawQuantity {
  Quantity value;
  std::string high, low;  // finding ids
  Place place;
};

struct RawLink {
  std::string finding;
  FindingLink value;
  Place place;
};

struct RawRisk {
  std::string id;  // finding or condition id, or "self"
  RiskFactor value;
  Place place;
};

struct RawCondition {
  Condition value;
  std::vector<RawLink> findings;
  std::vector<RawRisk> risk_factors;
  std::vector<std::pair<std::string, Place>> alternatives;
  std::vector<std::pair<std::string, std::pair<double, Place>>> complications;
  Place place;
};

struct RawKnowledge {
  std::vector<RawFinding> findings;
  std::vector<RawQuantity> quantities;
  std::vector<RawCondition> conditions;
};

/// Each reads one file of its kind and appends; faults go to `faults`.
void read_findings(const YamlNode& document, FaultList& faults, RawKnowledge& raw);
void read_quantities(const YamlNode& document, FaultList& faults, RawKnowledge& raw);
void read_condition(const YamlNode& document, FaultList& faults, RawKnowledge& raw);

/// `limits` of a condition or a finding, where given.
void read_limits(const YamlMap& map, Limits& limits);

/// The words shared by findings and by the two sides of a quantity: name, phrases, leak, group.
void read_finding_body(const YamlMap& map, Finding& finding);

/// Resolves ids to indices and checks what concerns more than one file. Moves the values out of `raw`; what stays there is in the knowledge base's order.
KnowledgeBase resolve_knowledge(RawKnowledge& raw, std::vector<KnowledgeFault>& faults);

/// Checks on the finished knowledge base: phrases claimed twice, conditions nothing tells apart. `raw`: as the resolver left it.
void check_knowledge(const KnowledgeBase& knowledge, const RawKnowledge& raw, std::vector<KnowledgeFault>& faults);

bool is_identifier(std::string_view text);

}  // namespace osler::clinical
