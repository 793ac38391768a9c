// Likelihood ratios of single observations against the hypothesis of nothing modelled, for one or two conditions.
//
// Everything is written in u = 1 - a = (p - leak) / (1 - leak), so that P(finding | c) = leak + (1 - leak) u is p itself,
// two conditions combine to u + v - u v, and nothing is lost where a leak is tiny.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "reasoning/case_state.h"
#include "reasoning/constants.h"

namespace osler::reasoning {

/// Who the candidates of a case are: conditions that no hard limit excludes, ascending (nodes rely on the order).
struct Candidates {
  std::vector<clinical::ConditionIndex> conditions;
  std::vector<std::uint32_t> position;  // by condition; kNone: excluded
  std::size_t size() const { return conditions.size(); }
};

/// One finding (or the marked share of a quantity's side). Most candidates say nothing of it, so those that do are listed.
struct Node {
  double leak = 0;
  double base = 0;             // P under the known conditions alone, before limits
  double least = 0;            // leak / 5
  double none = 0;             // P under nothing modelled, within limits
  std::vector<double> baseline;            // by known condition; below 0: none
  std::vector<std::uint32_t> candidates;   // that list it or its parent, ascending
  std::vector<double> p, u;                // beside them

  double probability(double joined) const {
    return std::clamp(base + (1 - base) * joined, least, kPresentMost);
  }
  /// 0 for a candidate that says nothing.
  double u_of(std::uint32_t candidate) const {
    const auto found = std::lower_bound(candidates.begin(), candidates.end(), candidate);
    return found == candidates.end() || *found != candidate ? 0 : u[static_cast<std::size_t>(found - candidates.begin())];
  }
};

inline double join(double u, double v) { return u + v - u * v; }

/// Builds nodes on demand for one patient and one set of known conditions.
class Nodes {
 public:
  Nodes(const Tables& tables, const clinical::CaseFindings& findings, const Candidates& candidates,
        std::vector<clinical::ConditionIndex> known);

  const Node& finding(clinical::FindingIndex finding);
  /// "Markedly" as a child of a quantity's side.
  const Node& marked(clinical::FindingIndex side);
  /// A side that a quantity does not have: probability 0 under every hypothesis.
  const Node& nothing() const { return nothing_; }

 private:
  const Node& build(clinical::FindingIndex finding);
  void list(Node& node, const Node* parent, const std::vector<ConditionLink>& links, bool marked) const;
  void finish(Node& node) const;

  const Tables& tables_;
  const clinical::CaseFindings& findings_;
  const Candidates& candidates_;
  std::vector<clinical::ConditionIndex> known_;
  std::vector<const Node*> by_finding_, marked_by_finding_;
  std::deque<Node> storage_;
  Node nothing_;
};

/// An observation with its numbers for every candidate.
struct Factor {
  FactorSpec spec;
  enum class Shape : std::uint8_t { present, absent, child_present, child_absent, normal, mild, marked };
  Shape shape = Shape::present;
  const Node* node = nullptr;    // of the finding; the observed side (or high, for normal)
  const Node* other = nullptr;   // the ancestor it is conditional on; for quantities the opposite side
  const Node* marked = nullptr;  // for quantities that are not normal
  double none = 1;               // P(observation | nothing modelled)
  double least = 0;              // lower limit of the ratio: exposures that are denied
  std::vector<std::uint32_t> speakers;                // candidates that say anything of the observation, ascending
  std::vector<double> node_u, other_u, marked_u;      // beside them

  /// Where a candidate stands among the speakers; clinical::kNone when it says nothing.
  std::uint32_t place_of(std::uint32_t candidate) const {
    const auto found = std::lower_bound(speakers.begin(), speakers.end(), candidate);
    return found == speakers.end() || *found != candidate ? clinical::kNone : static_cast<std::uint32_t>(found - speakers.begin());
  }
};

Factor make_factor(const Tables& tables, const FactorSpec& spec, Nodes& nodes);

/// P(observation | H) / P(observation | nothing modelled) for two candidates at once.
double pair_ratio(const Factor& factor, std::uint32_t a, std::uint32_t b);

/// The same for one alone.
double single_ratio(const Factor& factor, std::uint32_t candidate);

/// log of the ratio for one candidate alone, without the group's weight; 0 where it says nothing.
double single_log_ratio(const Factor& factor, std::uint32_t candidate);

/// The same for every speaker.
std::vector<double> single_log_ratios(const Factor& factor);

/// accumulated[d] *= the ratio of {c, d}, for every speaker d; `place` is that of c. Beside any other d the ratio is that of c alone.
/// `room` is scratch space that calls may share.
void multiply_pair_ratios(const Factor& factor, std::size_t place, double* accumulated, std::vector<double>& room);

/// The ratios of {c, d} for every speaker d, in `ratios`; `place` is that of c.
void pair_ratios(const Factor& factor, std::size_t place, std::vector<double>& ratios);

/// True when both stand for the same observation with the same numbers under nothing modelled and K, whatever their weights.
bool same_numbers(const Factor& a, const Factor& b);

}  // namespace osler::reasoning
