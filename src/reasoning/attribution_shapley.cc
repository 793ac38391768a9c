#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "reasoning/attribution.h"
#include "reasoning/attribution_algebra.h"
#include "reasoning/attribution_sampling.h"

namespace osler::reasoning {

namespace {

constexpr double kRidge = 1e-10;        // of the total weight: what fewer pairs than players leave open becomes an equal share
constexpr double kLeastFreedom = 1e-6;  // one minus a pair's leverage

using Random = std::mt19937_64;

/// Pairs of one size and its complement, or of all sizes that cannot be gone through.
struct Stratum {
  double mass = 0;         // share of the Shapley kernel
  std::size_t whole = 0;   // pairs that there are; 0 where they are drawn
  std::size_t done = 0;
};

struct Pair {
  Coalition coalition;
  std::size_t stratum = 0;
};

struct Plan {
  std::vector<Stratum> strata;
  std::vector<Pair> pairs;  // in random order, so that any first part of them is a sample
};

/// Share of the kernel of coalitions of `size`, their complements with them.
double mass_of(std::size_t players, std::size_t size) {
  return (2 * size == players ? 1.0 : 2.0) / static_cast<double>(size * (players - size));
}

/// Pairs of a coalition of `size` and its complement, as a real number since it may be huge.
double pairs_of(std::size_t players, std::size_t size) {
  double count = 1;
  for (std::size_t i = 0; i < size; ++i) count *= static_cast<double>(players - i) / static_cast<double>(i + 1);
  return std::round(2 * size == players ? count / 2 : count);
}

void add_all_of_size(std::size_t players, std::size_t size, Plan& plan) {
  Coalition coalition(players, false);
  std::fill_n(coalition.begin(), size, true);
  do {
    if (2 * size == players && !coalition.front()) break;  // from here on complements of what has been
    plan.pairs.push_back({coalition, plan.strata.size() - 1});
    ++plan.strata.back().whole;
  } while (std::prev_permutation(coalition.begin(), coalition.end()));
}

void draw_from_size(std::size_t players, std::size_t first, std::size_t count, Random& random, Plan& plan) {
  std::vector<double> up_to;
  double sum = 0;
  for (std::size_t size = first; 2 * size <= players; ++size) up_to.push_back(sum += mass_of(players, size));
  plan.strata.push_back({sum, 0, 0});
  for (std::size_t i = 0; i < count; ++i) {
    const auto chosen = std::upper_bound(up_to.begin(), up_to.end() - 1, share_of_one(random) * sum);
    const std::size_t size = first + static_cast<std::size_t>(chosen - up_to.begin());
    plan.pairs.push_back({random_coalition(random, players, size), plan.strata.size() - 1});
  }
}

/// Sizes from 1 up are gone through as long as drawing would take as many pairs of them anyway.
Plan plan_of(std::size_t players, std::size_t pairs, Random& random) {
  double rest = 0;
  for (std::size_t size = 1; 2 * size <= players; ++size) rest += mass_of(players, size);
  Plan plan;
  std::size_t size = 1;
  for (; 2 * size <= players; ++size) {
    const double mass = mass_of(players, size), left = static_cast<double>(pairs - plan.pairs.size());
    if (left * mass < pairs_of(players, size) * rest * (1 - 1e-12)) break;
    plan.strata.push_back({mass, 0, 0});
    add_all_of_size(players, size, plan);
    rest -= mass;
  }
  if (2 * size <= players) draw_from_size(players, size, pairs - plan.pairs.size(), random, plan);
  for (std::size_t i = plan.pairs.size(); i > 1; --i) std::swap(plan.pairs[i - 1], plan.pairs[below(random, i)]);
  return plan;
}

Coalition complement(Coalition coalition) {
  coalition.flip();
  return coalition;
}

/// Least squares for value(coalition) - value(complement) = sum of +-values, where the values add up to a known sum: solved for the deviations from
/// an equal share, which add up to 0.
class Regression {
 public:
  Regression(std::size_t players, const std::vector<Attribution>& results) : players_(players) {
    for (const Attribution& result : results) shares_.push_back((result.with_all - result.with_none) / static_cast<double>(players));
  }

  /// The values of all outputs for the coalition and its complement.
  void add(const Coalition& coalition, const double* values, const double* of_complement, double weight, bool drawn) {
    Row row{std::vector<double>(players_), std::vector<double>(shares_.size()), weight, drawn};
    double sum = 0;
    for (std::size_t i = 0; i < players_; ++i) sum += row.signs[i] = coalition[i] ? 1 : -1;
    for (std::size_t k = 0; k < shares_.size(); ++k) row.differences[k] = values[k] - of_complement[k] - sum * shares_[k];
    rows_.push_back(std::move(row));
  }

  void solve(std::vector<Attribution>& results) {
    SymmetricMatrix matrix(players_);
    double weights = 0;
    for (const Row& row : rows_) {
      matrix.add_square(row.signs, row.weight);
      weights += row.weight;
    }
    for (std::size_t i = 0; i < players_; ++i) matrix.at(i, i) += kRidge * weights;
    const BalancedSolver solver(std::move(matrix));
    for (std::size_t k = 0; k < results.size(); ++k) {
      std::vector<double> right(players_, 0);
      for (const Row& row : rows_)
        for (std::size_t i = 0; i < players_; ++i) right[i] += row.weight * row.differences[k] * row.signs[i];
      results[k].values = solver.solve(std::move(right));
      for (Row& row : rows_) row.differences[k] -= dot(results[k].values, row.signs);  // what is left unexplained
      for (double& value : results[k].values) value += shares_[k];
    }
    add_errors(solver, results);
  }

 private:
  struct Row {
    std::vector<double> signs, differences;
    double weight;
    bool drawn;
  };

  /// Solves with the condition that the solution adds up to 0.
  class BalancedSolver {
   public:
    explicit BalancedSolver(SymmetricMatrix matrix)
        : factor_(std::move(matrix)), step_(factor_.solve(std::vector<double>(factor_.size(), 1.0))), sum_(sum_of(step_)) {}
    std::vector<double> solve(std::vector<double> right) const {
      std::vector<double> x = factor_.solve(std::move(right));
      const double sum = sum_of(x);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] -= step_[i] * sum / sum_;
      return x;
    }

   private:
    static double sum_of(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
    Cholesky factor_;
    std::vector<double> step_;
    double sum_;
  };

  /// What each drawn pair moves the solution by, had it been left out (the HC3 form of the jackknife).
  void add_errors(const BalancedSolver& solver, std::vector<Attribution>& results) const {
    const bool enough = rows_.size() > players_;
    for (Attribution& result : results) result.standard_errors.assign(players_, enough ? 0 : std::numeric_limits<double>::infinity());
    if (!enough) return;
    for (const Row& row : rows_) {
      if (!row.drawn) continue;
      const std::vector<double> pull = solver.solve(row.signs);
      const double scale = row.weight / std::max(1 - row.weight * dot(pull, row.signs), kLeastFreedom);
      for (std::size_t k = 0; k < results.size(); ++k)
        for (std::size_t i = 0; i < players_; ++i) results[k].standard_errors[i] += std::pow(scale * row.differences[k] * pull[i], 2);
    }
    for (Attribution& result : results)
      for (double& error : result.standard_errors) error = std::sqrt(error);
  }

  std::size_t players_;
  std::vector<double> shares_;  // by output
  std::vector<Row> rows_;
};

std::vector<Coalition> coalitions_of(std::size_t players, const Plan& plan) {
  std::vector<Coalition> list{Coalition(players, true), Coalition(players, false)};
  for (const Pair& pair : plan.pairs) {
    list.push_back(pair.coalition);
    list.push_back(complement(pair.coalition));
  }
  return list;
}

}  // namespace

Attribution sampled_shapley(std::size_t players, const ValueFunction& value, const Budget& budget) {
  return sampled_shapley(players, 1, value, budget).front();
}

std::vector<Attribution> sampled_shapley(std::size_t players, std::size_t outputs, const ValueFunction& value, const Budget& budget) {
  Random random(budget.seed);
  Plan plan = plan_of(players, (std::max<std::size_t>(budget.evaluations, 2) - 2) / 2, random);
  const std::vector<double> values = values_within(value, outputs, coalitions_of(players, plan), budget, 2);
  const std::size_t evaluations = values.size() / outputs, pairs = evaluations / 2 - 1;
  for (std::size_t i = 0; i < pairs; ++i) ++plan.strata[plan.pairs[i].stratum].done;
  const bool exact = std::all_of(plan.strata.begin(), plan.strata.end(), [](const Stratum& one) { return one.whole > 0 && one.done == one.whole; });
  std::vector<Attribution> results(outputs);
  for (std::size_t k = 0; k < outputs; ++k) {
    results[k].with_all = values[k];
    results[k].with_none = values[outputs + k];
    results[k].exact = exact;
    results[k].evaluations = evaluations;
    results[k].pairs = pairs;
  }
  if (players == 0) return results;
  Regression regression(players, results);
  for (std::size_t i = 0; i < pairs; ++i) {
    const Stratum& stratum = plan.strata[plan.pairs[i].stratum];
    const double* const first = &values[(2 * i + 2) * outputs];
    regression.add(plan.pairs[i].coalition, first, first + outputs, stratum.mass / static_cast<double>(stratum.done), stratum.done != stratum.whole);
  }
  regression.solve(results);
  if (exact)
    for (Attribution& result : results) result.standard_errors.assign(players, 0);
  return results;
}

}  // namespace osler::reasoning
