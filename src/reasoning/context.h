// What multiplies a condition's odds apart from findings: risk factors, hallmarks passed over in silence, the course of
// the present problem, and how severe it is.
#pragma once

#include <array>
#include <vector>

#include "reasoning/factors.h"
#include "reasoning/parameters.h"

namespace osler::reasoning {

/// log of the product of a condition's risk factors that this patient has: within a group only the strongest, each
/// within [1/30, 30], together within [1/200, 200].
double log_risk(const Tables& tables, const CaseState& state, clinical::ConditionIndex condition);

/// log_risk() of each candidate under `state`, given what it was under `before`: only what differs is looked at.
std::vector<double> log_risks(const Tables& tables, const Candidates& candidates, const CaseState& state,
                              const CaseState& before, std::vector<double> risks);

/// By finding: the probability that a patient with nothing modelled does not mention it; 0 where it was mentioned or could not be (below an
/// absent finding; without a narrative), and where it is nobody's hallmark. `mention`: how often what is there is said (NetworkParameters::silence).
std::vector<double> unsaid_at_large(const Tables& tables, const clinical::CaseFindings& findings, const CaseState& state, double mention);

/// Hallmarks of a condition that nobody mentioned. Of a finding and its descendants only the topmost counts.
std::vector<Hallmark> silent_hallmarks(const Tables& tables, const std::vector<double>& unsaid, clinical::ConditionIndex condition);

/// log of one silent hallmark's factor, at most 0; of all of a condition together, at least log 0.1; and of several by the sum of their logs.
double log_silence(const Hallmark& hallmark, const std::vector<double>& unsaid, double mention);
double log_silence_of(const Tables& tables, const std::vector<double>& unsaid, clinical::ConditionIndex condition, double mention);
double log_silence_together(double sum_of_logs);

/// log density ratio of the duration against visits at large, limited to [0.1, 5]; 0 when not stated.
double log_duration(const clinical::Condition& condition, const clinical::CaseFindings& findings);
double log_onset(const clinical::Condition& condition, const clinical::CaseFindings& findings);

/// log likelihood of the stated severity by urgency class; a hypothesis takes that of its most urgent member.
std::array<double, 4> log_severity(clinical::Severity severity);

}  // namespace osler::reasoning
