#include "reasoning/urgency.h"

#include <cmath>

#include "reasoning/constants.h"

namespace osler::reasoning {

using namespace clinical;

namespace {

std::string percent(double probability) {
  const auto whole = static_cast<int>(std::lround(probability * 100));
  if (whole > 99) return "over 99 %";  // never certain
  return whole < 1 ? "under 1 %" : std::to_string(whole) + " %";
}

}  // namespace

double judged_emergency(double probability, Severity severity) {
  const double step = severity == Severity::severe ? kSeverityStep : severity == Severity::mild ? -kSeverityStep : 0;
  const double lifted = probability * std::exp(step);
  return lifted / (lifted + 1 - probability);
}

UrgencyAssessment assess_urgency(const std::array<double, 4>& shares, const std::vector<Alarm>& alarms, Severity severity,
                                 const NetworkParameters& parameters) {
  const double emergency = shares[0];
  const bool too_likely = judged_emergency(emergency, severity) >= parameters.emergency_threshold;
  const double urgent = shares[0] + shares[1];
  UrgencyAssessment assessment;
  const bool self_limiting = shares[3] > 0.5 && severity != Severity::severe;
  assessment.urgency = self_limiting ? Urgency::self_care : Urgency::routine;
  if (urgent >= parameters.urgent_threshold) assessment.urgency = Urgency::urgent;
  if (too_likely) assessment.urgency = Urgency::emergency;
  if (!alarms.empty()) assessment.urgency = std::min(assessment.urgency, alarms.front().urgency);
  for (const Alarm& alarm : alarms) assessment.reasons.push_back(alarm.reason);
  if (too_likely)
    assessment.reasons.push_back("probability of an emergency condition " + percent(emergency));
  else if (urgent >= parameters.urgent_threshold)
    assessment.reasons.push_back("probability of a condition that cannot wait " + percent(urgent));
  if (assessment.reasons.empty())
    assessment.reasons.push_back((self_limiting ? "most likely self-limiting" : "no red flag") +
                                 std::string("; probability of an emergency condition ") + percent(emergency));
  return assessment;
}

}  // namespace osler::reasoning
