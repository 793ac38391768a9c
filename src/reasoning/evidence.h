// Evidence for and against conditions: the exact change of their log-odds when one thing is left out of the case.
#pragma once

#include <cstddef>
#include <vector>

#include "clinical/differential.h"
#include "reasoning/hypotheses.h"

namespace osler::reasoning {

/// One thing a case says, and what leaving it out does.
struct LeaveOneOut {
  clinical::Evidence evidence;        // weight still 0
  std::vector<double> weight;         // by candidate asked for: log-odds with it minus without it
  std::vector<double> fit;            // likewise: what it does to the candidate alone, against nothing modelled
  double least = 0;                   // smaller weights are not worth a line
};

/// Leaves out each finding (with the ancestors that it alone implied), measurement, stated condition, age, sex,
/// pregnancy, severity, duration and onset in turn. Over the hypotheses of the full evidence; what is left out counts as
/// not asked rather than not mentioned, and leaks keep the patient's age and sex.
std::vector<LeaveOneOut> leave_one_out(const Hypotheses& hypotheses, const std::vector<std::size_t>& candidates);

/// Evidence lists of the candidates, both signs, largest magnitude first. Whatever present thing a candidate explains is
/// listed as supporting even where other conditions explain it better (with the smallest weight, 0.001).
std::vector<std::vector<clinical::Evidence>> evidence_for(const Hypotheses& hypotheses,
                                                          const std::vector<std::size_t>& candidates);

}  // namespace osler::reasoning
