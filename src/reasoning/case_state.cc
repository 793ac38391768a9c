#include "reasoning/case_state.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

namespace osler::reasoning {

using namespace clinical;

namespace {

int extremity(Grade grade) { return std::abs(static_cast<int>(grade) - static_cast<int>(Grade::normal)); }

/// A grade on a side of which the quantity has no finding says no more than normal does.
Grade usable_grade(const Quantity& quantity, Grade grade) {
  if (grade > Grade::normal && quantity.high == kNone) return Grade::normal;
  if (grade < Grade::normal && quantity.low == kNone) return Grade::normal;
  return grade;
}

/// The findings of every measured quantity are settled by it, whatever was said.
void settle_sides(const Tables& tables, const CaseFindings& findings, const LeftOut& left_out, CaseState& state) {
  const auto& quantities = tables.knowledge.quantities;
  for (const ObservedQuantity& observed : findings.quantities) {
    if (tables.cluster_of_quantity[observed.quantity] == left_out.cluster) continue;
    for (const FindingIndex side : {quantities[observed.quantity].high, quantities[observed.quantity].low}) {
      if (side == kNone) continue;
      state.by_measurement[side] = true;
      state.standing[side] = Standing::absent;
    }
  }
  for (const Measured& one : state.measured) {
    if (one.grade > Grade::normal) state.standing[quantities[one.quantity].high] = Standing::present;
    if (one.grade < Grade::normal) state.standing[quantities[one.quantity].low] = Standing::present;
  }
}

void read_quantities(const Tables& tables, const CaseFindings& findings, const LeftOut& left_out, CaseState& state) {
  const auto& quantities = tables.knowledge.quantities;
  std::map<std::uint32_t, Measured> clusters;
  const auto rank = [&](const Measured& one) {  // more extreme, then higher, then more sides, then the id
    const Quantity& quantity = quantities[one.quantity];
    return std::tuple(extremity(one.grade), one.grade > Grade::normal,
                      (quantity.high != kNone) + (quantity.low != kNone), std::string_view(quantity.id));
  };
  for (const ObservedQuantity& observed : findings.quantities) {
    const std::uint32_t cluster = tables.cluster_of_quantity[observed.quantity];
    if (cluster == left_out.cluster) continue;
    const Measured next{cluster, observed.quantity, usable_grade(quantities[observed.quantity], observed.grade)};
    const auto [place, fresh] = clusters.emplace(cluster, next);
    if (!fresh && rank(place->second) < rank(next)) place->second = next;
  }
  for (const auto& [cluster, one] : clusters) state.measured.push_back(one);
  settle_sides(tables, findings, left_out, state);
}

void read_statements(const Tables& tables, const CaseFindings& findings, const LeftOut& left_out, CaseState& state) {
  const auto usable = [&](const ObservedFinding& one) {
    return one.finding != left_out.finding && !state.by_measurement[one.finding];
  };
  for (const ObservedFinding& one : findings.findings)
    if (usable(one) && one.polarity == Polarity::absent) state.standing[one.finding] = Standing::absent;
  for (const ObservedFinding& one : findings.findings) {
    if (!usable(one) || one.polarity == Polarity::absent) continue;
    for (FindingIndex up = one.finding; up != kNone; up = tables.knowledge.findings[up].parent)
      state.standing[up] = Standing::present;
  }
}

void read_known(const Tables& tables, const CaseFindings& findings, const LeftOut& left_out, CaseState& state) {
  for (const StatedCondition& one : findings.known)
    if (one.condition != left_out.condition) state.stated.push_back(one.condition);
  std::sort(state.stated.begin(), state.stated.end());
  state.stated.erase(std::unique(state.stated.begin(), state.stated.end()), state.stated.end());
  std::copy_if(state.stated.begin(), state.stated.end(), std::back_inserter(state.known),
               [&](ConditionIndex c) { return tables.knowledge.conditions[c].course == Course::chronic; });
}

/// The nearest ancestor that is present; kNone when there is none.
FindingIndex present_ancestor(const Tables& tables, const CaseState& state, FindingIndex finding) {
  for (FindingIndex up = tables.parents[finding]; up != kNone; up = tables.parents[up])
    if (state.standing[up] == Standing::present) return up;
  return kNone;
}

/// What decides a factor's place in its group: the leak, and the id where leaks are equal.
struct Member {
  double leak;
  const std::string* id;
  FactorSpec* spec;
};

class Grouping {
 public:
  Grouping(const Tables& tables, const CaseFindings& findings) : tables_(tables), findings_(findings) {}

  void add(FactorSpec& spec) {
    const auto& [group, member] = place(spec);
    const bool counts_as_present = spec.kind == FactorSpec::Kind::present ||
                                   (spec.kind == FactorSpec::Kind::measured && spec.grade != Grade::normal);
    if (!group.empty()) groups_[{group, counts_as_present}].push_back(member);
  }

  void weigh(double step) {
    for (auto& [key, members] : groups_) {
      std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
        return a.leak != b.leak ? a.leak < b.leak : *a.id < *b.id;
      });
      double weight = 1;
      for (const Member& member : members) {
        member.spec->weight = weight;
        weight *= step;
      }
    }
  }

 private:
  double leak(FindingIndex finding) const { return finding == kNone ? 0 : leak_of(tables_, findings_, finding); }

  std::pair<std::string, Member> place(FactorSpec& spec) const {
    const auto& all = tables_.knowledge.findings;
    if (spec.kind != FactorSpec::Kind::measured)
      return {all[spec.finding].group, {leak(spec.finding), &all[spec.finding].id, &spec}};
    const Quantity& quantity = tables_.knowledge.quantities[spec.quantity];
    if (spec.grade == Grade::normal) return {quantity.group, {leak(quantity.high) + leak(quantity.low), &quantity.id, &spec}};
    const FindingIndex side = spec.grade > Grade::normal ? quantity.high : quantity.low;
    return {all[side].group, {leak(side), &quantity.id, &spec}};
  }

  const Tables& tables_;
  const CaseFindings& findings_;
  std::map<std::pair<std::string, bool>, std::vector<Member>> groups_;
};

}  // namespace

CaseState read_case(const Tables& tables, const CaseFindings& findings, const LeftOut& left_out) {
  CaseState state;
  state.standing.assign(tables.knowledge.findings.size(), Standing::unmentioned);
  state.by_measurement.assign(tables.knowledge.findings.size(), false);
  read_quantities(tables, findings, left_out, state);
  read_statements(tables, findings, left_out, state);
  read_known(tables, findings, left_out, state);
  return state;
}

std::vector<FactorSpec> factors_of(const Tables& tables, const CaseFindings& findings, const CaseState& state,
                                   const NetworkParameters& parameters) {
  std::vector<FactorSpec> specs;
  for (FindingIndex f = 0; f < state.standing.size(); ++f) {
    if (state.standing[f] == Standing::unmentioned || state.by_measurement[f]) continue;
    FactorSpec spec;
    spec.kind = state.standing[f] == Standing::present ? FactorSpec::Kind::present : FactorSpec::Kind::absent;
    if (spec.kind == FactorSpec::Kind::absent && below_absent(tables, state, f)) continue;
    spec.finding = f;
    spec.given = present_ancestor(tables, state, f);
    specs.push_back(spec);
  }
  for (const Measured& one : state.measured) {
    FactorSpec spec;
    spec.kind = FactorSpec::Kind::measured;
    spec.quantity = one.quantity;
    spec.grade = one.grade;
    specs.push_back(spec);
  }
  Grouping grouping(tables, findings);
  for (FactorSpec& spec : specs) grouping.add(spec);
  grouping.weigh(parameters.group_weight);
  return specs;
}

bool same_observation(FactorSpec a, const FactorSpec& b) {
  a.weight = b.weight;
  return a == b;
}

bool below_absent(const Tables& tables, const CaseState& state, FindingIndex finding) {
  for (FindingIndex up = tables.parents[finding]; up != kNone; up = tables.parents[up])
    if (state.standing[up] == Standing::absent) return true;
  return false;
}

double leak_of(const Tables& tables, const CaseFindings& findings, FindingIndex finding) {
  return leak_for(tables.knowledge, finding, findings.age_years, findings.sex, findings.pregnant.value_or(false));
}

}  // namespace osler::reasoning
