#include "reasoning/attribution_table.h"

#include <gtest/gtest.h>

#include <random>

#include "../random_seed.h"

namespace osler::reasoning {
namespace {

double plain_sum(const std::vector<double>& base, const std::vector<RatioPart>& parts, std::size_t begin, std::size_t end, std::size_t coalition) {
  double sum = 0;
  for (std::size_t h = begin; h < end; ++h) {
    double weight = base[h];
    std::size_t bit = 0;
    for (const RatioPart& part : parts) {
      const std::size_t state = (coalition >> bit) & ((std::size_t{1} << part.players) - 1);
      if (!part.ratios[state].empty()) weight *= part.ratios[state][h];
      bit += part.players;
    }
    sum += weight;
  }
  return sum;
}

std::vector<RatioPart> random_parts(std::mt19937& random, const std::vector<std::size_t>& sizes, std::size_t hypotheses) {
  std::uniform_real_distribution<double> ratio(0.1, 3);
  std::vector<RatioPart> parts;
  for (const std::size_t players : sizes) {
    RatioPart& part = parts.emplace_back();
    part.players = players;
    part.ratios.resize(std::size_t{1} << players);
    for (std::size_t state = 0; state + 1 < part.ratios.size(); ++state)
      for (std::size_t h = 0; h < hypotheses; ++h) part.ratios[state].push_back(ratio(random));
  }
  return parts;
}

TEST(AttributionTable, IsThePlainSumOverHypotheses) {
  std::mt19937 random(fresh_seed());
  constexpr std::size_t kHypotheses = 1300;
  std::vector<double> base(kHypotheses);
  for (double& one : base) one = std::uniform_real_distribution<double>(0, 1)(random);
  for (const std::vector<std::size_t>& sizes : std::vector<std::vector<std::size_t>>{{}, {1}, {3}, {1, 1, 1, 1, 1}, {2, 1, 3}, {4, 1}, {1, 1, 4}}) {
    const std::vector<RatioPart> parts = random_parts(random, sizes, kHypotheses);
    std::size_t players = 0;
    for (const std::size_t size : sizes) players += size;
    std::vector<double> sums(std::size_t{1} << players, 1.0);
    add_coalition_sums(base, parts, 7, 1250, sums);
    for (std::size_t s = 0; s < sums.size(); ++s) EXPECT_NEAR(sums[s], 1 + plain_sum(base, parts, 7, 1250, s), 1e-9 * sums[s]);
  }
}

}  // namespace
}  // namespace osler::reasoning
