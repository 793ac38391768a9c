// The network written down once more: slowly, in long double, straight from docs/reasoning.md, and sharing no code with
// src/reasoning. It enumerates every hypothesis and multiplies every term.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "clinical/findings.h"
#include "reasoning/parameters.h"

namespace osler::reasoning::plain {

struct Options {
  bool age = true, sex = true, pregnancy = true, severity = true, duration = true, onset = true;
  std::optional<std::vector<clinical::ConditionIndex>> best;  // the 40 best singles of another case
  const clinical::CaseFindings* silence_of = nullptr;         // take silence from this case instead
};

struct Answer {
  std::vector<long double> log_odds;  // by condition; -infinity where excluded
  long double nothing = 0;
  long double emergency = 0, urgent_or_worse = 0;
  std::vector<clinical::ConditionIndex> best;
};

Answer enumerate(const clinical::KnowledgeBase& knowledge, const NetworkParameters& parameters,
                 const clinical::CaseFindings& findings, const Options& options = {});

}  // namespace osler::reasoning::plain
