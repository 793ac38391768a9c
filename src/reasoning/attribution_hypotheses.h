// The hypotheses of one patient in an order that sums with and without certain conditions can use.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "reasoning/attribution_case.h"

namespace osler::reasoning {

/// Members of a hypothesis as candidates; kNone where there is none.
struct Members {
  std::uint32_t first = clinical::kNone, second = clinical::kNone;
};

/// Those with the same asked conditions stand together; those without weight are left out.
class HypothesisOrder {
 public:
  HypothesisOrder(const CaseInParts& patient, const std::vector<std::uint32_t>& asked);

  std::size_t size() const { return places_.size(); }

  /// Weights of these hypotheses in this order.
  std::vector<double> in_order(const Weights& weights) const;

  Members members(std::size_t position) const;

  /// Keeps the `count` with the highest scores (by position; of equal ones the earlier), in the same order.
  void keep_best(const std::vector<double>& scores, std::size_t count);

  /// Hypotheses [begin, end) hold these asked conditions, counted from 1, and no others; 0: none.
  struct Group {
    std::size_t first = 0, second = 0;
    std::size_t begin = 0, end = 0;
  };
  const std::vector<Group>& groups() const { return groups_; }

  /// True when the hypotheses of the group hold the asked condition.
  bool holds(const Group& group, std::size_t asked) const { return group.first == number_[asked] || group.second == number_[asked]; }

 private:
  std::size_t candidates_;
  std::vector<std::uint32_t> best_;
  std::vector<std::size_t> places_;  // nothing, singles, pairs by rank, counted through
  std::vector<Group> groups_;
  std::vector<std::size_t> number_;  // by asked condition: its number in the groups, the same for the same condition
};

/// log(with / rest) within the limits of the network.
double limited_log_odds(double with, double rest);

}  // namespace osler::reasoning
