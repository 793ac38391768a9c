#include "train/cases/measured_value.h"

#include <cmath>
#include <map>
#include <set>

#include "../language/knowledge.h"
#include "../random_seed.h"

namespace osler::train {
namespace {

using namespace clinical;

constexpr Grade kGrades[] = {Grade::markedly_low, Grade::low, Grade::normal, Grade::high, Grade::markedly_high};

struct MeasuredValue : testing::Test {
  const Quantity& quantity(const std::string& id) const { return knowledge.quantities[knowledge.quantity_by_id.at(id)]; }
  /// The lowest and highest of many for somebody of that age.
  std::pair<double, double> range(const std::string& id, Grade grade, double age = 40) {
    double low = 1e300, high = -1e300;
    for (int i = 0; i < 2000; ++i) {
      const auto value = value_graded(quantity(id), grade, age, Sex::male, false, random);
      if (!value) continue;
      low = std::min(low, *value);
      high = std::max(high, *value);
    }
    return {low, high};
  }
  const KnowledgeBase& knowledge = language::shipped_knowledge();
  Random random{fresh_seed()};
};

TEST_F(MeasuredValue, IsGradedAsAskedAndPlausibleForEveryQuantityAndAge) {
  std::map<Grade, int> met;
  for (const Quantity& one : knowledge.quantities)
    for (const Grade grade : kGrades)
      for (const double age : {0.02, 0.7, 4.0, 11.0, 30.0, 85.0}) {
        const auto value = value_graded(one, grade, age, Sex::female, age == 30, random);
        if (!value) continue;
        ++met[grade];
        EXPECT_EQ(grade_value(one, *value, age, Sex::female, age == 30), grade) << one.id << " " << *value;
        EXPECT_TRUE(*value >= one.plausible_low && *value <= one.plausible_high) << one.id << " " << *value;
      }
  for (const Grade grade : kGrades) EXPECT_GT(met[grade], 100) << static_cast<int>(grade);
}

TEST_F(MeasuredValue, EveryQuantityHasANormalValue) {
  for (const Quantity& one : knowledge.quantities) {
    bool found = false;
    for (int i = 0; i < 20 && !found; ++i) found = value_graded(one, Grade::normal, 40, Sex::male, false, random).has_value();
    EXPECT_TRUE(found) << one.id;
  }
}

TEST_F(MeasuredValue, ExtremesAreThoseOfPatientsNotOfRecords) {
  EXPECT_LE(range("temperature", Grade::markedly_high).second, 42);
  EXPECT_GE(range("temperature", Grade::markedly_high).second, 41);
  EXPECT_GE(range("temperature", Grade::markedly_low).first, 27);
  EXPECT_LE(range("systolic_pressure", Grade::markedly_high).second, 240);
  const auto [low, high] = range("diastolic_pressure", Grade::normal);
  EXPECT_GE(low, 50) << "no lower limit is authored";
  EXPECT_LE(high, 89);
}

TEST_F(MeasuredValue, IsRoundedAsItIsWritten) {
  for (int i = 0; i < 200; ++i) {
    for (const char* id : {"heart_rate", "respiratory_rate", "systolic_pressure", "oxygen_saturation"}) {
      const double value = value_graded(quantity(id), Grade::normal, 40, Sex::male, false, random).value();
      EXPECT_EQ(value, std::round(value)) << id;
    }
    const double temperature = value_graded(quantity("temperature"), Grade::high, 40, Sex::male, false, random).value();
    EXPECT_NEAR(temperature * 10, std::round(temperature * 10), 1e-9);
  }
}

TEST_F(MeasuredValue, AGradeThatTheQuantityLacksHasNone) { EXPECT_FALSE(value_graded(quantity("oxygen_saturation"), Grade::high, 40, Sex::male, false, random)); }

}  // namespace
}  // namespace osler::train
