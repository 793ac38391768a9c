// Sums over hypotheses for every coalition at once.
//
// Where the effects of parts add up in the logarithm, the weight of hypothesis h in coalition S is base[h] times one ratio for each part, so the
// parts can be dealt into two halves whose products A[S1][h] and B[S2][h] are few, and all 2^n sums are the entries of the matrix product A B'.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace osler::reasoning {

/// Players that act together: `ratios[state]` multiplies the weight of every hypothesis when of these players those in the bits of `state` are
/// present. Empty stands for 1.
struct RatioPart {
  std::size_t players = 0;
  std::vector<std::vector<double>> ratios;  // 2^players
};

/// sums[S] += sum over h in [begin, end) of base[h] times the ratios of S. The players of the first part are the lowest bits of S.
void add_coalition_sums(std::span<const double> base, const std::vector<RatioPart>& parts, std::size_t begin, std::size_t end, std::span<double> sums);

}  // namespace osler::reasoning
