// What to ask, examine or test next: the expected fall of uncertainty for its cost.
#pragma once

#include <vector>

#include "reasoning/hypotheses.h"
#include "reasoning/network.h"

namespace osler::reasoning {

/// On the 100 heaviest hypotheses: gain = sum over conditions of v * expected fall of the binary entropy (in nats) of P(c),
/// v = 3 for must-not-miss, divided by the cost class (question 1, examination 1.5, bedside test 2, laboratory 4,
/// imaging 8). Best first; a finding already settled, or whose parent is not present, is never asked.
std::vector<NextStep> next_steps_of(const Hypotheses& hypotheses, std::size_t count);

/// The cost class of a finding.
double cost_of(const clinical::Finding& finding);

}  // namespace osler::reasoning
