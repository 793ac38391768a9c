// Evaluates coalitions batch by batch within a budget.
#pragma once

#include <vector>

#include "reasoning/attribution.h"

namespace osler::reasoning {

/// Values of the first coalitions of the list, as many as the budget allows; the first `step` in any case, and always whole multiples of it.
std::vector<double> values_within(const ValueFunction& value, std::size_t outputs, const std::vector<Coalition>& coalitions, const Budget& budget,
                                  std::size_t step);

/// A uniform number below `bound`, the same on every platform.
template <typename Random>
std::size_t below(Random& random, std::size_t bound) { return static_cast<std::size_t>(random() % bound); }

/// Uniform in [0, 1), the same on every platform.
template <typename Random>
double share_of_one(Random& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

/// `count` of the players drawn without replacement.
template <typename Random>
Coalition random_coalition(Random& random, std::size_t players, std::size_t count) {
  std::vector<std::size_t> order(players);
  for (std::size_t i = 0; i < players; ++i) order[i] = i;
  Coalition drawn(players, false);
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(order[i], order[i + below(random, players - i)]);
    drawn[order[i]] = true;
  }
  return drawn;
}

}  // namespace osler::reasoning
