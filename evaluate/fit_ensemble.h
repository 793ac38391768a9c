// Fitting how network and encoder are combined, on cases with known diagnoses.
#pragma once

#include <vector>

#include "clinical/knowledge.h"
#include "reasoning/ensemble.h"
#include "reasoning/parameters.h"

namespace osler::evaluate {

/// What both say of one case.
struct EnsembleCase {
  std::vector<double> network;                       // uncalibrated log-odds by condition; -infinity: excluded
  std::vector<double> encoder;                       // likewise; NaN: no label
  std::size_t findings = 0;                          // that the network was given
  std::vector<clinical::ConditionIndex> right, acceptable;
};

/// Shares of cases with the diagnosis, or an acceptable one, first and among the first three; log loss a case as the network's fit has it.
struct RankScores {
  double first = 0, first_three = 0, log_loss = 0;
};

struct EnsembleReport {
  reasoning::EnsembleParameters parameters;
  // On the cases it was fitted on; and cross-validated, five folds by position, versions of a case together.
  RankScores network, encoder, fusion, encoder_held_out, fusion_held_out;
  std::vector<RankScores> fusion_held_out_by_version;
};

/// Nelder-Mead on the mean log loss of pairs that either gives 0.005 or more (and of the right one always), with a normal prior around the network alone.
/// `versions`: how many entries in a row are one case. Deterministic.
EnsembleReport fit_ensemble(const std::vector<EnsembleCase>& cases, std::size_t versions, const reasoning::NetworkParameters& network);

}  // namespace osler::evaluate
