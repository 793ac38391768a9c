// The network on parts of one case: weights of all its hypotheses when only some of it was said.
#pragma once

#include <deque>
#include <vector>

#include "reasoning/attribution_units.h"
#include "reasoning/hypotheses.h"

namespace osler::reasoning {

/// One patient (age, sex, pregnancy) with everything that the case says of them. Not thread-safe: it keeps what it has worked out.
///
/// Leaving things out follows evidence.h: the 40 best conditions stay those of the whole case; silence is that of the whole case, so what is left
/// out counts as not asked rather than as not mentioned; an age that is left out leaves the prior, not the limits and leaks.
class CaseInParts {
 public:
  CaseInParts(const Tables& tables, const NetworkParameters& parameters, clinical::CaseFindings findings);
  CaseInParts(const CaseInParts&) = delete;

  const CaseModel& model() const { return model_; }
  const Weights& weights() const { return hypotheses_.weights(); }

  /// Weights when of this patient only `said` is known, a part of the findings, and the age or not.
  void weights_of(const clinical::CaseFindings& said, bool age_said, Weights& out);

  /// What makes them so; its factors stay as they are for the life of this.
  Change change_to(const clinical::CaseFindings& said, bool age_said);

  /// True when saying no more than that changes no hypothesis.
  bool changes_nothing(const clinical::CaseFindings& said, bool age_said);

  /// Log-odds of candidates under such weights.
  std::vector<double> log_odds(const Weights& weights, const std::vector<std::uint32_t>& candidates) const;

  /// Candidate of a condition; kNone when a hard limit excludes it.
  std::uint32_t candidate_of(clinical::ConditionIndex condition) const { return model_.candidates.position[condition]; }
  std::size_t size() const { return model_.candidates.size(); }

  /// The better member of each row of pairs (hypotheses.h), as candidates.
  std::vector<std::uint32_t> best() const;

 private:
  /// Factors under one set of known conditions, each made once.
  struct Known {
    Known(const CaseModel& model, std::vector<clinical::ConditionIndex> conditions_in);
    std::vector<clinical::ConditionIndex> conditions;
    Nodes nodes;
    std::deque<Factor> factors;
  };

  Known& known(const std::vector<clinical::ConditionIndex>& conditions);
  const Factor& factor(Known& known, const FactorSpec& spec) const;

  const clinical::CaseFindings findings_;
  CaseModel model_;
  Hypotheses hypotheses_;
  std::vector<double> prior_without_age_;
  std::deque<Known> known_;
};

}  // namespace osler::reasoning
