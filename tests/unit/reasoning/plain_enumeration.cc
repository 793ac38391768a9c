#include "plain_enumeration.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>

namespace osler::reasoning::plain {

using namespace clinical;
using Real = long double;
using Hypothesis = std::set<ConditionIndex>;

namespace {

Real limit(Real x, Real low, Real high) { return std::min(std::max(x, low), high); }
bool tells_exposure(FindingKind kind) {
  return kind == FindingKind::history || kind == FindingKind::exposure || kind == FindingKind::family;
}

class Enumeration {
 public:
  Enumeration(const KnowledgeBase& knowledge, const NetworkParameters& parameters, const CaseFindings& findings, const Options& options)
      : kb_(knowledge), par_(parameters), case_(findings), options_(options) {
    for (const StatedCondition& one : case_.known) {
      stated_.insert(one.condition);
      if (kb_.conditions[one.condition].course == Course::chronic) chronic_.insert(one.condition);
    }
    read(case_, present_, absent_, observed_);
    collect_observations();
    weigh_groups();
  }

  Answer run();

 private:
  struct Observation {
    enum Kind { positive, negative, measured } kind = positive;
    FindingIndex finding = kNone, given = kNone;
    QuantityIndex quantity = kNone;
    Grade grade = Grade::normal;
    Real weight = 1;
  };
  using Standing = std::set<FindingIndex>;

  FindingIndex parent(FindingIndex f) const { return kb_.findings[f].parent; }

  // ---- what the case says -------------------------------------------------------------------------------------------
  static bool share_side(const Quantity& a, const Quantity& b) {
    for (const FindingIndex x : {a.high, a.low})
      if (x != kNone && (x == b.high || x == b.low)) return true;
    return false;
  }

  /// Two measured quantities with a finding in common: the one that stays and the one that goes. The more extreme grade
  /// stays; of equally extreme ones the higher, then the one with more sides, then the last by id.
  std::optional<std::pair<QuantityIndex, QuantityIndex>> sharing(const std::map<QuantityIndex, Grade>& observed) const {
    const auto rank = [&](QuantityIndex q) {
      const int grade = static_cast<int>(observed.at(q)) - 2;
      const int sides = (kb_.quantities[q].high != kNone) + (kb_.quantities[q].low != kNone);
      return std::tuple(std::abs(grade), grade > 0, sides, kb_.quantities[q].id);
    };
    for (const auto& [a, grade_a] : observed)
      for (const auto& [b, grade_b] : observed)
        if (a != b && share_side(kb_.quantities[a], kb_.quantities[b]) && rank(a) > rank(b)) return std::pair(a, b);
    return {};
  }

  void read(const CaseFindings& findings, Standing& present, Standing& absent, std::map<QuantityIndex, Grade>& observed) const {
    for (const ObservedQuantity& one : findings.quantities) {
      const Quantity& quantity = kb_.quantities[one.quantity];
      Grade grade = one.grade;
      if (grade > Grade::normal && quantity.high == kNone) grade = Grade::normal;
      if (grade < Grade::normal && quantity.low == kNone) grade = Grade::normal;
      observed[one.quantity] = grade;
    }
    std::map<QuantityIndex, Standing> sides;
    for (const auto& [q, grade] : observed) sides[q] = {kb_.quantities[q].high, kb_.quantities[q].low};
    for (auto pair = sharing(observed); pair; pair = sharing(observed)) {
      const auto [stays, goes] = *pair;
      sides[stays].insert(sides[goes].begin(), sides[goes].end());
      observed.erase(goes);
      sides.erase(goes);
    }
    Standing settled;
    for (const auto& [q, all] : sides)
      for (const FindingIndex side : all)
        if (side != kNone) settled.insert(side);
    for (const ObservedFinding& one : findings.findings) {
      if (settled.contains(one.finding)) continue;
      if (one.polarity == Polarity::absent) absent.insert(one.finding);
      else
        for (FindingIndex f = one.finding; f != kNone; f = parent(f)) present.insert(f);
    }
    for (const FindingIndex side : settled) absent.insert(side);
    for (const auto& [q, grade] : observed)
      if (grade != Grade::normal) present.insert(grade > Grade::normal ? kb_.quantities[q].high : kb_.quantities[q].low);
    for (const FindingIndex f : present) absent.erase(f);
    for (const FindingIndex f : settled) settled_.insert(f);
  }

  void collect_observations() {
    for (const FindingIndex f : present_) {
      if (settled_.contains(f)) continue;
      Observation one;
      one.finding = f;
      one.given = parent(f);
      observations_.push_back(one);
    }
    for (const FindingIndex f : absent_) {
      if (settled_.contains(f)) continue;
      Observation one;
      one.kind = Observation::negative;
      one.finding = f;
      bool below = false;
      for (FindingIndex up = parent(f); up != kNone; up = parent(up)) {
        below = below || absent_.contains(up);
        if (one.given == kNone && present_.contains(up)) one.given = up;
      }
      if (!below) observations_.push_back(one);
    }
    for (const auto& [q, grade] : observed_) {
      Observation one;
      one.kind = Observation::measured;
      one.quantity = q;
      one.grade = grade;
      observations_.push_back(one);
    }
  }

  void weigh_groups() {
    std::map<std::pair<std::string, bool>, std::map<std::pair<double, std::string>, Observation*>> groups;
    for (Observation& one : observations_) {
      std::string group, id;
      double leak_there = 0;
      bool positive = one.kind == Observation::positive;
      if (one.kind == Observation::measured) {
        const Quantity& quantity = kb_.quantities[one.quantity];
        id = quantity.id;
        positive = one.grade != Grade::normal;
        if (positive) {
          const FindingIndex side = one.grade > Grade::normal ? quantity.high : quantity.low;
          group = kb_.findings[side].group;
          leak_there = double(leak(side));
        } else {
          group = quantity.group;
          for (const FindingIndex side : {quantity.high, quantity.low})
            if (side != kNone) leak_there += double(leak(side));
        }
      } else {
        group = kb_.findings[one.finding].group;
        id = kb_.findings[one.finding].id;
        leak_there = double(leak(one.finding));
      }
      if (!group.empty()) groups[{group, positive}][{leak_there, id}] = &one;
    }
    for (auto& [key, members] : groups) {
      Real weight = 1;
      for (auto& [place, one] : members) {
        one->weight = weight;
        weight *= par_.group_weight;
      }
    }
  }

  // ---- P(finding | hypothesis) --------------------------------------------------------------------------------------
  Real leak(FindingIndex f) const {
    return leak_for(kb_, f, case_.age_years, case_.sex, case_.pregnant.value_or(false));
  }

  const FindingLink* link(ConditionIndex c, FindingIndex f) const {
    for (const RiskFactor& risk : kb_.conditions[c].risk_factors)
      if (risk.finding == f) return nullptr;
    for (const FindingLink& one : kb_.conditions[c].findings)
      if (one.finding == f) return &one;
    return nullptr;
  }

  Real share(FindingIndex f) const { return std::min(leak(f) / leak(parent(f)), Real(0.98)); }

  std::optional<Real> p(ConditionIndex c, FindingIndex f) const {
    if (const FindingLink* one = link(c, f)) return one->probability;
    if (parent(f) == kNone) return {};
    const auto above = p(c, parent(f));
    return above ? std::optional<Real>(*above * share(f)) : std::nullopt;
  }

  std::optional<Real> baseline(ConditionIndex c, FindingIndex f) const {
    const FindingLink* one = link(c, f);
    if (one != nullptr && one->baseline) return *one->baseline;
    if (parent(f) == kNone) return {};
    const auto above = baseline(c, parent(f));
    return above ? std::optional<Real>(*above * share(f)) : std::nullopt;
  }

  /// (1 - leak) times the product of a over the hypothesis and the known conditions, limited.
  Real present(const Hypothesis& hypothesis, FindingIndex f, bool marked) const {
    const Real part = marked ? Real(0.25) : Real(1);
    const Real leaks = leak(f) * part;
    const auto marked_of = [&](ConditionIndex c) -> Real {
      if (!marked) return 1;
      return link(c, f)->marked.value_or(0.25);
    };
    Real absent = 1 - leaks;
    for (const ConditionIndex c : hypothesis)
      if (const auto own = p(c, f)) absent *= (1 - *own * marked_of(c)) / (1 - leaks);
    for (const ConditionIndex c : chronic_)
      if (const auto own = baseline(c, f); own && !hypothesis.contains(c)) absent *= (1 - *own * marked_of(c)) / (1 - leaks);
    return 1 - limit(absent, 0.03L, 1 - leaks / 5);
  }

  Real probability(const Hypothesis& hypothesis, const Observation& one) const {
    if (one.kind == Observation::measured) return probability_of_grade(hypothesis, one);
    Real positive = present(hypothesis, one.finding, false);
    if (one.given != kNone) positive = std::min(positive / present(hypothesis, one.given, false), Real(0.98));
    return one.kind == Observation::positive ? positive : 1 - positive;
  }

  Real probability_of_grade(const Hypothesis& hypothesis, const Observation& one) const {
    const Quantity& quantity = kb_.quantities[one.quantity];
    Real high = quantity.high == kNone ? 0 : present(hypothesis, quantity.high, false);
    Real low = quantity.low == kNone ? 0 : present(hypothesis, quantity.low, false);
    const Real scale = high + low > 0.97L ? 0.97L / (high + low) : 1;
    if (one.grade == Grade::normal) return 1 - (high + low) * scale;
    const bool up = one.grade > Grade::normal;
    const Real side = up ? high : low;
    const Real marked = std::min(present(hypothesis, up ? quantity.high : quantity.low, true) / side, Real(0.98));
    const bool is_marked = one.grade == Grade::markedly_high || one.grade == Grade::markedly_low;
    return side * scale * (is_marked ? marked : 1 - marked);
  }

  Real log_likelihood(const Hypothesis& hypothesis) const {
    Real sum = 0;
    for (const Observation& one : observations_) {
      Real ratio = probability(hypothesis, one) / probability({}, one);
      if (one.kind == Observation::negative && tells_exposure(kb_.findings[one.finding].kind)) ratio = std::max(ratio, Real(1.0 / 30));
      sum += one.weight * std::log(ratio);
    }
    return sum;
  }

  // ---- prior and context --------------------------------------------------------------------------------------------
  bool possible(ConditionIndex c) const {
    const Limits& limits = kb_.conditions[c].limits;
    const bool known_sex = case_.sex == Sex::female || case_.sex == Sex::male;
    if (case_.age_years < limits.age_min || case_.age_years > limits.age_max) return false;
    if (limits.sex && known_sex && case_.sex != *limits.sex) return false;
    if (limits.pregnant == true && case_.sex == Sex::male) return false;
    return !(limits.pregnant && case_.pregnant && *limits.pregnant != *case_.pregnant);
  }

  static Real age_weight(const Condition& condition, double age) {
    return age < condition.limits.age_min || age > condition.limits.age_max ? 0 : weight_at(condition.age, age);
  }

  static Real average_age_weight(const Condition& condition) {
    constexpr double kBands[][3] = {{0, 0.083, 0.008}, {0.083, 1, 0.027}, {1, 5, 0.06}, {5, 15, 0.08}, {15, 25, 0.09},
                                    {25, 45, 0.22}, {45, 65, 0.275}, {65, 75, 0.13}, {75, 95, 0.11}};
    Real sum = 0;
    for (const auto& band : kBands)
      for (int i = 0; i < 8; ++i) sum += Real(band[2]) / 8 * age_weight(condition, band[0] + (band[1] - band[0]) * (i + 0.5) / 8);
    return std::max(sum, Real(0.001));
  }

  Real unnormalised_prior(ConditionIndex c) const {
    const Condition& one = kb_.conditions[c];
    Real frequency = std::sqrt(Real(one.frequency_primary_care) * Real(one.frequency_emergency));
    if (case_.setting_known) frequency = case_.setting == Setting::primary_care ? one.frequency_primary_care : one.frequency_emergency;
    Real o = std::pow(frequency, Real(par_.alpha));
    if (options_.age) o *= std::max(age_weight(one, case_.age_years) / average_age_weight(one), Real(1e-6));
    const Real women = one.limits.sex == Sex::male ? 0 : one.female, men = one.limits.sex == Sex::female ? 0 : one.male;
    if (options_.sex && case_.sex == Sex::female) o *= Real(one.female) / ((women + men) / 2);
    if (options_.sex && case_.sex == Sex::male) o *= Real(one.male) / ((women + men) / 2);
    if (options_.pregnancy && case_.pregnant.value_or(false)) o *= one.pregnancy;
    return o;
  }

  Real risk(ConditionIndex c) const {
    const Condition& one = kb_.conditions[c];
    Real product = 1;
    std::map<std::string, std::vector<Real>> groups;
    bool says_self = false;
    for (const RiskFactor& factor : one.risk_factors) {
      says_self = says_self || factor.self;
      const bool there = factor.self ? stated_.contains(c)
                         : factor.finding != kNone ? present_.contains(factor.finding) : stated_.contains(factor.condition);
      if (!there) continue;
      const Real ratio = limit(factor.ratio, 1 / Real(30), 30);
      if (factor.group.empty()) product *= ratio;
      else groups[factor.group].push_back(ratio);
    }
    if (stated_.contains(c) && !says_self && one.course != Course::chronic) product *= 5;
    for (auto& [group, ratios] : groups) {
      const Real highest = *std::max_element(ratios.begin(), ratios.end()), lowest = *std::min_element(ratios.begin(), ratios.end());
      product *= highest * lowest >= 1 ? highest : lowest;
    }
    return limit(product, 1 / Real(200), 200);
  }

  Real silence(ConditionIndex c) const {
    const CaseFindings& from = options_.silence_of != nullptr ? *options_.silence_of : case_;
    if (!from.has_narrative) return 1;
    Standing present, absent;
    std::map<QuantityIndex, Grade> observed;
    Enumeration other(*this);
    other.settled_.clear();
    other.read(from, present, absent, observed);
    const auto silent = [&](FindingIndex f) {
      const FindingLink* one = link(c, f);
      const FindingKind kind = kb_.findings[f].kind;
      if (one == nullptr || one->probability < 0.65) return false;
      if (kind == FindingKind::imaging || kind == FindingKind::lab || kind == FindingKind::vital) return false;
      if (present.contains(f)) return false;
      for (FindingIndex up = f; up != kNone; up = parent(up))
        if (absent.contains(up)) return false;
      return true;
    };
    Real product = 1;
    for (FindingIndex f = 0; f < kb_.findings.size(); ++f) {
      if (!silent(f)) continue;
      bool topmost = true;
      for (FindingIndex up = parent(f); up != kNone; up = parent(up)) topmost = topmost && !silent(up);
      if (topmost) product *= std::min(Real(1), (1 - Real(par_.silence) * link(c, f)->probability) / (1 - Real(par_.silence) * leak(f)));
    }
    return std::max(product, Real(0.1));
  }

  Real duration(ConditionIndex c) const {
    if (!case_.duration_days || !options_.duration) return 1;
    const Condition& one = kb_.conditions[c];
    const auto density = [&](Real median, Real spread) {
      const Real z = (std::log(std::max(Real(*case_.duration_days), Real(0.02))) - std::log(median)) / spread;
      return std::exp(-z * z / 2) / spread;
    };
    return limit(density(one.duration_median_days, std::max(one.duration_spread, 0.7)) / density(5, 2), 0.1, 5);
  }

  Real onset(ConditionIndex c) const {
    if (!case_.onset || !options_.onset) return 1;
    const bool sudden = *case_.onset == Onset::sudden;
    const Real own = sudden ? kb_.conditions[c].sudden : 1 - Real(kb_.conditions[c].sudden);
    return limit(std::max(own, Real(0.001)) / (sudden ? 0.25L : 0.75L), 0.1, 5);
  }

  Real severity(const Hypothesis& hypothesis) const {
    if (case_.severity == Severity::moderate || hypothesis.empty() || !options_.severity) return 1;
    Urgency worst = Urgency::self_care;
    for (const ConditionIndex c : hypothesis) worst = std::min(worst, kb_.conditions[c].urgency);
    const std::map<Urgency, Real> severe = {{Urgency::emergency, 2}, {Urgency::urgent, 1.3}, {Urgency::routine, 0.7}, {Urgency::self_care, 0.4}};
    const std::map<Urgency, Real> mild = {{Urgency::emergency, 0.4}, {Urgency::urgent, 0.7}, {Urgency::routine, 1.3}, {Urgency::self_care, 2}};
    return (case_.severity == Severity::severe ? severe : mild).at(worst);
  }

  Real pair_factor(ConditionIndex a, ConditionIndex b) const {
    Real k = 1;
    for (const auto& [c, d] : {std::pair{a, b}, std::pair{b, a}}) {
      const auto& list = kb_.conditions[c].alternatives;
      if (std::find(list.begin(), list.end(), d) != list.end()) return 0;
      for (const auto& [other, factor] : kb_.conditions[c].complications)
        if (other == d) k = k == 1 ? Real(factor) : std::max(k, Real(factor));
    }
    return k;
  }

  Real log_weight(const Hypothesis& hypothesis, const std::map<ConditionIndex, Real>& o) const {
    if (hypothesis.empty()) return std::log(Real(par_.nothing_prior));
    Real log = hypothesis.size() == 1 ? std::log(1 - Real(par_.nothing_prior))
                                      : std::log(Real(par_.pair_weight) * pair_factor(*hypothesis.begin(), *hypothesis.rbegin()));
    Real longest = 0, most_sudden = 0;
    for (const ConditionIndex c : hypothesis) {
      log += std::log(o.at(c) * risk(c) * silence(c));
      longest = std::max(longest, duration(c));
      most_sudden = std::max(most_sudden, onset(c));
    }
    return log + std::log(longest * most_sudden) + par_.lambda * (log_likelihood(hypothesis) + std::log(severity(hypothesis)));
  }

  const KnowledgeBase& kb_;
  const NetworkParameters& par_;
  const CaseFindings& case_;
  const Options& options_;
  std::set<ConditionIndex> stated_, chronic_;
  Standing present_, absent_;
  mutable Standing settled_;
  std::map<QuantityIndex, Grade> observed_;
  std::vector<Observation> observations_;
};

Answer Enumeration::run() {
  std::map<ConditionIndex, Real> o;
  Real sum = 0;
  for (ConditionIndex c = 0; c < kb_.conditions.size(); ++c)
    if (possible(c)) sum += o[c] = unnormalised_prior(c);
  for (auto& [c, one] : o) one /= sum;

  std::map<Hypothesis, Real> logs;
  logs[{}] = log_weight({}, o);
  std::vector<std::pair<Real, ConditionIndex>> singles;
  for (const auto& [c, one] : o) {
    logs[{c}] = log_weight({c}, o);
    singles.emplace_back(-logs[{c}], c);
  }
  std::sort(singles.begin(), singles.end());
  if (singles.size() > 40) singles.resize(40);
  Answer answer;
  for (const auto& [log, c] : singles) answer.best.push_back(c);
  if (options_.best) answer.best = *options_.best;
  for (const ConditionIndex c : answer.best)
    for (const auto& [d, one] : o)
      if (c != d && !logs.contains({c, d})) logs[{c, d}] = log_weight({c, d}, o);

  Real most = logs[{}];
  for (const auto& [hypothesis, log] : logs) most = std::max(most, log);
  std::map<ConditionIndex, Real> with, without;
  Real total = 0, rest_of_nothing = 0;
  for (const auto& [hypothesis, log] : logs) {
    const Real weight = std::exp(log - most);
    total += weight;
    Urgency worst = Urgency::self_care;
    for (const auto& [c, one] : o) (hypothesis.contains(c) ? with : without)[c] += weight;
    for (const ConditionIndex c : hypothesis) worst = std::min(worst, kb_.conditions[c].urgency);
    if (!hypothesis.empty()) rest_of_nothing += weight;
    if (!hypothesis.empty() && worst == Urgency::emergency) answer.emergency += weight;
    if (!hypothesis.empty() && worst <= Urgency::urgent) answer.urgent_or_worse += weight;
  }
  answer.emergency /= total;
  answer.urgent_or_worse /= total;
  answer.nothing = logs[{}] - most - std::log(rest_of_nothing);
  answer.log_odds.assign(kb_.conditions.size(), -std::numeric_limits<Real>::infinity());
  for (const auto& [c, one] : o) answer.log_odds[c] = std::log(with[c]) - std::log(without[c]);
  return answer;
}

}  // namespace

Answer enumerate(const KnowledgeBase& knowledge, const NetworkParameters& parameters, const CaseFindings& findings, const Options& options) {
  return Enumeration(knowledge, parameters, findings, options).run();
}

}  // namespace osler::reasoning::plain
