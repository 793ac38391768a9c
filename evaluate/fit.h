// Fitting the shared parameters of the network on cases with known diagnoses.
#pragma once

#include <functional>
#include <vector>

#include "clinical/findings.h"
#include "clinical/knowledge.h"
#include "reasoning/parameters.h"

namespace osler::evaluate {

struct FitCase {
  clinical::CaseFindings findings;
  std::vector<clinical::ConditionIndex> right;       // the diagnosis
  std::vector<clinical::ConditionIndex> acceptable;  // neither right nor wrong
  bool emergency = false, urgent = false;            // what the case should be; neither: less
  bool reduced = false;                              // the complaint without narrative, vitals and labs
};

struct FitReport {
  reasoning::NetworkParameters parameters;
  double start_loss = 0, fitted_loss = 0;   // mean log loss a case, on what was fitted
  double cross_validated_loss = 0;          // five folds by position; the two versions of a case stay together
  std::vector<std::pair<std::string, double>> worth;  // loss when one parameter returns to its neutral value, minus fitted
};

/// Nelder-Mead over alpha, lambda, w, m, rho, temperature and offset on the mean log loss of pairs with P >= 0.005 (and of
/// the right one always); then `unexplained`, by leaving diagnoses out; then the two thresholds of
/// urgency: the largest that send at most 3 % of emergencies, and 14 % of urgent cases, lower beside the red flags, in `cases` and in
/// `triage` alike (written cases that say how soon, of another mix of diseases; used for nothing else). Deterministic.
/// `progress` is called with the number of evaluations so far.
FitReport fit(const clinical::KnowledgeBase& knowledge, const std::vector<FitCase>& cases, const std::vector<FitCase>& triage,
              const reasoning::NetworkParameters& start, const std::function<void(int)>& progress);

/// Mean log loss a case of the calibrated confidences.
double log_loss(const clinical::KnowledgeBase& knowledge, const std::vector<FitCase>& cases,
                const reasoning::NetworkParameters& parameters);

}  // namespace osler::evaluate
