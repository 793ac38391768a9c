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
#include <span>
#include <vector>

#include "reasoning/attribution.h"
#include "reasoning/attribution_sketch.h"
#include "reasoning/attribution_units.h"
#include "reasoning/network.h"

namespace osler::reasoning {

struct PartialCaseLimits {
  /// Coalitions times hypotheses of a table; with more the values are estimated. The default takes 13 to 14 units and a thousand conditions.
  double most_products = 7e8;
  std::size_t largest_part = 7;       // units that act together (attribution_parts.h), for a table
  /// For an estimate: hypotheses that the quick stand-in sums over, and exact coalitions for each unit that correct it.
  std::size_t heaviest = 1000;
  std::size_t corrections = 5;
};

/// What an estimate takes unless told otherwise: 30,000 coalitions of the stand-in, a fifth of a second; no deadline.
Budget quick_budget();

/// One case of which only some units are said. Where few units change anything, the values of all their coalitions are worked out at once. Not
/// thread-safe; keeps a reference to the network and to nothing else.
class PartialCase {
 public:
  PartialCase(const Network& network, clinical::CaseFindings findings, std::vector<clinical::ConditionIndex> conditions,
              const std::vector<Unit>& units, const PartialCaseLimits& limits = {});

  /// True when log_odds() is a look-up and the attributions are exact.
  bool tabulated() const { return tabulated_; }

  /// Units that change anything, ascending.
  std::vector<std::size_t> active_units() const;

  /// Log-odds of conditions[which] when only the units that are `present` were said; -infinity for one that a hard limit excludes from the
  /// whole case. Where not tabulated, the network's time for one condition's evidence.
  double log_odds(std::size_t which, const Coalition& present);

  /// Shapley values by unit for each condition; all 0, and with_all -infinity, for an excluded one. Exact where tabulated. Else an estimate
  /// from `budget.evaluations` coalitions of the stand-in, corrected by an estimate of what it lacks; its standard error covers both.
  std::vector<Attribution> attributions(const Budget& budget = quick_budget());

 private:
  struct Standing {                // a patient, and what stands in for it
    std::unique_ptr<CaseInParts> whole;
    std::unique_ptr<CaseSketch> sketch;
  };
  void find_players();
  bool fits() const;
  void tabulate();
  void tabulate_patient(std::size_t said);
  std::vector<Attribution> sampled(const Budget& budget);
  CaseInParts& patient(std::size_t said);
  CaseSketch& sketch(std::size_t said, std::uint64_t seed);
  std::size_t patient_units_in(const Coalition& present) const;
  std::vector<std::uint32_t> asked_of(const CaseInParts& patient) const;
  CaseSketch::Example said_in(const Coalition& present) const;
  Coalition units_of(const Coalition& players) const;
  Coalition part_only(const std::vector<std::size_t>& part, const Coalition& state, std::size_t patient_units_said) const;
  void exact_log_odds(const Coalition& present, std::span<double> out);
  void quick_log_odds(const Coalition& present, std::uint64_t seed, std::span<double> out);

  const Network& network_;
  clinical::CaseFindings findings_;
  std::vector<clinical::ConditionIndex> conditions_;
  std::size_t units_;
  PartialCaseLimits limits_;
  std::vector<Piece> pieces_;
  std::vector<std::size_t> candidates_;             // places of those of the conditions that no hard limit excludes
  std::vector<std::size_t> patient_units_;          // those that say the sex or the pregnancy: without them it is another patient
  std::vector<std::vector<std::size_t>> parts_;     // of the other active units
  std::vector<std::size_t> players_;                // the parts' units in turn, then the patient units: bits of a place in the tables
  std::map<std::size_t, Standing> patients_;        // by the patient units that are said, as bits
  bool tabulated_ = false;
  std::vector<std::vector<double>> tables_;         // by candidate
  Weights scratch_;
};

/// Shapley values for each of the conditions.
std::vector<Attribution> attribute(const Network& network, const clinical::CaseFindings& findings,
                                   const std::vector<clinical::ConditionIndex>& conditions, const std::vector<Unit>& units,
                                   const Budget& budget = quick_budget(), const PartialCaseLimits& limits = {});

}  // namespace osler::reasoning
