// The reasoning network: calibrated probabilities of conditions from findings, by a noisy-OR with leak over
// hypotheses of none, one or two conditions. docs/reasoning.md derives it (Pearl 1988; QMR-DT, Shwe 1991).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clinical/differential.h"
#include "clinical/findings.h"
#include "clinical/knowledge.h"
#include "reasoning/ensemble.h"
#include "reasoning/parameters.h"
#include "reasoning/tables.h"

namespace osler::reasoning {

/// Posterior probabilities without evidence texts: what evaluation and fitting need.
struct Posterior {
  std::vector<double> log_odds;   // of each condition, uncalibrated; -infinity where a hard limit excludes it
  double nothing_log_odds = 0;    // of the hypothesis that nothing modelled explains the case
  double emergency = 0;           // P(at least one emergency condition), summed over hypotheses
  double urgent_or_worse = 0;
};

/// A question or test and what it is expected to tell.
struct NextStep {
  clinical::FindingIndex finding = clinical::kNone;
  double gain = 0;                // expected fall of weighted entropy per unit of cost
};

/// Immutable after construction; every thread may use it. Keeps a reference to the knowledge base.
class Network {
 public:
  Network(const clinical::KnowledgeBase& knowledge, NetworkParameters parameters);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) = delete;

  Posterior posterior(const clinical::CaseFindings& findings) const;

  /// Ranked, calibrated, with evidence on the first `explained` conditions and all at or above `threshold`. Conditions that a
  /// hard limit excludes and chronic ones that the caller stated are not among the suspected. With an `encoder` the ranks and
  /// confidences are those of both (ensemble.h); evidence, urgency and what is unexplained stay the network's.
  clinical::Differential diagnose(const clinical::CaseFindings& findings, std::size_t explained, double threshold,
                                  const EncoderOpinion* encoder = nullptr) const;

  /// Log-odds of the hypothesis that nothing modelled explains the case, were `left_out` not modelled (for calibration).
  double nothing_without(const clinical::CaseFindings& findings, const std::vector<clinical::ConditionIndex>& left_out) const;

  /// The most useful things to ask or test next, best first.
  std::vector<NextStep> next_steps(const clinical::CaseFindings& findings, std::size_t count) const;

  const NetworkParameters& parameters() const;

  /// What it derived from the knowledge base once, for network_attribution.h.
  const Tables& tables() const;

  /// Ids in the table of red flags that this knowledge base lacks, for the log at start: rules that name them never fire.
  const std::vector<std::string>& unknown_red_flags() const;

 private:
  class Fixed;  // what does not depend on the patient
  const clinical::KnowledgeBase& knowledge_;
  NetworkParameters parameters_;
  std::unique_ptr<const Fixed> fixed_;
};

/// The findings that the network was given: what is present in text or graded abnormal.
std::size_t findings_given(const clinical::CaseFindings& findings);

/// Calibrated log-odds: clip(log_odds, +-7) / temperature + offset; and the confidence, its sigmoid.
double calibrated_log_odds(double log_odds, const NetworkParameters& parameters);
double confidence_of(double log_odds, const NetworkParameters& parameters);

}  // namespace osler::reasoning
