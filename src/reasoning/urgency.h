// How soon a patient must be seen: by the danger, not by the favourite.
#pragma once

#include <array>

#include "clinical/differential.h"
#include "reasoning/parameters.h"
#include "reasoning/red_flags.h"

namespace osler::reasoning {

/// What is held against the emergency threshold: the probability with its odds multiplied by e for a severe complaint and divided by e
/// for a mild one, so that a mild complaint needs more to be called an emergency (ADR 12 has the measure).
double judged_emergency(double probability, clinical::Severity severity);

/// `shares`: of the posterior, by the urgency of a hypothesis' most urgent member. Emergency when the judged P(any emergency
/// condition) reaches its threshold or a red flag says so, likewise urgent; self-care only when self-limiting conditions
/// outweigh all others and the case is not severe.
clinical::UrgencyAssessment assess_urgency(const std::array<double, 4>& shares, const std::vector<Alarm>& alarms,
                                           clinical::Severity severity, const NetworkParameters& parameters);

}  // namespace osler::reasoning
