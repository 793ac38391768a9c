// The sum over hypotheses: nothing modelled, one condition, two conditions. Every term is positive, and a pair has at least
// one member among the 40 best single conditions on the full evidence.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "reasoning/case_model.h"

namespace osler::reasoning {

/// How the evidence changes when something is left out of it: factors that go, come or weigh otherwise, and what changes for
/// single candidates.
struct Change {
  std::vector<std::pair<const Factor*, double>> factors;  // and by how much their weight changes
  std::vector<double> context;                            // by candidate, log, not tempered; empty: nothing
  bool drop_duration = false, drop_onset = false, drop_severity = false;
};

/// The factors of a change to the case as `state` has it. A factor also changes when its group's weights do, or with the known conditions.
/// `make` makes a factor that the model lacks and keeps it at its place as long as the change is used.
std::vector<std::pair<const Factor*, double>> changed_factors(const CaseModel& model, const CaseState& state,
                                                              const std::function<const Factor&(const FactorSpec&)>& make);

/// Linear weights of all hypotheses, scaled so that the largest is 1.
struct Weights {
  double nothing = 0;
  std::vector<double> single;  // by candidate
  std::vector<double> pair;    // [rank of the better member][candidate]; 0 where {c, d} stands elsewhere
};

struct Sums {
  double total = 0;
  std::vector<double> with;    // by candidate: weight of all hypotheses that hold it
};

struct Heavy {
  double weight = 0;
  std::uint32_t first = clinical::kNone, second = clinical::kNone;  // candidates; both kNone: nothing
};

class Hypotheses {
 public:
  explicit Hypotheses(const CaseModel& model);

  const Weights& weights() const { return weights_; }
  Sums sums(const Weights& weights) const;
  /// log of the sums with and without the candidate, never by 1 - P.
  double log_odds(const Weights& weights, const Sums& sums, std::size_t candidate) const;
  double nothing_log_odds(const Weights& weights) const;
  /// The same over the hypotheses without any candidate that is `gone` (by candidate).
  double nothing_without(const std::vector<std::uint8_t>& gone) const;

  /// Weights after a change: the same hypotheses, so the result is exact.
  void apply(const Change& change, Weights& out) const;

  /// log_odds() of each of the candidates after a change, without keeping the weights.
  std::vector<double> log_odds_after(const Change& change, const std::vector<std::size_t>& candidates) const;

  /// Share of the weight whose most urgent member has each urgency, with the prior of visits as they come; nothing modelled is not
  /// in it.
  std::array<double, 4> urgency_shares() const;

  /// The heaviest, heaviest first, weights as shares of the total.
  std::vector<Heavy> heaviest(std::size_t count) const;

  const CaseModel& model() const { return model_; }

 private:
  void choose_best();
  void fill_singles();
  void fill_pairs(std::size_t rank);
  void add_likelihoods(std::size_t c, double* row, std::vector<double>& product) const;
  void to_linear();
  double without(const Weights& weights, std::size_t candidate) const;

  class Changed;

  const CaseModel& model_;
  std::size_t size_ = 0;
  std::vector<std::uint32_t> best_;     // candidates, best first
  std::vector<std::size_t> by_weight_;  // factors, those of one weight together
  std::vector<std::uint32_t> rank_;     // by candidate; kNone: not among the best
  Weights weights_;
  std::vector<double> single_log_;
  double largest_ = 0;                  // log of what is scaled to 1
};

}  // namespace osler::reasoning
