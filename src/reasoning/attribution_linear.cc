#include <algorithm>
#include <cmath>
#include <random>

#include "base/check.h"
#include "reasoning/attribution.h"
#include "reasoning/attribution_algebra.h"
#include "reasoning/attribution_sampling.h"

namespace osler::reasoning {

namespace {

constexpr double kWidth = 0.25;             // of the kernel, as in the authors' program
constexpr double kRidge = 0.1;              // of a mean diagonal entry, where there are as many players as the samples weigh
constexpr std::size_t kHeldBackEvery = 5;
constexpr double kSameValue = 1e-18;        // of the squared size of the values: a variance that is rounding

struct Sample {
  Coalition present;
  double value = 0, weight = 0;
};

double kernel(const Coalition& present) {
  const double share = static_cast<double>(std::count(present.begin(), present.end(), true)) / static_cast<double>(present.size());
  const double distance = (1 - std::sqrt(share)) / kWidth;
  return std::exp(-distance * distance / 2);
}

struct Line {
  std::vector<double> slopes;
  double intercept = 0;
  double at(const Coalition& present) const {
    double sum = intercept;
    for (std::size_t i = 0; i < slopes.size(); ++i)
      if (present[i]) sum += slopes[i];
    return sum;
  }
};

template <typename Use>
Line fit(const std::vector<Sample>& samples, std::size_t players, Use&& use) {
  std::vector<double> means(players, 0), row(players), right(players, 0);
  double weights = 0, value = 0;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    if (!use(s)) continue;
    weights += samples[s].weight;
    value += samples[s].weight * samples[s].value;
    for (std::size_t i = 0; i < players; ++i) means[i] += samples[s].present[i] ? samples[s].weight : 0;
  }
  value /= weights;
  for (double& mean : means) mean /= weights;
  SymmetricMatrix matrix(players);
  for (std::size_t s = 0; s < samples.size(); ++s) {
    if (!use(s)) continue;
    for (std::size_t i = 0; i < players; ++i) row[i] = (samples[s].present[i] ? 1 : 0) - means[i];
    matrix.add_square(row, samples[s].weight);
    for (std::size_t i = 0; i < players; ++i) right[i] += samples[s].weight * (samples[s].value - value) * row[i];
  }
  double diagonal = 0;
  for (std::size_t i = 0; i < players; ++i) diagonal += matrix.at(i, i) / static_cast<double>(players);
  for (std::size_t i = 0; i < players; ++i) matrix.at(i, i) += kRidge * static_cast<double>(players) / weights * diagonal;
  Line line{Cholesky(std::move(matrix)).solve(std::move(right)), value};
  line.intercept -= dot(line.slopes, means);
  return line;
}

bool held_back(std::size_t sample) { return sample % kHeldBackEvery == kHeldBackEvery - 1; }

double fidelity_of(const std::vector<Sample>& samples, std::size_t players) {
  if (samples.size() / kHeldBackEvery < kLeastHeldBack) return 0;
  const Line line = fit(samples, players, [](std::size_t s) { return !held_back(s); });
  double weights = 0, mean = 0, squares = 0, spread = 0, missed = 0;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    if (!held_back(s)) continue;
    weights += samples[s].weight;
    mean += samples[s].weight * samples[s].value;
    squares += samples[s].weight * samples[s].value * samples[s].value;
  }
  mean /= weights;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    if (!held_back(s)) continue;
    const double off = samples[s].value - mean, miss = samples[s].value - line.at(samples[s].present);
    spread += samples[s].weight * off * off;
    missed += samples[s].weight * miss * miss;
  }
  if (spread <= kSameValue * squares) return missed <= kSameValue * squares ? 1 : 0;  // a constant is described by its mean
  return 1 - missed / spread;
}

std::vector<Coalition> masks_of(std::size_t players, const Budget& budget) {
  std::mt19937_64 random(budget.seed);
  std::vector<Coalition> masks{Coalition(players, true)};
  while (masks.size() < budget.evaluations) masks.push_back(random_coalition(random, players, below(random, players)));
  return masks;
}

}  // namespace

LocalLinear local_linear(std::size_t players, const ValueFunction& value, const Budget& budget) {
  CHECK(players <= kLinearPlayers);
  LocalLinear result;
  if (players == 0) {
    const std::vector<double> values = values_within(value, 1, {Coalition{}}, budget, 1);
    result.with_all = result.intercept = values[0];
    result.fidelity = 1;
    result.evaluations = 1;
    return result;
  }
  const std::vector<Coalition> masks = masks_of(players, budget);
  const std::vector<double> values = values_within(value, 1, masks, budget, 1);
  std::vector<Sample> samples;
  for (std::size_t s = 0; s < values.size(); ++s) samples.push_back({masks[s], values[s], kernel(masks[s])});
  result.with_all = values[0];
  result.evaluations = values.size();
  Line line = fit(samples, players, [](std::size_t) { return true; });
  result.fidelity = fidelity_of(samples, players);
  result.coefficients = std::move(line.slopes);
  result.intercept = line.intercept;
  return result;
}

}  // namespace osler::reasoning
