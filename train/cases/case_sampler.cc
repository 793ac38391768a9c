#include "train/cases/case_sampler.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "train/cases/measured_value.h"

namespace osler::train {

using namespace clinical;

namespace {

// All shares below are estimates of how people tell their story, not figures from a ward.
constexpr double kSymptomTold = 0.85, kSignTold = 0.5, kImagingTold = 0.3, kHistoryTold = 0.7, kVitalTold = 0.35, kLabTold = 0.15;
constexpr double kMeasuredIfListed = 0.45, kVitalsTaken = 0.4;
constexpr double kParentToldToo = 0.15;
constexpr std::size_t kMostPresent = 10, kMostDenied = 6;
constexpr double kMarkedShare = 0.25;
constexpr double kRiskFactorBase = 0.04, kMostRiskFactor = 0.5;
constexpr double kPregnantShare = 0.03;

/// Visits by age: infants and the old come more often (U.S. office visits, NAMCS 2018, rounded).
constexpr std::array<std::pair<double, double>, 9> kVisitAges = {{{0, 5}, {1, 4}, {5, 3}, {15, 2.5}, {25, 3.5}, {45, 5}, {65, 6}, {80, 4}, {95, 0.5}}};

double visits_at(double age) {
  for (std::size_t i = 1; i < kVisitAges.size(); ++i) {
    const auto& [to, weight] = kVisitAges[i];
    const auto& [from, before] = kVisitAges[i - 1];
    if (age <= to) return before + (weight - before) * (age - from) / (to - from);
  }
  return kVisitAges.back().second;
}

/// Ages even on log(age + 1), so that the months of infants are met.
double propose_age(Random& random) { return random.chance(0.75) ? random.uniform(0, 96) : std::exp(random.uniform(0, std::log(97))) - 1; }

double sample_age(const Condition& condition, Random& random) {
  constexpr int kTries = 200;
  double best = 0, best_weight = -1;
  double most = 0;
  for (const auto& [age, weight] : condition.age) most = std::max(most, weight);
  if (condition.age.empty()) most = 1;
  for (int i = 0; i < kTries; ++i) {
    const double age = propose_age(random);
    if (age < condition.limits.age_min || age > condition.limits.age_max) continue;
    const double weight = weight_at(condition.age, age) / most * visits_at(age) / 6;
    if (random.chance(weight)) return age;
    if (weight > best_weight) { best_weight = weight; best = age; }
  }
  return best_weight < 0 ? std::max(condition.limits.age_min, 0.0) : best;
}

void sample_person(const Condition& condition, Random& random, SampledCase& out) {
  constexpr double kYoungest = 14, kOldest = 50;
  out.age_years = sample_age(condition, random);
  const double female = condition.female / std::max(condition.female + condition.male, 1e-9);
  out.sex = random.chance(female) ? Sex::female : Sex::male;
  if (condition.limits.sex) out.sex = *condition.limits.sex;
  if (condition.limits.pregnant && *condition.limits.pregnant) {
    out.sex = Sex::female;
    out.pregnant = true;
    return;
  }
  const bool could_be = out.sex == Sex::female && out.age_years >= kYoungest && out.age_years <= kOldest;
  const bool excluded = condition.limits.pregnant && !*condition.limits.pregnant;
  out.pregnant = could_be && !excluded && random.chance(std::min(0.8, kPregnantShare * condition.pregnancy));
}

void sample_course(const Condition& condition, Random& random, SampledCase& out) {
  const double days = condition.duration_median_days * std::exp(random.normal() * std::max(0.3, condition.duration_spread * 0.7));
  out.duration_days = std::clamp(days, 0.04, std::max(1.0, out.age_years * 365));
  out.sudden = random.chance(condition.sudden);
  static constexpr std::array<std::array<double, 3>, 4> kSeverities = {{{0.1, 0.35, 0.55}, {0.15, 0.55, 0.3}, {0.4, 0.5, 0.1}, {0.65, 0.32, 0.03}}};
  const auto& shares = kSeverities[static_cast<std::size_t>(condition.urgency)];
  const double at = random.uniform();
  out.severity = at < shares[0] ? Severity::mild : at < shares[0] + shares[1] ? Severity::moderate : Severity::severe;
}

double told(FindingKind kind) {
  switch (kind) {
    case FindingKind::symptom: return kSymptomTold;
    case FindingKind::sign: return kSignTold;
    case FindingKind::imaging: return kImagingTold;
    case FindingKind::history: case FindingKind::exposure: case FindingKind::family: return kHistoryTold;
    case FindingKind::vital: return kVitalTold;
    case FindingKind::lab: return kLabTold;
  }
  return 0;
}

bool fits(const Limits& limits, const SampledCase& person) {
  if (person.age_years < limits.age_min || person.age_years > limits.age_max) return false;
  if (limits.sex && *limits.sex != person.sex) return false;
  return !limits.pregnant || *limits.pregnant == person.pregnant;
}

/// Whether the patient may have had it: its oldest age, and a pregnancy, may be behind them.
bool may_have_had(const Limits& limits, const SampledCase& person) {
  if (limits.sex && *limits.sex != person.sex) return false;
  if (limits.pregnant.value_or(false) && person.sex != Sex::female) return false;
  return person.age_years >= limits.age_min;
}

std::optional<double> value_of(const Quantity& quantity, Grade grade, const SampledCase& person, Random& random) {
  return value_graded(quantity, grade, person.age_years, person.sex, person.pregnant, random);
}

/// Something to come for, as against what a patient has been or done.
bool is_complaint(FindingKind kind) { return kind != FindingKind::history && kind != FindingKind::exposure && kind != FindingKind::family; }

/// The findings of one condition in one patient.
class Presentation {
 public:
  Presentation(const KnowledgeBase& knowledge, const Condition& condition, Random& random, SampledCase& out)
      : knowledge_(knowledge), condition_(condition), random_(random), out_(out) {}

  /// Patients in whom nothing is found do not come: they are drawn again, and at last given the condition's commonest finding.
  void run() {
    constexpr int kDraws = 20;
    for (int i = 0; i < kDraws; ++i)
      if (draw()) return;
    mention_commonest(false);
  }

  bool is_own_complaint(const SampledFinding& one) const {
    return one.polarity == Polarity::present && is_complaint(knowledge_.findings[one.finding].kind) && link_of(one.finding);
  }

 private:
  /// True when something of the condition is there to complain of, which is then told, whatever else is left out.
  bool draw() {
    present_.clear();
    out_.findings.clear();
    out_.quantities.clear();
    for (const FindingLink& link : condition_.findings) decide(link);
    for (const FindingLink& link : condition_.findings) mention(link);
    const auto told = [&](const SampledFinding& one) { return is_own_complaint(one); };
    return std::any_of(out_.findings.begin(), out_.findings.end(), told) || mention_commonest(true);
  }

  const FindingLink* link_of(FindingIndex finding) const {
    const auto& links = condition_.findings;
    const auto at = std::lower_bound(links.begin(), links.end(), finding, [](const FindingLink& link, FindingIndex f) { return link.finding < f; });
    return at != links.end() && at->finding == finding ? &*at : nullptr;
  }

  /// Parents first, so that a child is drawn within them; -1 undecided, 0 absent, 1 present.
  bool decide(const FindingLink& link) {
    const auto known = present_.find(link.finding);
    if (known != present_.end()) return known->second;
    const FindingIndex parent = knowledge_.findings[link.finding].parent;
    double probability = link.probability;
    if (const FindingLink* above = parent == kNone ? nullptr : link_of(parent)) {
      if (!decide(*above)) return present_[link.finding] = false;
      probability = std::min(0.98, probability / std::max(above->probability, 1e-6));
    }
    if (other_side_present(link.finding)) return present_[link.finding] = false;
    return present_[link.finding] = random_.chance(probability);
  }

  /// Nothing is both too high and too low.
  bool other_side_present(FindingIndex finding) const {
    const QuantityIndex index = knowledge_.findings[finding].quantity;
    if (index == kNone) return false;
    const Quantity& quantity = knowledge_.quantities[index];
    const auto other = present_.find(quantity.high == finding ? quantity.low : quantity.high);
    return other != present_.end() && other->second;
  }

  bool child_present(FindingIndex finding) const {
    for (const FindingIndex child : knowledge_.findings[finding].children) {
      const auto known = present_.find(child);
      if (known != present_.end() && known->second) return true;
    }
    return false;
  }

  void mention(const FindingLink& link) {
    const Finding& finding = knowledge_.findings[link.finding];
    if (finding.quantity != kNone && finding.high == (knowledge_.quantities[finding.quantity].high == link.finding)) measure(link, finding);
    if (!fits(finding.limits, out_)) return;
    const bool present = present_[link.finding];
    double share = told(finding.kind);
    if (present && child_present(link.finding)) share *= kParentToldToo;
    if (!present) share *= finding.kind == FindingKind::symptom ? 0.12 + 0.35 * link.probability : 0.1;
    if (!random_.chance(share)) return;
    out_.findings.push_back({link.finding, present ? Polarity::present : Polarity::absent, link.probability});
  }

  /// Once for each quantity, whichever of its sides the condition lists first.
  void measure(const FindingLink& link, const Finding& finding) {
    for (const SampledQuantity& done : out_.quantities)
      if (done.quantity == finding.quantity) return;
    const Quantity& quantity = knowledge_.quantities[finding.quantity];
    if (quantity.kind == QuantityKind::lab && !random_.chance(kMeasuredIfListed)) return;
    if (quantity.kind == QuantityKind::vital && quantity.field.empty()) return;
    if (other_side_present(link.finding)) return;  // whose link measures it
    Grade grade = Grade::normal;
    if (present_[link.finding]) {
      const bool marked = random_.chance(link.marked.value_or(kMarkedShare));
      grade = finding.high ? (marked ? Grade::markedly_high : Grade::high) : (marked ? Grade::markedly_low : Grade::low);
    }
    const std::optional<double> value = value_of(quantity, grade, out_, random_);
    if (value) out_.quantities.push_back({finding.quantity, grade, *value});
  }

  /// The likeliest complaint, of those drawn as present or of all; one that is felt or seen before a measurement. False when there is none.
  bool mention_commonest(bool only_present) {
    const auto rank = [&](const FindingLink& link) { return std::pair(!is_measured(link.finding), link.probability); };
    const FindingLink* best = nullptr;
    for (const FindingLink& link : condition_.findings) {
      const Finding& finding = knowledge_.findings[link.finding];
      if (!is_complaint(finding.kind) || !fits(finding.limits, out_)) continue;
      if (only_present ? !present_[link.finding] || child_present(link.finding) : link.derived) continue;
      if (!best || rank(link) > rank(*best)) best = &link;
    }
    if (!best) return false;
    if (!only_present) {  // what was denied and measured so far was so without it
      out_.findings.clear();
      out_.quantities.clear();
    }
    out_.findings.push_back({best->finding, Polarity::present, best->probability});
    return true;
  }

  bool is_measured(FindingIndex finding) const {
    const FindingKind kind = knowledge_.findings[finding].kind;
    return kind == FindingKind::vital || kind == FindingKind::lab;
  }

  const KnowledgeBase& knowledge_;
  const Condition& condition_;
  Random& random_;
  SampledCase& out_;
  std::unordered_map<FindingIndex, bool> present_;
};

bool is_above(const KnowledgeBase& knowledge, FindingIndex parent, FindingIndex child) {
  for (FindingIndex above = knowledge.findings[child].parent; above != kNone; above = knowledge.findings[above].parent)
    if (above == parent) return true;
  return false;
}

/// Said the other way already, or a child that is present while what it is a kind of is denied.
bool contradicts(const KnowledgeBase& knowledge, const SampledFinding& one, const std::vector<SampledFinding>& told) {
  return std::any_of(told.begin(), told.end(), [&](const SampledFinding& other) {
    if (one.polarity == other.polarity) return false;
    const bool denied = one.polarity == Polarity::absent;
    return one.finding == other.finding || (denied ? is_above(knowledge, one.finding, other.finding) : is_above(knowledge, other.finding, one.finding));
  });
}

/// Not beyond the finding's limits, nor less than a fifth as common in such a person as in others: infants neither smoke nor worry.
bool is_likely_in(const KnowledgeBase& knowledge, FindingIndex index, const SampledCase& person) {
  constexpr double kLeastShare = 0.2;
  const Finding& finding = knowledge.findings[index];
  return fits(finding.limits, person) && leak_for(knowledge, index, person.age_years, person.sex, person.pregnant) > kLeastShare * finding.leak;
}

void sample_history(const KnowledgeBase& knowledge, const Condition& condition, ConditionIndex self, Random& random, SampledCase& out) {
  for (const RiskFactor& factor : condition.risk_factors) {
    const double odds = kRiskFactorBase * factor.ratio;
    if (!random.chance(std::min(kMostRiskFactor, odds / (1 + odds)))) continue;
    if (factor.finding != kNone) {
      const SampledFinding one{factor.finding, Polarity::present, kRiskFactorBase};
      if (is_likely_in(knowledge, factor.finding, out) && !contradicts(knowledge, one, out.findings)) out.findings.push_back(one);
      continue;
    }
    const ConditionIndex known = factor.self ? self : factor.condition;
    if (known != kNone && may_have_had(knowledge.conditions[known].limits, out)) out.known.push_back(known);
  }
}

/// What has nothing to do with the condition.
void add_unrelated(const KnowledgeBase& knowledge, FindingIndex finding, Random& random, SampledCase& out) {
  if (!is_likely_in(knowledge, finding, out)) return;
  const SampledFinding one{finding, random.chance(0.6) ? Polarity::present : Polarity::absent, knowledge.findings[finding].leak};
  if (!contradicts(knowledge, one, out.findings)) out.findings.push_back(one);
}

SampledQuantity* measured(const KnowledgeBase& knowledge, const char* field, SampledCase& out) {
  const auto at = std::find_if(out.quantities.begin(), out.quantities.end(), [&](const SampledQuantity& q) { return knowledge.quantities[q.quantity].field == field; });
  return at == out.quantities.end() ? nullptr : &*at;
}

/// A diastolic pressure lies below its systolic one, and comes with it: drawn again until it does, or left out.
void pair_pressures(const KnowledgeBase& knowledge, Random& random, SampledCase& out) {
  constexpr double kLeast = 0.35, kMost = 0.85;  // of the systolic pressure
  constexpr int kTries = 20;
  const SampledQuantity* systolic = measured(knowledge, "systolic_mmhg", out);
  SampledQuantity* diastolic = measured(knowledge, "diastolic_mmhg", out);
  if (!diastolic) return;
  for (int i = 0; systolic && i < kTries; ++i) {
    if (diastolic->value >= kLeast * systolic->value && diastolic->value <= kMost * systolic->value) return;
    diastolic->value = value_of(knowledge.quantities[diastolic->quantity], diastolic->grade, out, random).value_or(diastolic->value);
  }
  out.quantities.erase(out.quantities.begin() + (diastolic - out.quantities.data()));
}

/// The vitals nobody lists are normal when they are taken.
void sample_vitals(const KnowledgeBase& knowledge, const std::vector<QuantityIndex>& vitals, Random& random, SampledCase& out) {
  const bool taken = random.chance(kVitalsTaken);
  if (!taken) {
    std::erase_if(out.quantities, [&](const SampledQuantity& q) { return knowledge.quantities[q.quantity].kind == QuantityKind::vital; });
    return;
  }
  for (const QuantityIndex vital : vitals) {
    const bool done = std::any_of(out.quantities.begin(), out.quantities.end(), [&](const SampledQuantity& q) { return q.quantity == vital; });
    if (done || !random.chance(0.8)) continue;
    if (const auto value = value_of(knowledge.quantities[vital], Grade::normal, out, random)) out.quantities.push_back({vital, Grade::normal, *value});
  }
  pair_pressures(knowledge, random, out);
}

/// The most typical come up, in an order that is mostly by how typical; no finding twice. The last place is kept for a complaint of the condition's own.
void limit_findings(const Presentation& presentation, Random& random, SampledCase& out) {
  for (SampledFinding& finding : out.findings) finding.weight += 0.4 * random.uniform();
  std::stable_sort(out.findings.begin(), out.findings.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
  std::vector<SampledFinding> kept;
  std::size_t present = 0, denied = 0;
  bool own = false;
  const std::size_t most = 1 + random.below(kMostPresent), most_denied = random.below(kMostDenied);
  for (const SampledFinding& finding : out.findings) {
    const bool twice = std::any_of(kept.begin(), kept.end(), [&](const auto& other) { return other.finding == finding.finding; });
    const bool is_present = finding.polarity == Polarity::present, is_own = presentation.is_own_complaint(finding);
    std::size_t& count = is_present ? present : denied;
    if (twice || count >= (is_present ? most : most_denied)) continue;
    if (is_present && count + 1 == most && !own && !is_own) continue;
    own = own || is_own;
    ++count;
    kept.push_back(finding);
  }
  out.findings = std::move(kept);
}

double visit_frequency(const Condition& condition) {
  constexpr double kLeast = 0.01;
  return std::sqrt(std::max(condition.frequency_primary_care, kLeast) * std::max(condition.frequency_emergency, kLeast));
}

void accumulate(std::vector<double>& cumulative, double weight) { cumulative.push_back((cumulative.empty() ? 0 : cumulative.back()) + weight); }

}  // namespace

CaseSampler::CaseSampler(const KnowledgeBase& knowledge, double flattening) : knowledge_(knowledge) {
  for (ConditionIndex c = 0; c < knowledge.conditions.size(); ++c) {
    const Condition& condition = knowledge.conditions[c];
    accumulate(conditions_, std::pow(visit_frequency(condition), flattening));
    if (condition.course != Course::chronic) continue;
    background_.push_back(c);
    accumulate(background_weights_, visit_frequency(condition));
  }
  for (FindingIndex f = 0; f < knowledge.findings.size(); ++f) {
    const Finding& finding = knowledge.findings[f];
    if (finding.kind != FindingKind::symptom || finding.leak < 0.001) continue;
    unrelated_.push_back(f);
    accumulate(unrelated_weights_, finding.leak);
  }
  for (QuantityIndex q = 0; q < knowledge.quantities.size(); ++q)
    if (!knowledge.quantities[q].field.empty() && knowledge.quantities[q].id != "weight") vitals_.push_back(q);
}

ConditionIndex CaseSampler::sample_condition(Random& random) const { return static_cast<ConditionIndex>(random.weighted(conditions_)); }

SampledCase CaseSampler::sample(ConditionIndex index, Random& random) const {
  const Condition& condition = knowledge_.conditions[index];
  SampledCase out;
  out.condition = index;
  sample_person(condition, random, out);
  sample_course(condition, random, out);
  Presentation presentation(knowledge_, condition, random, out);
  presentation.run();
  sample_history(knowledge_, condition, index, random, out);
  for (std::size_t extra = unrelated_.empty() ? 0 : random.below(3); extra > 0; --extra)
    add_unrelated(knowledge_, unrelated_[random.weighted(unrelated_weights_)], random, out);
  if (!background_.empty() && out.age_years > 40 && random.chance(0.4)) {
    const ConditionIndex known = background_[random.weighted(background_weights_)];
    const Condition& disease = knowledge_.conditions[known];
    if (known != index && fits(disease.limits, out) && random.chance(std::min(1.0, weight_at(disease.age, out.age_years)))) out.known.push_back(known);
  }
  limit_findings(presentation, random, out);
  sample_vitals(knowledge_, vitals_, random, out);
  return out;
}

}  // namespace osler::train
