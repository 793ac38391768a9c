// Fixed numbers of the network: not fitted, shared by all conditions. docs/reasoning.md says where each enters.
#pragma once

#include <cstddef>

namespace osler::reasoning {

// Findings: P(finding | hypothesis) lies within [leak / 5, 0.97], a child's share of its parent at most 0.98.
inline constexpr double kPresentMost = 0.97;
inline constexpr double kLeakDivisor = 5;
inline constexpr double kChildMost = 0.98;
inline constexpr double kMarkedShare = 0.25;        // of abnormal values, those beyond the marked limit
inline constexpr double kExposureLeast = 1.0 / 30;  // an exposure that is denied divides by at most 30

// Silence.
inline constexpr double kHallmark = 0.65;
inline constexpr double kSilenceLeast = 0.1;

// Context.
inline constexpr double kRiskEach = 30;
inline constexpr double kRiskTogether = 200;
inline constexpr double kSelfRatio = 5;             // an earlier episode of the same, where the condition does not say
inline constexpr double kContextLeast = 0.1;
inline constexpr double kContextMost = 5;
inline constexpr double kLeastSpread = 0.7;         // sd of ln(days) of any condition
inline constexpr double kLeastDays = 0.02;          // half an hour: nothing is shorter by the time of a visit
// Visits at large. Estimate: half of new problems are seen within five days, one in six after a month
// (NAMCS 2018: 37 % of visits for a new problem of under three months, routine and chronic visits far longer).
inline constexpr double kVisitMedianDays = 5;
inline constexpr double kVisitSpread = 2.0;
inline constexpr double kVisitSudden = 0.25;        // estimate
inline constexpr double kLeastFrequency = 1e-4;     // per 10,000 visits: the loader's own bound

// Hypotheses.
inline constexpr std::size_t kBestSingles = 40;     // a pair has at least one member among these
inline constexpr double kLogitClip = 7;
inline constexpr double kNothingClip = 40;       // of nothing modelled: a full case has it far below any condition
inline constexpr double kLogitMost = 700;           // what stands for "certain" before clipping

// What is reported.
inline constexpr double kEvidenceLeast = 0.05;      // of a weight, unless the condition explains the finding
inline constexpr double kExplainedLeast = 0.001;    // weight shown for a finding explained here and better elsewhere
inline constexpr double kMustNotMissLeast = 0.02;   // confidence: also the bound of the pairs used for calibration

// Urgency.
inline constexpr double kSeverityStep = 1;          // natural log units of the odds of an emergency, from moderate to severe or mild

// Next steps.
inline constexpr std::size_t kHeaviest = 100;
inline constexpr double kMustNotMissValue = 3;

}  // namespace osler::reasoning
