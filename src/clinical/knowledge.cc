#include "clinical/knowledge.h"

#include <algorithm>
#include <cmath>

namespace osler::clinical {

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::symptom: return "symptom";
    case FindingKind::sign: return "sign";
    case FindingKind::imaging: return "imaging";
    case FindingKind::history: return "history";
    case FindingKind::exposure: return "exposure";
    case FindingKind::family: return "family";
    case FindingKind::vital: return "vital";
    case FindingKind::lab: return "lab";
  }
  return "symptom";
}

std::string_view name_of(Urgency urgency) {
  switch (urgency) {
    case Urgency::emergency: return "emergency";
    case Urgency::urgent: return "urgent";
    case Urgency::routine: return "routine";
    case Urgency::self_care: return "self_care";
  }
  return "routine";
}

std::string_view name_of(Course course) {
  switch (course) {
    case Course::acute: return "acute";
    case Course::episodic: return "episodic";
    case Course::chronic: return "chronic";
  }
  return "acute";
}

double weight_at(const AgeWeights& weights, double age_years) {
  if (weights.empty()) return 1;
  if (age_years <= weights.front().first) return weights.front().second;
  if (age_years >= weights.back().first) return weights.back().second;
  const auto upper = std::upper_bound(weights.begin(), weights.end(), age_years,
                                      [](double age, const auto& point) { return age < point.first; });
  const auto lower = upper - 1;
  if (lower->second == upper->second) return lower->second;
  const auto place = [](double age) { return std::log(age + 0.25); };
  const double part = (place(age_years) - place(lower->first)) / (place(upper->first) - place(lower->first));
  return std::exp((1 - part) * std::log(lower->second) + part * std::log(upper->second));
}

namespace {

double age_factor(const LeakFactors& factors, double age_years) {
  if (age_years < 1) return factors.infant;
  if (age_years < 16) return factors.child;
  return age_years > 65 ? factors.older : factors.adult;
}

double sex_factor(const LeakFactors& factors, Sex sex) {
  if (sex == Sex::female) return factors.female;
  if (sex == Sex::male) return factors.male;
  return (factors.female + factors.male) / 2;
}

}  // namespace

double leak_for(const KnowledgeBase& knowledge, FindingIndex finding, double age_years, Sex sex, bool pregnant) {
  const Finding& self = knowledge.findings[finding];
  const double base = self.parent == kNone ? self.leak
                                           : self.share * leak_for(knowledge, self.parent, age_years, sex, pregnant);
  const double factor = age_factor(self.leak_factors, age_years) * sex_factor(self.leak_factors, sex) *
                        (pregnant ? self.leak_factors.pregnant : 1);
  return std::clamp(base * factor, 1e-5, 0.95);
}

}  // namespace osler::clinical
