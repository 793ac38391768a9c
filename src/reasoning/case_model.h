// One case in numbers: everything that a sum over hypotheses needs, for each candidate.
#pragma once

#include <array>
#include <vector>

#include "reasoning/context.h"
#include "reasoning/factors.h"
#include "reasoning/prior.h"

namespace osler::reasoning {

/// All logs are natural. The referents outlive the model.
struct CaseModel {
  CaseModel(const Tables& tables, const NetworkParameters& parameters, const clinical::CaseFindings& findings);
  CaseModel(const CaseModel&) = delete;

  const clinical::Condition& condition(std::size_t candidate) const {
    return tables.knowledge.conditions[candidates.conditions[candidate]];
  }
  double severity_of(std::size_t candidate) const { return severity[urgency[candidate]]; }

  const Tables& tables;
  const NetworkParameters& parameters;
  const clinical::CaseFindings& findings;
  CaseState state;
  std::vector<double> unsaid;                   // by finding (context.h)
  Candidates candidates;
  Nodes nodes;
  std::vector<Factor> factors;
  std::vector<std::vector<double>> log_ratios;  // [factor][speaker], times the factor's weight
  // By candidate.
  std::vector<double> prior, risk, silence, duration, onset;
  std::vector<double> visit_prior;              // as `prior`, for visits as they come (alpha 1): what urgency is judged by
  std::vector<double> likelihood;               // sum of log_ratios over factors, before lambda
  std::vector<std::uint8_t> urgency;            // Urgency as a number: smaller is more urgent
  std::array<double, 4> severity{};             // by urgency
};

}  // namespace osler::reasoning
