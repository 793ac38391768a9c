// Which units of a case act on the network together, so that the rest can be taken one by one.
#pragma once

#include <cstddef>
#include <vector>

#include "reasoning/attribution_units.h"
#include "reasoning/tables.h"

namespace osler::reasoning {

/// Sets of units whose effects on the logarithm of every hypothesis' weight add up across sets, for one patient (sex and pregnancy as in
/// `findings`): any two units that meet in a group, an is-a line, an observation, a baseline of a known condition or a limited or grouped risk are in one
/// set. Of the `asked` units only, ascending; the units that are not asked do not change.
std::vector<std::vector<std::size_t>> parts_of(const Tables& tables, const clinical::CaseFindings& findings,
                                               const std::vector<Piece>& pieces, const std::vector<bool>& asked);

}  // namespace osler::reasoning
