#include "train/cases/case_sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "../language/knowledge.h"
#include "../random_seed.h"
#include "small_world.h"

namespace osler::train {
namespace {

using namespace clinical;

constexpr int kCases = 20'000;  // tolerances of shares below are five standard errors or more

struct CaseSamplerTest : testing::Test {
  ConditionIndex condition(const std::string& id) const { return knowledge.condition_by_id.at(id); }
  FindingIndex finding(const std::string& id) const { return knowledge.finding_by_id.at(id); }
  /// Calls `look` with many patients who have that condition.
  template <typename Look>
  void each(const std::string& id, Look&& look, int count = kCases) const {
    const CaseSampler sampler(knowledge, 0.5);
    Random random(seed);
    for (int i = 0; i < count; ++i) look(sampler.sample(condition(id), random));
  }
  KnowledgeBase knowledge = small_world();
  const unsigned seed = fresh_seed();
};

const SampledFinding* find(const SampledCase& sampled, FindingIndex finding) {
  const auto at = std::find_if(sampled.findings.begin(), sampled.findings.end(), [&](const auto& one) { return one.finding == finding; });
  return at == sampled.findings.end() ? nullptr : &*at;
}

bool says(const SampledCase& sampled, FindingIndex finding, Polarity polarity) {
  const SampledFinding* found = find(sampled, finding);
  return found && found->polarity == polarity;
}

const SampledQuantity* measured(const SampledCase& sampled, QuantityIndex quantity) {
  const auto at = std::find_if(sampled.quantities.begin(), sampled.quantities.end(), [&](const auto& one) { return one.quantity == quantity; });
  return at == sampled.quantities.end() ? nullptr : &*at;
}

bool fits(const Limits& limits, const SampledCase& person) {
  return person.age_years >= limits.age_min && person.age_years <= limits.age_max && (!limits.sex || *limits.sex == person.sex) &&
         (!limits.pregnant || *limits.pregnant == person.pregnant);
}

/// Of old: an oldest age or a pregnancy may be behind them.
bool may_have_had(const Limits& limits, const SampledCase& person) {
  const bool by_sex = (!limits.sex || *limits.sex == person.sex) && (!limits.pregnant || !*limits.pregnant || person.sex == Sex::female);
  return by_sex && person.age_years >= limits.age_min;
}

void expect_graded(const KnowledgeBase& knowledge, const SampledCase& sampled) {
  for (const SampledQuantity& one : sampled.quantities) {
    const Quantity& quantity = knowledge.quantities[one.quantity];
    EXPECT_EQ(grade_value(quantity, one.value, sampled.age_years, sampled.sex, sampled.pregnant), one.grade) << quantity.id << " " << one.value;
    EXPECT_TRUE(one.value >= quantity.plausible_low && one.value <= quantity.plausible_high) << quantity.id << " " << one.value;
  }
}

TEST_F(CaseSamplerTest, TheSameNumbersGiveTheSamePatient) {
  const CaseSampler sampler(knowledge, 0.5);
  Random one(seed), other(seed);
  for (int i = 0; i < 100; ++i) {
    const SampledCase a = sampler.sample(condition("cold"), one), b = sampler.sample(condition("cold"), other);
    EXPECT_EQ(a.age_years, b.age_years);
    EXPECT_EQ(a.duration_days, b.duration_days);
    ASSERT_EQ(a.findings.size(), b.findings.size());
    for (std::size_t f = 0; f < a.findings.size(); ++f) EXPECT_EQ(a.findings[f].finding, b.findings[f].finding);
  }
}

TEST_F(CaseSamplerTest, FlatteningIsThePowerOfTheFrequency) {
  std::map<ConditionIndex, int> alike, half, as_met;
  const CaseSampler flat(knowledge, 0), between(knowledge, 0.5), steep(knowledge, 1);
  Random random(seed);
  for (int i = 0; i < kCases; ++i) {
    ++alike[flat.sample_condition(random)];
    ++half[between.sample_condition(random)];
    ++as_met[steep.sample_condition(random)];
  }
  EXPECT_EQ(alike.size(), knowledge.conditions.size());
  for (const auto& [index, count] : alike) EXPECT_NEAR(count, kCases / 5.0, 350) << knowledge.conditions[index].id;
  // Of both settings' frequencies the geometric mean: 200 and 100.
  EXPECT_NEAR(static_cast<double>(as_met[condition("cold")]) / as_met[condition("sweetness")], 2, 0.2);
  EXPECT_NEAR(static_cast<double>(half[condition("cold")]) / half[condition("sweetness")], std::sqrt(2.0), 0.15);
}

TEST_F(CaseSamplerTest, PersonsRespectTheLimitsOfTheirCondition) {
  for (const Condition& one : knowledge.conditions)
    each(one.id, [&](const SampledCase& sampled) { ASSERT_TRUE(fits(one.limits, sampled)) << one.id << " at " << sampled.age_years; }, 2000);
}

TEST_F(CaseSamplerTest, PersonsRespectTheLimitsOfEveryShippedCondition) {
  const KnowledgeBase& shipped = language::shipped_knowledge();
  const CaseSampler sampler(shipped, 0.35);
  Random random(seed);
  for (ConditionIndex c = 0; c < shipped.conditions.size(); ++c)
    for (int i = 0; i < 20; ++i) {
      const SampledCase sampled = sampler.sample(c, random);
      EXPECT_EQ(sampled.condition, c);
      EXPECT_TRUE(fits(shipped.conditions[c].limits, sampled)) << shipped.conditions[c].id << " at " << sampled.age_years;
      EXPECT_TRUE(!sampled.pregnant || sampled.sex == Sex::female) << shipped.conditions[c].id;
      expect_graded(shipped, sampled);
    }
}

TEST_F(CaseSamplerTest, WhatComesUpCanBeSaidOfThePerson) {
  const KnowledgeBase& shipped = language::shipped_knowledge();
  const CaseSampler sampler(shipped, 0);
  Random random(seed);
  for (int i = 0; i < kCases; ++i) {
    const SampledCase sampled = sampler.sample(sampler.sample_condition(random), random);
    const std::string& id = shipped.conditions[sampled.condition].id;
    for (const SampledFinding& one : sampled.findings) EXPECT_TRUE(fits(shipped.findings[one.finding].limits, sampled)) << id << ": " << shipped.findings[one.finding].id;
    for (const ConditionIndex known : sampled.known) {
      EXPECT_TRUE(may_have_had(shipped.conditions[known].limits, sampled)) << id << ": " << shipped.conditions[known].id;
    }
  }
}

TEST_F(CaseSamplerTest, AgesFollowTheirWeights) {
  int old = 0;
  each("sweetness", [&](const SampledCase& sampled) { old += sampled.age_years >= 45; });
  EXPECT_GT(old, 0.7 * kCases) << "the weight at 60 is twenty times that at 20";
  old = 0;
  each("cold", [&](const SampledCase& sampled) { old += sampled.age_years >= 45; });
  EXPECT_LT(old, 0.6 * kCases) << "any age";
}

TEST_F(CaseSamplerTest, SexFollowsItsWeights) {
  knowledge.conditions[condition("cold")].female = 1.5;
  knowledge.conditions[condition("cold")].male = 0.5;
  int female = 0;
  each("cold", [&](const SampledCase& sampled) { female += sampled.sex == Sex::female; });
  EXPECT_NEAR(female, 0.75 * kCases, 350);
}

TEST_F(CaseSamplerTest, TheCourseIsTheConditions) {
  int sudden = 0, shorter = 0, severe = 0;
  each("sweetness", [&](const SampledCase& sampled) {
    sudden += sampled.sudden;
    shorter += sampled.duration_days < 30;
    severe += sampled.severity == Severity::severe;
    EXPECT_GT(sampled.duration_days, 0);
  });
  EXPECT_NEAR(sudden, 0.9 * kCases, 250);
  EXPECT_NEAR(shorter, 0.5 * kCases, 400) << "half before the median";
  int severe_colds = 0;
  each("cold", [&](const SampledCase& sampled) { severe_colds += sampled.severity == Severity::severe; });
  EXPECT_GT(severe, 5 * severe_colds) << "an emergency is severe more often than what people treat themselves";
}

TEST_F(CaseSamplerTest, NobodyIsIllForLongerThanTheyLive) {
  knowledge.conditions[condition("newborn_fever")].duration_median_days = 1000;
  each("newborn_fever", [](const SampledCase& sampled) { EXPECT_LE(sampled.duration_days, std::max(1.0, sampled.age_years * 365)); }, 500);
}

TEST_F(CaseSamplerTest, AChildIsPresentOnlyIfItsListedParentIs) {
  const FindingIndex parent = finding("cough"), child = finding("dry_cough");
  int children = 0, denied_parents = 0;
  each("cold", [&](const SampledCase& sampled) {
    const bool with_child = says(sampled, child, Polarity::present), without_parent = says(sampled, parent, Polarity::absent);
    EXPECT_FALSE(with_child && without_parent);
    children += with_child;
    denied_parents += without_parent;
  });
  EXPECT_GT(children, 1000);
  EXPECT_GT(denied_parents, 500);
}

TEST_F(CaseSamplerTest, ShippedChildrenArePresentOnlyIfTheirParentIsNotDenied) {
  const KnowledgeBase& shipped = language::shipped_knowledge();
  const CaseSampler sampler(shipped, 0.35);
  Random random(seed);
  for (int i = 0; i < kCases; ++i) {
    const SampledCase sampled = sampler.sample(sampler.sample_condition(random), random);
    for (const SampledFinding& one : sampled.findings) {
      if (one.polarity != Polarity::present) continue;
      for (FindingIndex above = shipped.findings[one.finding].parent; above != kNone; above = shipped.findings[above].parent)
        EXPECT_FALSE(says(sampled, above, Polarity::absent)) << shipped.findings[one.finding].id << " without " << shipped.findings[above].id;
    }
  }
}

/// Only symptoms that no other visit brings, so that what comes up is the condition's own.
void leave_nothing_unrelated(KnowledgeBase& knowledge) {
  for (Finding& finding : knowledge.findings) finding.leak = finding.id == "thirst" ? 0.01 : 0.0009;
}

TEST_F(CaseSamplerTest, FindingsComeUpInProportionToTheirProbability) {
  leave_nothing_unrelated(knowledge);
  std::vector<FindingLink>& links = knowledge.conditions[condition("cold")].findings;
  std::erase_if(links, [&](const FindingLink& link) { return link.finding == finding("dry_cough"); });
  link_of(knowledge, "cold", "cough").probability = 0.8;
  link_of(knowledge, "cold", "tired").probability = 0.4;
  link_of(knowledge, "cold", "headache").probability = 0.2;
  link_of(knowledge, "cold", "travel").probability = 0.98;  // never nothing to tell
  std::map<FindingIndex, double> present;
  each("cold", [&](const SampledCase& sampled) {
    if (sampled.findings.size() < 2) return;
    for (const SampledFinding& one : sampled.findings) present[one.finding] += one.polarity == Polarity::present;
  });
  // How many come up is limited to the most typical, so that the rarer come up somewhat less.
  EXPECT_NEAR(present[finding("tired")] / present[finding("cough")], 0.5, 0.15);
  EXPECT_NEAR(present[finding("headache")] / present[finding("tired")], 0.5, 0.15);
}

TEST_F(CaseSamplerTest, AChildComesUpAsOftenAsAnythingElseOfItsProbability) {
  leave_nothing_unrelated(knowledge);
  link_of(knowledge, "cold", "travel").probability = 0.98;
  double children = 0, others = 0;  // both have 0.4
  each("cold", [&](const SampledCase& sampled) {
    children += says(sampled, finding("dry_cough"), Polarity::present);
    others += says(sampled, finding("tired"), Polarity::present);
  });
  EXPECT_NEAR(children / others, 1, 0.15) << "within its parent it is the likelier";
}

TEST_F(CaseSamplerTest, AMeasuredValueIsHighAsOftenAsTheConditionSays) {
  const QuantityIndex glucose = knowledge.quantity_by_id.at("glucose");
  double all = 0, high = 0, marked = 0;
  each("sweetness", [&](const SampledCase& sampled) {
    const SampledQuantity* value = measured(sampled, glucose);
    if (!value) return;
    ++all;
    high += value->grade >= Grade::high;
    marked += value->grade == Grade::markedly_high;
    EXPECT_GE(value->grade, Grade::normal);
  });
  EXPECT_GT(all, 2000);
  EXPECT_NEAR(high / all, 0.7, 0.05);
  EXPECT_NEAR(marked / high, 0.4, 0.06);
}

TEST_F(CaseSamplerTest, LowFindingsMakeLowValues) {
  std::set<Grade> met;
  each("morning_sickness", [&](const SampledCase& sampled) {
    if (const SampledQuantity* value = measured(sampled, knowledge.quantity_by_id.at("glucose"))) met.insert(value->grade);
  });
  EXPECT_EQ(met, (std::set<Grade>{Grade::markedly_low, Grade::low, Grade::normal}));
}

TEST_F(CaseSamplerTest, QuantitiesGradeAsTheySay) {
  for (const Condition& one : knowledge.conditions) each(one.id, [&](const SampledCase& sampled) { expect_graded(knowledge, sampled); }, 2000);
}

TEST_F(CaseSamplerTest, NothingComesUpTwice) {
  each("cold", [&](const SampledCase& sampled) {
    std::set<FindingIndex> findings;
    std::set<QuantityIndex> quantities;
    for (const SampledFinding& one : sampled.findings) EXPECT_TRUE(findings.insert(one.finding).second) << knowledge.findings[one.finding].id;
    for (const SampledQuantity& one : sampled.quantities) EXPECT_TRUE(quantities.insert(one.quantity).second);
  });
}

bool is_complaint(const Finding& finding) {
  return finding.kind != FindingKind::history && finding.kind != FindingKind::exposure && finding.kind != FindingKind::family;
}

bool says_a_complaint_of_its_own(const KnowledgeBase& knowledge, const SampledCase& sampled) {
  const std::vector<FindingLink>& links = knowledge.conditions[sampled.condition].findings;
  return std::any_of(sampled.findings.begin(), sampled.findings.end(), [&](const SampledFinding& one) {
    const auto listed = [&](const FindingLink& link) { return link.finding == one.finding; };
    return one.polarity == Polarity::present && is_complaint(knowledge.findings[one.finding]) && std::any_of(links.begin(), links.end(), listed);
  });
}

TEST_F(CaseSamplerTest, SomethingOfTheConditionIsAlwaysSaid) {
  for (const Condition& one : knowledge.conditions)
    each(one.id, [&](const SampledCase& sampled) { ASSERT_TRUE(says_a_complaint_of_its_own(knowledge, sampled)) << one.id; }, 5000);
}

TEST_F(CaseSamplerTest, SomethingOfEveryShippedConditionIsAlwaysSaid) {
  const KnowledgeBase& shipped = language::shipped_knowledge();
  const CaseSampler sampler(shipped, 0.35);
  Random random(seed);
  for (ConditionIndex c = 0; c < shipped.conditions.size(); ++c)
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(says_a_complaint_of_its_own(shipped, sampler.sample(c, random))) << shipped.conditions[c].id;
}

TEST_F(CaseSamplerTest, AConditionWhoseFindingsAreAllRareStillSaysItsCommonest) {
  for (FindingLink& link : knowledge.conditions[condition("cold")].findings) link.probability = link.finding == finding("headache") ? 1e-4 : 1e-5;
  int headaches = 0;  // in about 97 of 100: an unrelated complaint that is also the condition's own may take the only place of a short story
  constexpr int kPatients = 5000;
  each("cold", [&](const SampledCase& sampled) { headaches += says(sampled, finding("headache"), Polarity::present); }, kPatients);
  EXPECT_GT(headaches, 0.95 * kPatients);
}

TEST_F(CaseSamplerTest, NothingIsBothTooHighAndTooLow) {
  Condition& one = knowledge.conditions[condition("sweetness")];
  link_of(knowledge, "sweetness", "glucose_high").probability = 0.6;
  one.findings.push_back({finding("glucose_low"), 0.6, {}, {}, false});
  std::sort(one.findings.begin(), one.findings.end(), [](const FindingLink& a, const FindingLink& b) { return a.finding < b.finding; });
  int high = 0, low = 0;
  each("sweetness", [&](const SampledCase& sampled) {
    const bool says_high = says(sampled, finding("glucose_high"), Polarity::present), says_low = says(sampled, finding("glucose_low"), Polarity::present);
    EXPECT_FALSE(says_high && says_low);
    const SampledQuantity* value = measured(sampled, knowledge.quantity_by_id.at("glucose"));
    if (value && says_high) {
      EXPECT_GE(value->grade, Grade::high);
    }
    if (value && says_low) {
      EXPECT_LE(value->grade, Grade::low);
    }
    high += value && value->grade >= Grade::high;
    low += value && value->grade <= Grade::low;
  });
  EXPECT_GT(high, 1000);
  EXPECT_GT(low, 500);
}

TEST_F(CaseSamplerTest, WhatHardlyAnyInfantHasIsNotMixedIn) {
  knowledge.findings[finding("thirst")].leak_factors.infant = 0.05;
  each("newborn_fever", [&](const SampledCase& sampled) { EXPECT_EQ(find(sampled, finding("thirst")), nullptr); }, 5000);
  int grown_up = 0;
  each("old_mens_cough", [&](const SampledCase& sampled) { grown_up += find(sampled, finding("thirst")) != nullptr; });
  EXPECT_GT(grown_up, 100);
}

TEST_F(CaseSamplerTest, ADiastolicPressureComesWithAHigherSystolicOne) {
  const KnowledgeBase& shipped = language::shipped_knowledge();
  const QuantityIndex systolic = shipped.quantity_by_field.at("systolic_mmhg"), diastolic = shipped.quantity_by_field.at("diastolic_mmhg");
  const CaseSampler sampler(shipped, 0.35);
  Random random(seed);
  int pairs = 0;
  for (int i = 0; i < kCases; ++i) {
    const SampledCase sampled = sampler.sample(sampler.sample_condition(random), random);
    expect_graded(shipped, sampled);
    const SampledQuantity *upper = measured(sampled, systolic), *lower = measured(sampled, diastolic);
    if (!lower) continue;
    ASSERT_TRUE(upper);
    EXPECT_TRUE(lower->value >= 0.35 * upper->value && lower->value <= 0.85 * upper->value) << upper->value << "/" << lower->value;
    ++pairs;
  }
  EXPECT_GT(pairs, kCases / 10);
}

TEST_F(CaseSamplerTest, TheMostTypicalComesFirst) {
  each("sweetness", [](const SampledCase& sampled) {
    for (std::size_t i = 1; i < sampled.findings.size(); ++i) EXPECT_GE(sampled.findings[i - 1].weight, sampled.findings[i].weight);
  }, 1000);
}

TEST_F(CaseSamplerTest, RiskFactorsComeUpInTheHistory) {
  int smokers = 0, diabetics = 0, again = 0, others = 0;
  each("cold", [&](const SampledCase& sampled) {
    smokers += says(sampled, finding("smoker"), Polarity::present);
    for (const ConditionIndex known : sampled.known) {
      diabetics += known == condition("sweetness");
      again += known == condition("cold");
      others += known != condition("sweetness") && known != condition("cold");
    }
  });
  EXPECT_GT(smokers, 200);
  EXPECT_GT(diabetics, 200);
  EXPECT_GT(again, 200);
  EXPECT_EQ(others, 0);
}

TEST_F(CaseSamplerTest, KnowledgeWithoutChronicConditionsOrCommonSymptomsIsEnough) {
  for (Condition& one : knowledge.conditions) one.course = Course::acute;
  for (Finding& one : knowledge.findings) one.leak = 0.0005;
  int findings = 0;
  each("old_mens_cough", [&](const SampledCase& sampled) { findings += !sampled.findings.empty(); }, 200);
  EXPECT_GT(findings, 150);
}

}  // namespace
}  // namespace osler::train
