#include <algorithm>
#include <bit>

#include "base/check.h"
#include "reasoning/attribution.h"

namespace osler::reasoning {

namespace {

constexpr std::size_t kExactBatch = 32;

/// By size of the others that are present: (size! (players - size - 1)!) / players!
std::vector<double> weights_by_size(std::size_t players) {
  std::vector<double> weights(players);
  double weight = 1.0 / static_cast<double>(players);
  for (std::size_t size = 0; size < players; ++size) {
    weights[size] = weight;
    weight *= static_cast<double>(size + 1) / static_cast<double>(players - size - 1);
  }
  return weights;
}

}  // namespace

ValueFunction one_by_one(std::function<double(const Coalition&)> value) {
  return [value = std::move(value)](std::span<const Coalition> coalitions, std::span<double> values) {
    for (std::size_t i = 0; i < coalitions.size(); ++i) values[i] = value(coalitions[i]);
  };
}

Attribution shapley_of_table(std::size_t players, std::span<const double> table) {
  CHECK(table.size() == std::size_t{1} << players);
  Attribution result;
  result.values.assign(players, 0);
  result.standard_errors.assign(players, 0);
  result.with_none = table.front();
  result.with_all = table.back();
  result.exact = true;
  result.evaluations = table.size();
  if (players == 0) return result;
  const std::vector<double> weights = weights_by_size(players);
  for (std::size_t present = 0; present < table.size(); ++present) {
    const double weight = weights[std::min(static_cast<std::size_t>(std::popcount(present)), players - 1)];
    for (std::size_t i = 0; i < players; ++i) {
      const std::size_t bit = std::size_t{1} << i;
      if ((present & bit) == 0) result.values[i] += weight * (table[present | bit] - table[present]);
    }
  }
  return result;
}

Attribution exact_shapley(std::size_t players, const ValueFunction& value) {
  CHECK(players <= kExactPlayers);
  std::vector<double> table(std::size_t{1} << players);
  std::vector<Coalition> batch;
  for (std::size_t begin = 0; begin < table.size(); begin += kExactBatch) {
    batch.clear();
    for (std::size_t present = begin; present < std::min(begin + kExactBatch, table.size()); ++present) {
      Coalition& coalition = batch.emplace_back(players);
      for (std::size_t i = 0; i < players; ++i) coalition[i] = ((present >> i) & 1) != 0;
    }
    value(batch, {&table[begin], batch.size()});
  }
  return shapley_of_table(players, table);
}

}  // namespace osler::reasoning
