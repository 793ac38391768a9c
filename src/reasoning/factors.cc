#include "reasoning/factors.h"

#include <cmath>

#include "reasoning/quick_math.h"

namespace osler::reasoning {

using namespace clinical;

Nodes::Nodes(const Tables& tables, const CaseFindings& findings, const Candidates& candidates, std::vector<ConditionIndex> known)
    : tables_(tables), findings_(findings), candidates_(candidates), known_(std::move(known)),
      by_finding_(tables.knowledge.findings.size(), nullptr), marked_by_finding_(tables.knowledge.findings.size(), nullptr) {}

const Node& Nodes::finding(FindingIndex finding) {
  if (by_finding_[finding] == nullptr) by_finding_[finding] = &build(finding);
  return *by_finding_[finding];
}

const Node& Nodes::build(FindingIndex finding) {
  const FindingIndex parent = tables_.knowledge.findings[finding].parent;
  const Node* above = parent == kNone ? nullptr : &this->finding(parent);
  Node& node = storage_.emplace_back();
  node.leak = leak_of(tables_, findings_, finding);
  list(node, above, tables_.links[finding], false);
  finish(node);
  return node;
}

const Node& Nodes::marked(FindingIndex side) {
  if (marked_by_finding_[side] != nullptr) return *marked_by_finding_[side];
  const Node& whole = finding(side);
  Node& node = storage_.emplace_back();
  node.leak = whole.leak * kMarkedShare;
  list(node, nullptr, tables_.links[side], true);
  finish(node);
  marked_by_finding_[side] = &node;
  return node;
}

/// What each candidate and each known condition says. An unlisted child of a listed parent takes p(parent) * share; so does a
/// baseline. Links are in the order of conditions, as candidates are.
void Nodes::list(Node& node, const Node* parent, const std::vector<ConditionLink>& links, bool marked) const {
  node.baseline.assign(known_.size(), -1);
  const double share = parent == nullptr ? 0 : std::min(node.leak / parent->leak, kChildMost);
  std::size_t inherited = 0;
  const auto inherit_before = [&](std::uint32_t position) {
    for (; parent != nullptr && inherited < parent->candidates.size() && parent->candidates[inherited] < position; ++inherited) {
      node.candidates.push_back(parent->candidates[inherited]);
      node.p.push_back(parent->p[inherited] * share);
    }
  };
  if (parent != nullptr)
    for (std::size_t k = 0; k < known_.size(); ++k)
      if (parent->baseline[k] >= 0) node.baseline[k] = parent->baseline[k] * share;
  for (const ConditionLink& link : links) {
    const double part = marked ? link.marked : 1;
    for (std::size_t k = 0; k < known_.size(); ++k)
      if (known_[k] == link.condition && link.baseline >= 0) node.baseline[k] = link.baseline * part;
    const std::uint32_t position = candidates_.position[link.condition];
    if (position == kNone) continue;
    inherit_before(position);
    if (parent != nullptr && inherited < parent->candidates.size() && parent->candidates[inherited] == position) ++inherited;
    node.candidates.push_back(position);
    node.p.push_back(link.probability * part);
  }
  inherit_before(kNone);
}

/// p and baselines to u. A candidate that is also known shows today's p in place of its baseline.
void Nodes::finish(Node& node) const {
  const auto to_u = [&](double p) { return (p - node.leak) / (1 - node.leak); };
  node.least = node.leak / kLeakDivisor;
  node.base = node.leak;
  for (const double baseline : node.baseline)
    if (baseline >= 0) node.base += (1 - node.base) * to_u(baseline);
  node.none = node.probability(0);
  for (const double p : node.p) node.u.push_back(to_u(p));
  for (std::size_t k = 0; k < known_.size(); ++k) {
    const std::uint32_t position = candidates_.position[known_[k]];
    if (position == kNone || node.baseline[k] < 0) continue;
    const auto found = std::lower_bound(node.candidates.begin(), node.candidates.end(), position);
    if (found == node.candidates.end() || *found != position) continue;
    double& u = node.u[static_cast<std::size_t>(found - node.candidates.begin())];
    const double ordinary = to_u(node.baseline[k]);
    u = (u - ordinary) / (1 - ordinary);
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

/// What a node needs to turn a joined u into a probability, by value: loops over it hold no pointer.
struct Line {
  double base = 0, slope = 0, least = 0;
  Line() = default;
  explicit Line(const Node* node) {
    if (node != nullptr) base = node->base, slope = 1 - node->base, least = node->least;
  }
  double at(double joined) const { return std::min(std::max(base + slope * joined, least), kPresentMost); }
};

struct Numbers {
  Line node, other, marked;
  bool has_marked = false;
  explicit Numbers(const Factor& factor)
      : node(factor.node), other(factor.other), marked(factor.marked), has_marked(factor.marked != nullptr) {}
};

/// P(observation) from the joined u of each node. One definition for one condition, for two and for none.
template <Factor::Shape shape>
[[gnu::always_inline]] inline double probability(const Numbers& n, double node, double other, double marked) {
  using Shape = Factor::Shape;
  const double p = n.node.at(node);
  if constexpr (shape == Shape::present) return p;
  if constexpr (shape == Shape::absent) return 1 - p;
  if constexpr (shape == Shape::child_present) return share_of(p, n.other.at(other));
  if constexpr (shape == Shape::child_absent) return 1 - share_of(p, n.other.at(other));
  const Sides sides = sides_of(p, n.other.at(other));
  if constexpr (shape == Shape::normal) return 1 - sides.abnormal;
  const double share = n.has_marked ? share_of(n.marked.at(marked), p) : 0;
  return p * sides.scale * (shape == Shape::marked ? share : 1 - share);
}

/// Calls `work` with the shape as a compile-time constant, so that loops over candidates hold no switch.
template <typename Work>
[[gnu::always_inline]] inline auto with_shape(Factor::Shape shape, Work&& work) {
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

/// The speakers of a factor: whoever says something by any of its nodes.
void add_speakers(Factor& factor) {
  std::vector<std::uint32_t> all;
  for (const Node* node : {factor.node, factor.other, factor.marked}) {
    if (node == nullptr) continue;
    for (std::size_t i = 0; i < node->candidates.size(); ++i)
      if (node->u[i] != 0) all.push_back(node->candidates[i]);
  }
  if (factor.other != nullptr || factor.marked != nullptr) {
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  }
  factor.speakers = std::move(all);
  const auto beside = [&](const Node* node, std::vector<double>& out) {
    out.assign(factor.speakers.size(), 0);
    if (node == nullptr) return;
    std::size_t at = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      while (at < node->candidates.size() && node->candidates[at] < factor.speakers[i]) ++at;
      if (at < node->candidates.size() && node->candidates[at] == factor.speakers[i]) out[i] = node->u[at];
    }
  };
  beside(factor.node, factor.node_u);
  beside(factor.other, factor.other_u);
  beside(factor.marked, factor.marked_u);
}

struct Us { double node = 0, other = 0, marked = 0; };

Us us_at(const Factor& factor, std::uint32_t place) {
  return place == kNone ? Us{} : Us{factor.node_u[place], factor.other_u[place], factor.marked_u[place]};
}

/// The ratio of every speaker together with another condition that has these u.
OSLER_VECTOR_CLONES void ratios_beside(const Factor& factor, const Us& mine, std::vector<double>& room) {
  const std::size_t size = factor.speakers.size();
  room.resize(size);
  const double* const __restrict node = factor.node_u.data();
  const double* const __restrict other = factor.other_u.data();
  const double* const __restrict marked = factor.marked_u.data();
  double* const __restrict ratios = room.data();
  const double mine_node = mine.node, mine_other = mine.other, mine_marked = mine.marked;
  const double scale = 1 / factor.none, least = factor.least;
  const Numbers numbers(factor);
  with_shape(factor.shape, [&](auto shape) __attribute__((always_inline)) {
    for (std::size_t i = 0; i < size; ++i)  // by itself, so that it is vectorised
      ratios[i] = std::max(probability<shape()>(numbers, join(mine_node, node[i]), join(mine_other, other[i]), join(mine_marked, marked[i])) * scale, least);
  });
}

double ratio_of(const Factor& factor, const Us& us) {
  return with_shape(factor.shape, [&](auto shape) {
    return std::max(probability<shape()>(Numbers(factor), us.node, us.other, us.marked) / factor.none, factor.least);
  });
}

}  // namespace

Factor make_factor(const Tables& tables, const FactorSpec& spec, Nodes& nodes) {
  const bool measured = spec.kind == FactorSpec::Kind::measured;
  Factor factor = measured ? measured_factor(tables, spec, nodes) : stated_factor(tables, spec, nodes);
  factor.spec = spec;
  factor.none = with_shape(factor.shape, [&](auto shape) { return probability<shape()>(Numbers(factor), 0, 0, 0); });
  add_speakers(factor);
  return factor;
}

double pair_ratio(const Factor& factor, std::uint32_t a, std::uint32_t b) {
  const Us first = us_at(factor, factor.place_of(a)), second = us_at(factor, factor.place_of(b));
  return ratio_of(factor, {join(first.node, second.node), join(first.other, second.other), join(first.marked, second.marked)});
}

double single_ratio(const Factor& factor, std::uint32_t c) {
  const std::uint32_t place = factor.place_of(c);
  return place == kNone ? 1 : ratio_of(factor, us_at(factor, place));
}

double single_log_ratio(const Factor& factor, std::uint32_t c) {
  const std::uint32_t place = factor.place_of(c);
  return place == kNone ? 0 : std::log(ratio_of(factor, us_at(factor, place)));
}

OSLER_VECTOR_CLONES std::vector<double> single_log_ratios(const Factor& factor) {
  std::vector<double> ratios;
  ratios_beside(factor, {}, ratios);
  for (double& ratio : ratios) ratio = quick_log(ratio);
  return ratios;
}

void pair_ratios(const Factor& factor, std::size_t place, std::vector<double>& ratios) {
  ratios_beside(factor, us_at(factor, static_cast<std::uint32_t>(place)), ratios);
}

void multiply_pair_ratios(const Factor& factor, std::size_t place, double* accumulated, std::vector<double>& room) {
  pair_ratios(factor, place, room);
  for (std::size_t i = 0; i < room.size(); ++i) accumulated[factor.speakers[i]] *= room[i];
}

bool same_numbers(const Factor& a, const Factor& b) {
  const auto same = [](const Node* x, const Node* y) {
    return x == y || (x != nullptr && y != nullptr && x->base == y->base && x->leak == y->leak);
  };
  return same_observation(a.spec, b.spec) && same(a.node, b.node) && same(a.other, b.other) && same(a.marked, b.marked);
}

}  // namespace osler::reasoning
