#include <algorithm>
#include <set>

#include "clinical/raw_knowledge.h"

namespace osler::clinical {

namespace {

class Resolver {
 public:
  Resolver(RawKnowledge& raw, std::vector<KnowledgeFault>& faults) : raw_(raw), faults_(faults) {}

  KnowledgeBase run() {
    number_findings();
    number_quantities();
    number_conditions();
    resolve_parents();
    resolve_quantity_sides();
    for (ConditionIndex c = 0; c < raw_.conditions.size(); ++c) resolve_condition(c);
    make_alternatives_symmetric();
    for (Condition& condition : knowledge_.conditions) derive_ancestors(condition);
    return std::move(knowledge_);
  }

 private:
  void fault(const Place& place, std::string message) { faults_.push_back({place.path, place.line, std::move(message)}); }

  template <typename Raw, typename Index>
  void number(std::vector<Raw>& raw, std::unordered_map<std::string, Index>& by_id, const char* what) {
    std::stable_sort(raw.begin(), raw.end(), [](const Raw& a, const Raw& b) { return a.value.id < b.value.id; });
    for (std::size_t i = 0; i < raw.size(); ++i)
      if (!by_id.emplace(raw[i].value.id, static_cast<Index>(i)).second)
        fault(raw[i].place, std::string(what) + " '" + raw[i].value.id + "' is defined twice");
  }

  void number_findings() {
    std::vector<RawFinding> references;
    const auto is_reference = [](const RawFinding& finding) { return finding.is_reference; };
    std::copy_if(raw_.findings.begin(), raw_.findings.end(), std::back_inserter(references), is_reference);
    std::erase_if(raw_.findings, is_reference);
    number(raw_.findings, knowledge_.finding_by_id, "finding");
    for (const RawFinding& reference : references)
      if (!knowledge_.finding_by_id.contains(reference.value.id))
        fault(reference.place, "finding '" + reference.value.id + "' is named here but defined nowhere");
    for (RawFinding& finding : raw_.findings) knowledge_.findings.push_back(std::move(finding.value));
  }

  void number_quantities() {
    number(raw_.quantities, knowledge_.quantity_by_id, "quantity");
    for (RawQuantity& raw : raw_.quantities) {
      const auto index = static_cast<QuantityIndex>(knowledge_.quantities.size());
      const Quantity& quantity = knowledge_.quantities.emplace_back(std::move(raw.value));
      if (!quantity.field.empty() && !knowledge_.quantity_by_field.emplace(quantity.field, index).second)
        fault(raw.place, "field '" + quantity.field + "' is claimed twice");
      for (const auto& [code, unit] : quantity.codes)
        if (!knowledge_.quantity_by_loinc.emplace(code, index).second)
          fault(raw.place, "LOINC " + code + " is claimed by two quantities");
    }
  }

  void number_conditions() {
    number(raw_.conditions, knowledge_.condition_by_id, "condition");
    for (RawCondition& raw : raw_.conditions) {
      Condition& condition = knowledge_.conditions.emplace_back(std::move(raw.value));
      const std::string& path = raw.place.path;  // conditions/<specialty>/<id>.yaml
      const std::size_t last = path.rfind('/');
      if (last == std::string::npos || path.substr(last + 1) != condition.id + ".yaml")
        fault(raw.place, "the file must be called " + condition.id + ".yaml");
      const std::size_t before = last == std::string::npos || last == 0 ? std::string::npos : path.rfind('/', last - 1);
      if (before != std::string::npos) condition.specialty = path.substr(before + 1, last - before - 1);
    }
  }

  FindingIndex finding(const std::string& id, const Place& place) {
    const auto found = knowledge_.finding_by_id.find(id);
    if (found != knowledge_.finding_by_id.end()) return found->second;
    fault(place, "unknown finding '" + id + "'");
    return kNone;
  }

  void resolve_parents() {
    for (FindingIndex i = 0; i < raw_.findings.size(); ++i) {
      const RawFinding& raw = raw_.findings[i];
      if (raw.parent.empty()) continue;
      const FindingIndex parent = finding(raw.parent, raw.place);
      if (parent == kNone) continue;
      if (knowledge_.findings[parent].quantity != kNone) fault(raw.place, "a measured finding cannot be a parent");
      knowledge_.findings[i].parent = parent;
    }
    for (FindingIndex i = 0; i < raw_.findings.size(); ++i) break_cycle(i);
    for (FindingIndex i = 0; i < raw_.findings.size(); ++i) {
      Finding& self = knowledge_.findings[i];
      if (self.parent == kNone) continue;
      knowledge_.findings[self.parent].children.push_back(i);
      self.leak = self.share;
      for (FindingIndex up = self.parent; up != kNone; up = knowledge_.findings[up].parent)
        self.leak *= knowledge_.findings[up].parent == kNone ? knowledge_.findings[up].leak : knowledge_.findings[up].share;
    }
  }

  void break_cycle(FindingIndex start) {
    std::set<FindingIndex> seen{start};
    for (FindingIndex up = knowledge_.findings[start].parent; up != kNone; up = knowledge_.findings[up].parent) {
      if (seen.insert(up).second) continue;
      fault(raw_.findings[start].place, "finding '" + knowledge_.findings[start].id + "' is its own ancestor");
      knowledge_.findings[start].parent = kNone;
      return;
    }
  }

  void resolve_quantity_sides() {
    for (QuantityIndex q = 0; q < raw_.quantities.size(); ++q) {
      const RawQuantity& raw = raw_.quantities[q];
      Quantity& quantity = knowledge_.quantities[q];
      if (!raw.high.empty()) quantity.high = finding(raw.high, raw.place);
      if (!raw.low.empty()) quantity.low = finding(raw.low, raw.place);
      for (const FindingIndex side : {quantity.high, quantity.low})
        if (side != kNone && knowledge_.findings[side].quantity == kNone) knowledge_.findings[side].quantity = q;
    }
  }

  void resolve_condition(ConditionIndex c) {
    const RawCondition& raw = raw_.conditions[c];
    Condition& condition = knowledge_.conditions[c];
    for (const RawLink& link : raw.findings) {
      FindingLink resolved = link.value;
      resolved.finding = finding(link.finding, link.place);
      if (resolved.finding == kNone) continue;
      if (resolved.marked && knowledge_.findings[resolved.finding].quantity == kNone)
        fault(link.place, "'marked' is for measured findings, and '" + link.finding + "' is none");
      if (resolved.baseline && condition.course != Course::chronic)
        fault(link.place, "'baseline' is for chronic conditions only");
      condition.findings.push_back(resolved);
    }
    std::sort(condition.findings.begin(), condition.findings.end(),
              [](const FindingLink& a, const FindingLink& b) { return a.finding < b.finding; });
    for (const RawRisk& risk : raw.risk_factors) resolve_risk(risk, c);
    for (const auto& [id, place] : raw.alternatives) {
      const auto other = knowledge_.condition_by_id.find(id);
      if (other == knowledge_.condition_by_id.end()) fault(place, "unknown condition '" + id + "'");
      else if (other->second == c) fault(place, "a condition cannot be its own alternative");
      else condition.alternatives.push_back(other->second);
    }
    for (const auto& [id, entry] : raw.complications) {
      const auto other = knowledge_.condition_by_id.find(id);
      if (other == knowledge_.condition_by_id.end()) fault(entry.second, "unknown condition '" + id + "'");
      else condition.complications.emplace_back(other->second, entry.first);
    }
  }

  void resolve_risk(const RawRisk& raw, ConditionIndex c) {
    RiskFactor risk = raw.value;
    const auto by_finding = knowledge_.finding_by_id.find(raw.id);
    const auto by_condition = knowledge_.condition_by_id.find(raw.id);
    if (raw.id == "self" || raw.id == knowledge_.conditions[c].id) risk.self = true;
    else if (by_finding != knowledge_.finding_by_id.end()) risk.finding = by_finding->second;
    else if (by_condition != knowledge_.condition_by_id.end()) risk.condition = by_condition->second;
    else return fault(raw.place, "unknown risk factor '" + raw.id + "': no finding or condition has this id");
    knowledge_.conditions[c].risk_factors.push_back(risk);
  }

  void make_alternatives_symmetric() {
    for (ConditionIndex c = 0; c < knowledge_.conditions.size(); ++c)
      for (const ConditionIndex other : std::vector<ConditionIndex>(knowledge_.conditions[c].alternatives))
        knowledge_.conditions[other].alternatives.push_back(c);
    for (Condition& condition : knowledge_.conditions) {
      std::vector<ConditionIndex>& list = condition.alternatives;
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
    }
  }

  const FindingLink* link_to(const Condition& condition, FindingIndex index) const {
    for (const FindingLink& link : condition.findings)
      if (link.finding == index) return &link;
    return nullptr;
  }

  /// network.md: p(child) <= p(parent), and an unlisted parent takes the largest p of its listed children.
  void derive_ancestors(Condition& condition) {
    const Place place{"conditions/" + condition.specialty + "/" + condition.id + ".yaml", 0};
    std::vector<FindingLink> pending = condition.findings;
    while (!pending.empty()) {
      const FindingLink link = pending.back();
      pending.pop_back();
      const FindingIndex parent = knowledge_.findings[link.finding].parent;
      if (parent == kNone) continue;
      auto above = std::find_if(condition.findings.begin(), condition.findings.end(),
                                [&](const FindingLink& other) { return other.finding == parent; });
      if (above == condition.findings.end()) {
        FindingLink derived{parent, std::max(link.probability, knowledge_.findings[parent].leak), link.baseline, {}, true};
        condition.findings.push_back(derived);
        pending.push_back(derived);
      } else if (above->probability < link.probability) {
        if (!above->derived)
          fault(place, "'" + knowledge_.findings[link.finding].id + "' is more likely than its parent '" +
                           knowledge_.findings[parent].id + "'");
        above->probability = link.probability;
        if (link.baseline) above->baseline = std::max(above->baseline.value_or(0), *link.baseline);
        pending.push_back(*above);
      }
    }
    std::sort(condition.findings.begin(), condition.findings.end(),
              [](const FindingLink& a, const FindingLink& b) { return a.finding < b.finding; });
  }

  RawKnowledge& raw_;
  std::vector<KnowledgeFault>& faults_;
  KnowledgeBase knowledge_;
};

}  // namespace

KnowledgeBase resolve_knowledge(RawKnowledge& raw, std::vector<KnowledgeFault>& faults) {
  return Resolver(raw, faults).run();
}

}  // namespace osler::clinical
