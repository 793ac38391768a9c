// How likely each condition is as the main reason for such a visit, before anything is known of the presentation.
#pragma once

#include <vector>

#include "reasoning/factors.h"
#include "reasoning/parameters.h"

namespace osler::reasoning {

/// Facts about the patient that a prior may be asked to forget, for evidence. Hard limits are never forgotten.
struct PriorUses {
  bool age = true, sex = true, pregnancy = true;
};

/// Conditions that no hard limit (age, sex, pregnancy) excludes. An unknown sex or pregnancy excludes nothing.
Candidates candidates_of(const Tables& tables, const clinical::CaseFindings& findings);

/// log o_c of each candidate; the o_c sum to 1.
std::vector<double> log_priors(const Tables& tables, const clinical::CaseFindings& findings, const Candidates& candidates,
                               const NetworkParameters& parameters, const PriorUses& uses = {});

}  // namespace osler::reasoning
