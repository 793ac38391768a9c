// Shapley values of a condition's log-odds over the units of a case, by the network. docs/adr/0015-explanations.md says what was
// measured.
//
// The value of a coalition is the log-odds when only its units were said: the network run anew on the case without the others, with three
// conventions, those of leaving one thing out (evidence.h). The 40 best conditions stay those of the whole case. What is withheld counts as not
// asked rather than as not mentioned: silence is that of the whole case. A withheld age leaves the prior only, since a case cannot lack one;
// a withheld sex or pregnancy is unknown everywhere, hard limits and leaks included. What no unit said stays: it is in with_none.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "reasoning/attribution.h"
#include "reasoning/attribution_case.h"
#include "reasoning/attribution_units.h"
#include "reasoning/network.h"

namespace osler::reasoning {

struct PartialCaseLimits {
  /// Coalitions times hypotheses of a table; beyond it the log-odds are worked out one coalition at a time. The default takes 14 units and a
  /// thousand conditions, a tenth of a second.
  double most_products = 7e8;
  std::size_t largest_part = 7;  // units that act together (attribution_parts.h)
};

/// One case of which only some units are said. Where few units change anything, the values of all their coalitions are worked out at once. Not
/// thread-safe; keeps references to the network and to nothing else.
class PartialCase {
 public:
  PartialCase(const Network& network, clinical::CaseFindings findings, std::vector<clinical::ConditionIndex> conditions,
              const std::vector<Unit>& units, const PartialCaseLimits& limits = {});

  /// True when log_odds() is a look-up and attribution() exact.
  bool tabulated() const { return tabulated_; }

  /// Units that change anything, ascending.
  std::vector<std::size_t> active_units() const;

  /// Log-odds of conditions[which] when only the units that are `present` were said; -infinity for one that a hard limit excludes from the
  /// whole case.
  double log_odds(std::size_t which, const Coalition& present);

  /// Shapley values of conditions[which] by unit. Exact where tabulated; else sampled within the budget. All 0 for an excluded condition.
  Attribution attribution(std::size_t which, const Budget& budget = {});

 private:
  CaseInParts& patient(std::size_t said);
  void find_players();
  bool fits(const PartialCaseLimits& limits);
  void tabulate();
  void tabulate_patient(std::size_t said);
  Coalition all_but(const std::vector<std::size_t>& withheld, std::size_t patient_units_said) const;
  bool age_said(const Coalition& present) const;
  std::size_t place_of(const Coalition& present) const;
  const std::vector<double>& worked_out(const Coalition& present);

  const Network& network_;
  clinical::CaseFindings findings_;
  std::vector<clinical::ConditionIndex> conditions_;
  std::vector<std::size_t> candidates_;                 // places of those of the conditions that no hard limit excludes
  std::size_t units_;
  std::vector<Piece> pieces_;
  std::vector<std::size_t> patient_units_;              // those that say the sex or the pregnancy: without them it is another patient
  std::vector<std::vector<std::size_t>> parts_;         // of the other active units
  std::vector<std::size_t> players_;                    // the parts' units in turn, then the patient units: bits of a place in the tables
  std::map<std::size_t, std::unique_ptr<CaseInParts>> patients_;  // by the patient units that are said, as bits
  bool tabulated_ = false;
  std::vector<std::vector<double>> tables_;             // by condition
  std::unordered_map<Coalition, std::vector<double>> worked_out_;  // where not tabulated
  Weights scratch_;
};

/// Shapley values for each of the conditions.
std::vector<Attribution> attribute(const Network& network, const clinical::CaseFindings& findings,
                                   const std::vector<clinical::ConditionIndex>& conditions, const std::vector<Unit>& units,
                                   const Budget& budget = {}, const PartialCaseLimits& limits = {});

}  // namespace osler::reasoning
