// What a case says once its statements have been put together: what is present, absent or unmentioned, which quantities
// were measured, which conditions the patient is known to have, and the factors that follow.
#pragma once

#include <cstdint>
#include <vector>

#include "clinical/findings.h"
#include "reasoning/parameters.h"
#include "reasoning/tables.h"

namespace osler::reasoning {

enum class Standing : std::uint8_t { unmentioned, present, absent };

/// One thing to leave out when a case is read; kNone leaves everything in.
struct LeftOut {
  clinical::FindingIndex finding = clinical::kNone;
  std::uint32_t cluster = clinical::kNone;  // of quantities
  clinical::ConditionIndex condition = clinical::kNone;
};

/// Everything that was measured of one cluster: the most extreme grade stands for it.
struct Measured {
  std::uint32_t cluster = clinical::kNone;
  clinical::QuantityIndex quantity = clinical::kNone;
  clinical::Grade grade = clinical::Grade::normal;
};

struct CaseState {
  std::vector<Standing> standing;                  // by finding; a present child makes its ancestors present
  std::vector<bool> by_measurement;                // by finding: a side of a quantity that was measured
  std::vector<Measured> measured;                  // by cluster, ascending
  std::vector<clinical::ConditionIndex> stated;    // sorted, each once
  std::vector<clinical::ConditionIndex> known;     // the chronic ones of these: K
};

CaseState read_case(const Tables& tables, const clinical::CaseFindings& findings, const LeftOut& left_out = {});

/// One observation as it enters the likelihood.
struct FactorSpec {
  enum class Kind : std::uint8_t { present, absent, measured };
  Kind kind = Kind::present;
  clinical::FindingIndex finding = clinical::kNone;   // not for measured
  clinical::FindingIndex given = clinical::kNone;     // the present ancestor it is conditional on, if any
  clinical::QuantityIndex quantity = clinical::kNone; // measured
  clinical::Grade grade = clinical::Grade::normal;    // measured
  double weight = 1;                                  // w_f of its group
  bool operator==(const FactorSpec&) const = default;
};

/// The same but for the weight.
bool same_observation(FactorSpec a, const FactorSpec& b);

/// The factors of a case with their group weights.
std::vector<FactorSpec> factors_of(const Tables& tables, const clinical::CaseFindings& findings, const CaseState& state,
                                   const NetworkParameters& parameters);

/// True when an ancestor is absent, so that nothing can be learnt from the finding itself.
bool below_absent(const Tables& tables, const CaseState& state, clinical::FindingIndex finding);

/// Leak of a finding for this patient.
double leak_of(const Tables& tables, const clinical::CaseFindings& findings, clinical::FindingIndex finding);

}  // namespace osler::reasoning
