// The log-odds of a case of which only parts are said, over the hypotheses that weigh most: a quick stand-in where there are too many coalitions
// for all of them, to be corrected by a few exact ones.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "reasoning/attribution_hypotheses.h"

namespace osler::reasoning {

/// For one patient. Keeps references; not thread-safe.
class CaseSketch {
 public:
  /// Over the `count` hypotheses that weigh most in any of the `examples`, of which each is a case that says a part of the patient's.
  struct Example {
    clinical::CaseFindings said;
    bool age_said = true;
  };
  CaseSketch(CaseInParts& patient, const std::vector<std::uint32_t>& asked, const std::vector<Example>& examples, std::size_t count);

  /// What saying no more than that multiplies each hypothesis' weight by, for a part of units at a time. `key` is the part and which of its units
  /// are present.
  const std::vector<double>& ratios(std::size_t part, const Coalition& key, const std::function<Example()>& say);

  /// Log-odds of the asked conditions for the product of such ratios.
  void log_odds(const std::vector<const std::vector<double>*>& ratios, std::span<double> out);

 private:
  const std::vector<double>& logs_of(const Factor& factor);
  void add_course(const Change& change, std::vector<double>& logs) const;

  CaseInParts& patient_;
  std::size_t asked_;
  HypothesisOrder order_;
  std::vector<double> base_, product_;
  std::vector<Members> members_;
  std::unordered_map<const Factor*, std::vector<double>> logs_;               // by factor: lambda w log ratio of each hypothesis
  std::map<std::size_t, std::unordered_map<Coalition, std::vector<double>>> kept_;  // ratios by part and key
  std::size_t kept_count_ = 0;
};

}  // namespace osler::reasoning
