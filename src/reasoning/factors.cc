#include "reasoning/factors.h"

#include <cmath>

namespace osler::reasoning {

using namespace clinical;

Nodes::Nodes(const Tables& tables, const CaseFindings& findings, const Candidates& candidates, std::vector<ConditionIndex> known)
    : tables_(tables), findings_(findings), candidates_(candidates), known_(std::move(known)),
      by_finding_(tables.knowledge.findings.size(), nullptr), marked_by_finding_(tables.knowledge.findings.size(), nullptr) {
  nothing_.u.assign(candidates.size(), 0);
  nothing_.p.assign(candidates.size(), -1);
}

const Node& Nodes::finding(FindingIndex finding) {
  if (by_finding_[finding] == nullptr) by_finding_[finding] = &build(finding);
  return *by_finding_[finding];
}

const Node& Nodes::build(FindingIndex finding) {
  const FindingIndex parent = tables_.knowledge.findings[finding].parent;
  const Node* above = parent == kNone ? nullptr : &this->finding(parent);
  Node& node = storage_.emplace_back();
  node.leak = leak_of(tables_, findings_, finding);
  node.p.assign(candidates_.size(), -1);
  node.baseline.assign(known_.size(), -1);
  if (above != nullptr) inherit(node, *above);
  for (const ConditionLink& link : tables_.links[finding]) {
    const std::uint32_t position = candidates_.position[link.condition];
    if (position != kNone) node.p[position] = link.probability;
    for (std::size_t k = 0; k < known_.size(); ++k)
      if (known_[k] == link.condition && link.baseline >= 0) node.baseline[k] = link.baseline;
  }
  finish(node);
  return node;
}

/// An unlisted child of a listed parent takes p(parent) * share; so does a baseline.
void Nodes::inherit(Node& node, const Node& parent) const {
  const double share = std::min(node.leak / parent.leak, kChildMost);
  for (std::size_t c = 0; c < node.p.size(); ++c)
    if (parent.p[c] >= 0) node.p[c] = parent.p[c] * share;
  for (std::size_t k = 0; k < known_.size(); ++k)
    if (parent.baseline[k] >= 0) node.baseline[k] = parent.baseline[k] * share;
}

const Node& Nodes::marked(FindingIndex side) {
  if (marked_by_finding_[side] != nullptr) return *marked_by_finding_[side];
  const Node& whole = finding(side);
  Node& node = storage_.emplace_back();
  node.leak = whole.leak * kMarkedShare;
  node.p.assign(candidates_.size(), -1);
  node.baseline.assign(known_.size(), -1);
  for (const ConditionLink& link : tables_.links[side]) {
    const std::uint32_t position = candidates_.position[link.condition];
    if (position != kNone) node.p[position] = link.probability * link.marked;
    for (std::size_t k = 0; k < known_.size(); ++k)
      if (known_[k] == link.condition && link.baseline >= 0) node.baseline[k] = link.baseline * link.marked;
  }
  finish(node);
  marked_by_finding_[side] = &node;
  return node;
}

/// p and baselines to u. A candidate that is also known shows today's p in place of its baseline.
void Nodes::finish(Node& node) const {
  const auto to_u = [&](double p) { return (p - node.leak) / (1 - node.leak); };
  node.least = node.leak / kLeakDivisor;
  node.base = node.leak;
  for (const double baseline : node.baseline)
    if (baseline >= 0) node.base += (1 - node.base) * to_u(baseline);
  node.none = node.probability(0);
  node.u.resize(node.p.size());
  for (std::size_t c = 0; c < node.p.size(); ++c) node.u[c] = node.p[c] < 0 ? 0 : to_u(node.p[c]);
  for (std::size_t k = 0; k < known_.size(); ++k) {
    const std::uint32_t position = candidates_.position[known_[k]];
    if (position == kNone || node.baseline[k] < 0 || node.p[position] < 0) continue;
    const double ordinary = to_u(node.baseline[k]);
    node.u[position] = (node.u[position] - ordinary) / (1 - ordinary);
  }
}

namespace {

double share_of(double child, double parent) { return std::min(kChildMost, child / parent); }

/// P(abnormal on either side), at most 0.97, and what both sides must be multiplied by for it.
struct Sides {
  double observed, abnormal, scale;
};
Sides sides_of(double observed, double opposite) {
  const double sum = observed + opposite;
  return {observed, std::min(sum, kPresentMost), sum > kPresentMost ? kPresentMost / sum : 1};
}

/// P(observation) from the joined u of each node. One definition for one condition, for two and for none.
template <Factor::Shape shape>
double probability(const Factor& f, double node, double other, double marked) {
  using Shape = Factor::Shape;
  const double p = f.node->probability(node);
  if constexpr (shape == Shape::present) return p;
  if constexpr (shape == Shape::absent) return 1 - p;
  if constexpr (shape == Shape::child_present) return share_of(p, f.other->probability(other));
  if constexpr (shape == Shape::child_absent) return 1 - share_of(p, f.other->probability(other));
  const Sides sides = sides_of(p, f.other->probability(other));
  if constexpr (shape == Shape::normal) return 1 - sides.abnormal;
  const double share = f.marked == nullptr ? 0 : share_of(f.marked->probability(marked), p);
  return p * sides.scale * (shape == Shape::marked ? share : 1 - share);
}

/// Calls `work` with the shape as a compile-time constant, so that loops over candidates hold no switch.
template <typename Work>
auto with_shape(Factor::Shape shape, Work&& work) {
  using Shape = Factor::Shape;
  switch (shape) {
    case Shape::present: return work(std::integral_constant<Shape, Shape::present>{});
    case Shape::absent: return work(std::integral_constant<Shape, Shape::absent>{});
    case Shape::child_present: return work(std::integral_constant<Shape, Shape::child_present>{});
    case Shape::child_absent: return work(std::integral_constant<Shape, Shape::child_absent>{});
    case Shape::normal: return work(std::integral_constant<Shape, Shape::normal>{});
    case Shape::mild: return work(std::integral_constant<Shape, Shape::mild>{});
    case Shape::marked: break;
  }
  return work(std::integral_constant<Shape, Shape::marked>{});
}

Factor measured_factor(const Tables& tables, const FactorSpec& spec, Nodes& nodes) {
  const Quantity& quantity = tables.knowledge.quantities[spec.quantity];
  const auto side = [&](FindingIndex index) { return index == kNone ? &nodes.nothing() : &nodes.finding(index); };
  const bool low = spec.grade < Grade::normal;
  Factor factor;
  factor.node = side(low ? quantity.low : quantity.high);
  factor.other = side(low ? quantity.high : quantity.low);
  if (spec.grade == Grade::normal) {
    factor.shape = Factor::Shape::normal;
    return factor;
  }
  factor.marked = &nodes.marked(low ? quantity.low : quantity.high);
  const bool marked = spec.grade == Grade::markedly_high || spec.grade == Grade::markedly_low;
  factor.shape = marked ? Factor::Shape::marked : Factor::Shape::mild;
  return factor;
}

Factor stated_factor(const Tables& tables, const FactorSpec& spec, Nodes& nodes) {
  Factor factor;
  const bool present = spec.kind == FactorSpec::Kind::present;
  factor.node = &nodes.finding(spec.finding);
  factor.other = spec.given == kNone ? nullptr : &nodes.finding(spec.given);
  factor.shape = factor.other == nullptr ? (present ? Factor::Shape::present : Factor::Shape::absent)
                                         : (present ? Factor::Shape::child_present : Factor::Shape::child_absent);
  if (!present && is_exposure(tables.knowledge.findings[spec.finding])) factor.least = kExposureLeast;
  return factor;
}

const double* row(const Node* node, const Node& instead) { return (node == nullptr ? instead : *node).u.data(); }

}  // namespace

Factor make_factor(const Tables& tables, const FactorSpec& spec, Nodes& nodes, std::size_t candidates) {
  const bool measured = spec.kind == FactorSpec::Kind::measured;
  Factor factor = measured ? measured_factor(tables, spec, nodes) : stated_factor(tables, spec, nodes);
  factor.spec = spec;
  factor.none = with_shape(factor.shape, [&](auto shape) { return probability<shape()>(factor, 0, 0, 0); });
  factor.listed.assign(candidates, 0);
  for (const Node* node : {factor.node, factor.other, factor.marked}) {
    if (node == nullptr) continue;
    for (std::size_t c = 0; c < candidates; ++c) factor.listed[c] |= node->u[c] != 0;
  }
  for (std::uint32_t c = 0; c < candidates; ++c)
    if (factor.listed[c]) factor.speakers.push_back(c);
  return factor;
}

double pair_ratio(const Factor& factor, std::size_t a, std::size_t b) {
  const auto joined = [&](const Node* node) { return node == nullptr ? 0 : join(node->u[a], node->u[b]); };
  return with_shape(factor.shape, [&](auto shape) {
    const double p = probability<shape()>(factor, joined(factor.node), joined(factor.other), joined(factor.marked));
    return std::max(p / factor.none, factor.least);
  });
}

double single_ratio(const Factor& factor, std::size_t c) {
  if (!factor.listed[c]) return 1;
  const auto own = [&](const Node* node) { return node == nullptr ? 0 : node->u[c]; };
  return with_shape(factor.shape, [&](auto shape) {
    const double p = probability<shape()>(factor, own(factor.node), own(factor.other), own(factor.marked));
    return std::max(p / factor.none, factor.least);
  });
}

double single_log_ratio(const Factor& factor, std::size_t c) {
  return factor.listed[c] ? std::log(single_ratio(factor, c)) : 0;
}

std::vector<double> single_log_ratios(const Factor& factor) {
  std::vector<double> logs(factor.listed.size());
  for (const std::uint32_t c : factor.speakers) logs[c] = single_log_ratio(factor, c);
  return logs;
}

void multiply_pair_ratios(const Factor& factor, std::size_t c, double* accumulated) {
  const double* node = factor.node->u.data();
  const double* other = row(factor.other, *factor.node);  // not read by shapes that have none
  const double* marked = row(factor.marked, *factor.node);
  const double mine = node[c], mine_other = other[c], mine_marked = marked[c];
  const double scale = 1 / factor.none;
  with_shape(factor.shape, [&](auto shape) {
    for (const std::uint32_t d : factor.speakers) {
      const double p = probability<shape()>(factor, join(mine, node[d]), join(mine_other, other[d]),
                                            join(mine_marked, marked[d]));
      accumulated[d] *= std::max(p * scale, factor.least);
    }
  });
}

bool same_numbers(const Factor& a, const Factor& b) {
  const auto same = [](const Node* x, const Node* y) {
    return x == y || (x != nullptr && y != nullptr && x->base == y->base && x->leak == y->leak);
  };
  return a.spec == b.spec && same(a.node, b.node) && same(a.other, b.other) && same(a.marked, b.marked);
}

}  // namespace osler::reasoning
