#include "language/measurements.h"

#include "knowledge.h"

namespace osler::language {
namespace {

TextMeasurements read(std::string_view text) {
  static const MeasurementReader kReader(shipped_knowledge());
  const std::vector<Token> tokens = tokenise(text).tokens;
  return kReader.read(tokens, read_context(tokens, std::vector<bool>(tokens.size(), false)));
}

double value(std::string_view text, const char* id) {
  for (const TextMeasurement& measurement : read(text).used)
    if (shipped_knowledge().quantities[measurement.quantity].id == id) return measurement.value;
  return -1;
}

TEST(Measurements, VitalsAsTheyAreWritten) {
  EXPECT_DOUBLE_EQ(value("BP 80/40", "systolic_pressure"), 80);
  EXPECT_DOUBLE_EQ(value("BP 80/40", "diastolic_pressure"), 40);
  EXPECT_NEAR(value("temperature of 104 F", "temperature"), 40, 0.01);
  EXPECT_DOUBLE_EQ(value("T 38.9", "temperature"), 38.9);
  EXPECT_DOUBLE_EQ(value("pulse 110 bpm", "heart_rate"), 110);
  EXPECT_DOUBLE_EQ(value("RR 28", "respiratory_rate"), 28);
  EXPECT_DOUBLE_EQ(value("sats 88 % on air", "oxygen_saturation"), 88);
}

TEST(Measurements, ANumberOverANumberIsAPressureWhereItCanBe) {
  EXPECT_DOUBLE_EQ(value("the nurse said 155 over 95", "systolic_pressure"), 155);
  EXPECT_DOUBLE_EQ(value("the nurse said 155 over 95", "diastolic_pressure"), 95);
  EXPECT_DOUBLE_EQ(value("pain 8 over 10", "systolic_pressure"), -1);
  EXPECT_DOUBLE_EQ(value("lost 90 over 60 days", "systolic_pressure"), -1);
}

TEST(Measurements, AnotherFluidIsNotTheBlood) {
  EXPECT_DOUBLE_EQ(value("LP: WBC 800, glucose 1.1 mmol/L", "glucose"), -1);
  EXPECT_DOUBLE_EQ(value("CSF glucose 1.1 mmol/L", "glucose"), -1);
  EXPECT_DOUBLE_EQ(value("Pleural effusion, CRP 40 mg/L, glucose 5.1 mmol/L", "c_reactive_protein"), 40);
  EXPECT_GT(value("Pleural effusion, glucose 5.1 mmol/L", "glucose"), 0);
  EXPECT_GT(value("LP clear; glucose 5.1 mmol/L", "glucose"), 0);
}

TEST(Measurements, OthersAndTheirPastAreNotToday) {
  EXPECT_DOUBLE_EQ(value("mother's BP 190/100", "systolic_pressure"), -1);
  EXPECT_DOUBLE_EQ(value("pulse 2 days ago", "heart_rate"), -1);
}

TEST(Measurements, ImplausibleNumbersAreReportedNotUsed) {
  const TextMeasurements result = read("heart rate 9000");
  EXPECT_TRUE(result.used.empty());
  ASSERT_EQ(result.unused.size(), 1u);
  EXPECT_EQ(result.unused[0].code, "value_implausible");
}

TEST(Measurements, AMissingUnitIsAskedForWhereItMatters) {
  const TextMeasurements result = read("glucose 22");
  EXPECT_TRUE(result.used.empty());
  ASSERT_EQ(result.unused.size(), 1u);
  EXPECT_EQ(result.unused[0].code, "unit_unclear");
}

TEST(Measurements, AnUnknownUnitIsReported) {
  const TextMeasurements result = read("sodium 140 ng/mL");
  EXPECT_TRUE(result.used.empty());
  ASSERT_EQ(result.unused.size(), 1u);
  EXPECT_EQ(result.unused[0].code, "unit_unknown");
}

}  // namespace
}  // namespace osler::language
