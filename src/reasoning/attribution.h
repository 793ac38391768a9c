// What each part of an input contributes to a value, for any value function: Shapley values, exact or estimated, and a local
// linear model. Parts ("players") are numbers 0..n-1; a coalition says which are present. docs/adr/0015-explanations.md has the
// estimators that were measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/clock.h"

namespace osler::reasoning {

using Coalition = std::vector<bool>;

/// values[i] becomes the value of coalitions[i], a finite number. Several at a time, for models that are faster in batches. A function of more than
/// one output writes all of the first coalition, then all of the second, and so on.
using ValueFunction = std::function<void(std::span<const Coalition> coalitions, std::span<double> values)>;

/// A value function from one that takes one coalition at a time.
ValueFunction one_by_one(std::function<double(const Coalition&)> value);

/// How many evaluations each estimate made before its deadline, one after the other. Written down the first time; given back, each makes as many again
/// whatever the time, so that the same comes out to the last bit. Not thread-safe.
class EvaluationCounts {
 public:
  EvaluationCounts() = default;
  explicit EvaluationCounts(std::vector<std::size_t> made) : made_(std::move(made)), repeats_(true) {}

  bool repeats() const { return repeats_; }
  /// Of the next estimate; 0 when there were no more.
  std::size_t next() { return next_ < made_.size() ? made_[next_++] : 0; }
  void add(std::size_t made) { made_.push_back(made); }
  const std::vector<std::size_t>& made() const { return made_; }

 private:
  std::vector<std::size_t> made_;
  bool repeats_ = false;
  std::size_t next_ = 0;
};

/// What an estimate may cost. It stops before the first batch that would begin at the deadline or later; the batch that holds the
/// coalitions of all and of none runs in any case. Random draws are repeated by the seed.
struct Budget {
  std::size_t evaluations = 500;
  std::size_t batch = 32;
  std::uint64_t seed = 1;
  std::function<SteadyTime()> now;  // empty: no deadline
  SteadyTime deadline = SteadyTime::max();
  EvaluationCounts* counts = nullptr;  // outlives the estimate; none: nobody wants to know
};

/// By player. The values add up to with_all - with_none.
struct Attribution {
  std::vector<double> values;
  std::vector<double> standard_errors;  // 0 where exact; infinite where too little was evaluated to tell
  double with_all = 0, with_none = 0;
  bool exact = false;
  std::size_t evaluations = 0;
  std::size_t pairs = 0;                // of a coalition and its complement that an estimate rests on
};

inline constexpr std::size_t kExactPlayers = 16;

/// Shapley values by going through all 2^players coalitions; at most kExactPlayers.
Attribution exact_shapley(std::size_t players, const ValueFunction& value);

/// The same from the values of all coalitions: bit i of the place in the table says whether player i is present.
Attribution shapley_of_table(std::size_t players, std::span<const double> table);

/// Shapley values as the weighted regression that they solve (Charnes 1988; kernel SHAP, Lundberg and Lee 2017), on coalitions drawn
/// together with their complements (Covert and Lee 2021). Sizes of coalitions that the budget can go through completely are; where that is
/// all of them, the values are exact. Standard errors are the jackknife's, over pairs.
Attribution sampled_shapley(std::size_t players, const ValueFunction& value, const Budget& budget);

/// The same for each output of a function of several, from the same evaluations.
std::vector<Attribution> sampled_shapley(std::size_t players, std::size_t outputs, const ValueFunction& value, const Budget& budget);

inline constexpr std::size_t kLinearPlayers = 512;

/// A linear model of the value near the whole input.
struct LocalLinear {
  std::vector<double> coefficients;     // by player: change of the value with its presence
  double intercept = 0;                 // of the model where no player is present
  double with_all = 0;
  /// Weighted R^2 on every fifth sample, by the model without it; at most 1, below 0 where the mean would have done better, and 0 where fewer
  /// than kLeastHeldBack samples could be held back.
  double fidelity = 0;
  std::size_t evaluations = 0;
};

inline constexpr std::size_t kLeastHeldBack = 5;

/// LIME (Ribeiro 2016) over masks: the number of absent players uniform, weights exp(-(d / width)^2 / 2) in d = 1 - sqrt(share present), its
/// cosine distance, and ridge regression. At most kLinearPlayers players.
LocalLinear local_linear(std::size_t players, const ValueFunction& value, const Budget& budget);

}  // namespace osler::reasoning
