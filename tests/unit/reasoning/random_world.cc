#include "random_world.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace osler::reasoning {

using namespace clinical;

namespace {

class Dice {
 public:
  explicit Dice(std::mt19937& random) : random_(random) {}
  double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  double log_between(double low, double high) { return std::exp(between(std::log(low), std::log(high))); }
  bool chance(double p) { return between(0, 1) < p; }
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(std::uniform_int_distribution<std::size_t>(0, n - 1)(random_)); }

 private:
  std::mt19937& random_;
};

FindingKind random_kind(Dice& dice) {
  static constexpr FindingKind kKinds[] = {FindingKind::symptom, FindingKind::symptom, FindingKind::sign,  FindingKind::imaging,
                                           FindingKind::history, FindingKind::exposure, FindingKind::family};
  return kKinds[dice.below(std::size(kKinds))];
}

void add_random_findings(Dice& dice, KnowledgeBase& knowledge, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = "finding_" + std::to_string(i);
    const bool child = i > 2 && dice.chance(0.4);
    const FindingIndex index = child ? add_child(knowledge, id, dice.below(i), dice.between(0.01, 0.9))
                                     : add_finding(knowledge, id, dice.log_between(0.0005, 0.5), random_kind(dice));
    Finding& finding = knowledge.findings[index];
    if (child) finding.kind = random_kind(dice);
    if (dice.chance(0.3)) finding.group = "group_" + std::to_string(dice.below(3));
    if (dice.chance(0.2)) finding.leak_factors = {dice.between(0.5, 2), dice.between(0.5, 2), 1.3, 0.7, 1, 1.4, 1.2};
  }
}

void add_random_quantities(Dice& dice, KnowledgeBase& knowledge, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = "quantity_" + std::to_string(i);
    const bool shares = i > 0 && dice.chance(0.25);
    FindingIndex high = kNone, low = kNone;
    if (shares) high = knowledge.quantities.back().high;
    if (high == kNone) {
      const int sides = static_cast<int>(dice.below(3));
      if (sides != 1) high = add_finding(knowledge, id + "_high", dice.log_between(0.001, 0.4), FindingKind::lab);
      if (sides != 0) low = add_finding(knowledge, id + "_low", dice.log_between(0.001, 0.4), FindingKind::lab);
    }
    const QuantityIndex index = add_quantity(knowledge, id, high, low);
    if (dice.chance(0.5)) knowledge.quantities[index].group = "normal_vitals";
    if (!shares && dice.chance(0.3)) knowledge.findings[high == kNone ? low : high].group = "group_0";
  }
}

void add_random_links(Dice& dice, KnowledgeBase& knowledge, ConditionIndex index) {
  Condition& condition = knowledge.conditions[index];
  for (FindingIndex f = 0; f < knowledge.findings.size(); ++f) {
    if (!dice.chance(0.35)) continue;
    FindingLink link;
    link.finding = f;
    link.probability = dice.chance(0.3) ? dice.between(0.6, 0.98) : dice.log_between(0.002, 0.9);
    if (condition.course == Course::chronic && dice.chance(0.5)) link.baseline = link.probability * dice.between(0.1, 1);
    if (knowledge.findings[f].kind == FindingKind::lab && dice.chance(0.5)) link.marked = dice.between(0.05, 0.9);
    condition.findings.push_back(link);
  }
  for (FindingIndex f = 0; f < knowledge.findings.size(); ++f) {
    if (!dice.chance(0.08)) continue;
    RiskFactor risk;
    risk.finding = f;
    risk.ratio = dice.log_between(0.02, 30);
    if (dice.chance(0.4)) risk.group = "risk_" + std::to_string(dice.below(2));
    condition.risk_factors.push_back(risk);
  }
}

void add_random_relations(Dice& dice, KnowledgeBase& knowledge, ConditionIndex index) {
  Condition& condition = knowledge.conditions[index];
  for (ConditionIndex other = 0; other < knowledge.conditions.size(); ++other) {
    if (other == index) continue;
    if (dice.chance(0.05)) condition.alternatives.push_back(other), knowledge.conditions[other].alternatives.push_back(index);
    if (dice.chance(0.05)) condition.complications.emplace_back(other, dice.between(3, 30));
    if (!dice.chance(0.05)) continue;
    RiskFactor risk;
    risk.condition = other;
    risk.ratio = dice.log_between(0.1, 30);
    condition.risk_factors.push_back(risk);
  }
  if (!dice.chance(0.3)) return;
  RiskFactor self;
  self.self = true;
  self.ratio = dice.between(1.5, 20);
  condition.risk_factors.push_back(self);
}

void randomise(Dice& dice, Condition& condition) {
  condition.course = static_cast<Course>(dice.below(3));
  condition.urgency = static_cast<Urgency>(dice.below(4));
  condition.must_not_miss = dice.chance(0.2);
  condition.frequency_primary_care = dice.log_between(0.05, 300);
  condition.frequency_emergency = dice.log_between(0.05, 300);
  if (dice.chance(0.7)) condition.age = {{2, dice.log_between(0.05, 3)}, {30, dice.log_between(0.05, 3)}, {70, dice.log_between(0.05, 3)}};
  condition.female = dice.between(0.3, 1.7);
  condition.male = dice.between(0.3, 1.7);
  condition.pregnancy = dice.between(0.2, 2);
  if (dice.chance(0.1)) condition.limits.age_min = 16;
  if (dice.chance(0.1)) condition.limits.age_max = 60;
  if (dice.chance(0.1)) condition.limits.sex = dice.chance(0.5) ? Sex::female : Sex::male;
  if (dice.chance(0.05)) condition.limits.pregnant = dice.chance(0.5);
  condition.sudden = dice.between(0.02, 0.98);
  condition.duration_median_days = dice.log_between(0.1, 300);
  condition.duration_spread = dice.between(0.7, 2.5);
}

template <typename T>
std::vector<std::uint32_t> shuffled_places(std::mt19937& random, const std::vector<T>& items) {
  std::vector<std::uint32_t> places(items.size());
  std::iota(places.begin(), places.end(), 0U);
  std::shuffle(places.begin(), places.end(), random);
  return places;
}

template <typename T>
std::vector<T> moved(const std::vector<T>& items, const std::vector<std::uint32_t>& places) {
  std::vector<T> out(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) out[places[i]] = items[i];
  return out;
}

void to(std::uint32_t& index, const std::vector<std::uint32_t>& places) {
  if (index != kNone) index = places[index];
}

}  // namespace

KnowledgeBase random_knowledge(std::mt19937& random, std::size_t conditions, std::size_t findings) {
  Dice dice(random);
  KnowledgeBase knowledge;
  add_random_findings(dice, knowledge, findings);
  add_random_quantities(dice, knowledge, findings / 5);
  for (std::size_t c = 0; c < conditions; ++c) randomise(dice, knowledge.conditions[add_condition(knowledge, "condition_" + std::to_string(c), 1)]);
  for (ConditionIndex c = 0; c < conditions; ++c) {
    add_random_links(dice, knowledge, c);
    add_random_relations(dice, knowledge, c);
  }
  return knowledge;
}

CaseFindings random_case(std::mt19937& random, const KnowledgeBase& knowledge, std::size_t observations) {
  Dice dice(random);
  CaseFindings findings;
  findings.age_years = dice.chance(0.2) ? dice.between(0, 2) : dice.between(2, 95);
  findings.sex = static_cast<Sex>(dice.below(4));
  findings.setting = static_cast<Setting>(dice.below(3));
  findings.setting_known = dice.chance(0.6);
  findings.severity = static_cast<Severity>(dice.below(3));
  if (dice.chance(0.3)) findings.pregnant = dice.chance(0.5);
  if (dice.chance(0.6)) findings.duration_days = dice.log_between(0.01, 1000);
  if (dice.chance(0.6)) findings.onset = dice.chance(0.5) ? Onset::sudden : Onset::gradual;
  findings.has_narrative = dice.chance(0.6);
  std::set<FindingIndex> seen;
  for (std::size_t i = 0; i < observations; ++i) {
    const FindingIndex f = dice.below(knowledge.findings.size());
    if (seen.insert(f).second) observe(findings, f, dice.chance(0.6) ? Polarity::present : Polarity::absent);
  }
  for (QuantityIndex q = 0; q < knowledge.quantities.size(); ++q)
    if (dice.chance(0.4)) measure(findings, q, static_cast<Grade>(dice.below(5)));
  for (int i = 0; i < 3; ++i)
    if (dice.chance(0.5)) state(findings, dice.below(knowledge.conditions.size()));
  return findings;
}

Renumbered renumbered(std::mt19937& random, const KnowledgeBase& knowledge, const CaseFindings& findings) {
  const auto f = shuffled_places(random, knowledge.findings), q = shuffled_places(random, knowledge.quantities),
             c = shuffled_places(random, knowledge.conditions);
  Renumbered out{knowledge, findings, c};
  for (Finding& one : out.knowledge.findings) {
    to(one.parent, f);
    to(one.quantity, q);
    for (FindingIndex& child : one.children) to(child, f);
  }
  for (Quantity& one : out.knowledge.quantities) to(one.high, f), to(one.low, f);
  for (Condition& one : out.knowledge.conditions) {
    for (FindingLink& link : one.findings) to(link.finding, f);
    for (RiskFactor& risk : one.risk_factors) to(risk.finding, f), to(risk.condition, c);
    for (ConditionIndex& other : one.alternatives) to(other, c);
    for (auto& [other, factor] : one.complications) to(other, c);
    std::shuffle(one.findings.begin(), one.findings.end(), random);
    std::shuffle(one.risk_factors.begin(), one.risk_factors.end(), random);
  }
  out.knowledge.findings = moved(out.knowledge.findings, f);
  out.knowledge.quantities = moved(out.knowledge.quantities, q);
  out.knowledge.conditions = moved(out.knowledge.conditions, c);
  for (ObservedFinding& one : out.findings.findings) to(one.finding, f);
  for (ObservedQuantity& one : out.findings.quantities) to(one.quantity, q);
  for (StatedCondition& one : out.findings.known) to(one.condition, c);
  std::shuffle(out.findings.findings.begin(), out.findings.findings.end(), random);
  std::shuffle(out.findings.quantities.begin(), out.findings.quantities.end(), random);
  std::shuffle(out.findings.known.begin(), out.findings.known.end(), random);
  return out;
}

FindingIndex add_finding(KnowledgeBase& knowledge, const std::string& id, double leak, FindingKind kind) {
  const auto index = static_cast<FindingIndex>(knowledge.findings.size());
  Finding finding;
  finding.id = id;
  finding.name = id;
  finding.kind = kind;
  finding.leak = leak;
  knowledge.findings.push_back(finding);
  knowledge.finding_by_id[id] = index;
  return index;
}

FindingIndex add_child(KnowledgeBase& knowledge, const std::string& id, FindingIndex parent, double share) {
  const FindingIndex index = add_finding(knowledge, id, knowledge.findings[parent].leak * share);
  knowledge.findings[index].parent = parent;
  knowledge.findings[index].share = share;
  knowledge.findings[parent].children.push_back(index);
  return index;
}

QuantityIndex add_quantity(KnowledgeBase& knowledge, const std::string& id, FindingIndex high, FindingIndex low) {
  const auto index = static_cast<QuantityIndex>(knowledge.quantities.size());
  Quantity quantity;
  quantity.id = id;
  quantity.name = id;
  quantity.high = high;
  quantity.low = low;
  knowledge.quantities.push_back(quantity);
  knowledge.quantity_by_id[id] = index;
  return index;
}

ConditionIndex add_condition(KnowledgeBase& knowledge, const std::string& id, double frequency) {
  const auto index = static_cast<ConditionIndex>(knowledge.conditions.size());
  Condition condition;
  condition.id = id;
  condition.name = id;
  condition.frequency_primary_care = condition.frequency_emergency = frequency;
  knowledge.conditions.push_back(condition);
  knowledge.condition_by_id[id] = index;
  return index;
}

void link(KnowledgeBase& knowledge, ConditionIndex condition, FindingIndex finding, double probability) {
  FindingLink one;
  one.finding = finding;
  one.probability = probability;
  knowledge.conditions[condition].findings.push_back(one);
}

void observe(CaseFindings& findings, FindingIndex finding, Polarity polarity) {
  ObservedFinding one;
  one.finding = finding;
  one.polarity = polarity;
  findings.findings.push_back(one);
}

void measure(CaseFindings& findings, QuantityIndex quantity, Grade grade) {
  ObservedQuantity one;
  one.quantity = quantity;
  one.grade = grade;
  findings.quantities.push_back(one);
}

void state(CaseFindings& findings, ConditionIndex condition) {
  StatedCondition one;
  one.condition = condition;
  findings.known.push_back(one);
}

}  // namespace osler::reasoning
