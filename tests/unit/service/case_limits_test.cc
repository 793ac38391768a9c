// Every bound on a case in base/limits.h: exactly at it accepted, one over refused at the right place.
#include <cmath>
#include <limits>

#include "base/limits.h"
#include "requests.h"

namespace osler::service {

namespace {

Json list_of(std::size_t count, const std::string& text = "x") { return Json(std::vector<std::string>(count, text)); }

Json labs(std::size_t count) {
  Json object = Json::object();
  for (std::size_t i = 0; i < count; ++i) object[std::to_string(100 + i) + "-1"] = 1;
  return object;
}

Json unit(std::size_t characters) { return {{"2345-7", {{"value", 5}, {"unit", wide_text(characters)}}}}; }

struct Bound {
  std::string name;
  std::string member;
  Json at_the_limit;
  Json one_over;
  std::string pointer;
};

void PrintTo(const Bound& bound, std::ostream* out) { *out << bound.name; }

double next_above(double value) { return std::nextafter(value, std::numeric_limits<double>::infinity()); }

Bound number_bound(const std::string& name, const std::string& member, double limit) {
  return {name, member, limit, next_above(limit), "/" + member};
}

std::vector<Bound> bounds() {
  using namespace limits;
  std::vector<Bound> all = {
      number_bound("Age", "age", kMaxAgeYears),
      number_bound("Duration", "duration_days", kMaxDurationDays),
      {"Symptoms", "symptoms", list_of(kMaxSymptoms), list_of(kMaxSymptoms + 1), "/symptoms"},
      {"SymptomCharacters", "symptoms", list_of(2, wide_text(kMaxSymptomCharacters)),
       {"fever", wide_text(kMaxSymptomCharacters + 1)}, "/symptoms/1"},
      {"Labs", "lab_results", labs(kMaxLabs), labs(kMaxLabs + 1), "/lab_results"},
      {"UnitCharacters", "lab_results", unit(kMaxUnitCharacters), unit(kMaxUnitCharacters + 1), "/lab_results/2345-7/unit"},
      {"Narrative", "narrative", wide_text(kMaxNarrativeCharacters), wide_text(kMaxNarrativeCharacters + 1), "/narrative"},
      {"PatientId", "patient_id", wide_text(kMaxPatientIdCharacters), wide_text(kMaxPatientIdCharacters + 1), "/patient_id"},
      {"GestationWeeks", "pregnant", {{"value", true}, {"gestation_weeks", kMaxGestationWeeks}},
       {{"value", true}, {"gestation_weeks", next_above(kMaxGestationWeeks)}}, "/pregnant/gestation_weeks"},
  };
  for (const std::string member : {"preexisting_conditions", "family_history", "absent_findings"}) {
    all.push_back({member + "_items", member, list_of(kMaxListItems), list_of(kMaxListItems + 1), "/" + member});
    all.push_back({member + "_characters", member, {wide_text(kMaxListItemCharacters)},
                   {wide_text(kMaxListItemCharacters + 1)}, "/" + member + "/0"});
  }
  for (const std::string vital : {"temperature_c", "heart_rate_bpm", "respiratory_rate_bpm", "systolic_mmhg", "diastolic_mmhg",
                                  "spo2_percent", "weight_kg", "bmi"})
    all.push_back({vital, "vitals", {{vital, kMaxVital}}, {{vital, next_above(kMaxVital)}}, "/vitals/" + vital});
  return all;
}

}  // namespace

class CaseLimit : public testing::TestWithParam<Bound> {};

TEST_P(CaseLimit, IsAccepted) { EXPECT_EQ(bad_fields(request_with(GetParam().member, GetParam().at_the_limit)), Pointers{}); }

TEST_P(CaseLimit, PlusOneIsRefusedAtItsPlace) {
  EXPECT_EQ(bad_fields(request_with(GetParam().member, GetParam().one_over)), Pointers{GetParam().pointer});
}

INSTANTIATE_TEST_SUITE_P(Bounds, CaseLimit, testing::ValuesIn(bounds()),
                         [](const auto& bound) { return bound.param.name; });

TEST(CaseLimits, NoNumberMayBeBelowZeroButALab) {
  const double below = -std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(bad_fields(request_with("age", below)), Pointers{"/age"});
  EXPECT_EQ(bad_fields(request_with("duration_days", below)), Pointers{"/duration_days"});
  EXPECT_EQ(bad_fields(request_with("vitals", {{"bmi", below}})), Pointers{"/vitals/bmi"});
  EXPECT_EQ(bad_fields(request_with("pregnant", {{"value", true}, {"gestation_weeks", below}})),
            Pointers{"/pregnant/gestation_weeks"});
  EXPECT_EQ(bad_fields(request_with("lab_results", {{"11555-0", -4.5}})), Pointers{}) << "a base excess is below zero";
}

TEST(CaseLimits, ZeroIsANumberLikeAnyOther) {
  EXPECT_EQ(bad_fields(request_with("age", 0)), Pointers{});
  EXPECT_EQ(bad_fields(request_with("duration_days", 0)), Pointers{});
  EXPECT_EQ(parse_case(request_with("vitals", {{"systolic_mmhg", 0}}))->patient.vitals.systolic_mmhg, 0.0);
}

TEST(CaseLimits, CharactersAreCountedAfterFolding) {
  const std::string spaces(3000, ' ');
  EXPECT_EQ(bad_fields(request_with("symptoms", {spaces + wide_text(limits::kMaxSymptomCharacters) + spaces})), Pointers{});
  EXPECT_EQ(bad_fields(request_with("patient_id", spaces + "p1" + spaces)), Pointers{});
}

TEST(CaseLimits, CharactersOutsideTheBasicPlaneCountOnce) {
  std::string symptom;
  for (std::size_t i = 0; i < limits::kMaxSymptomCharacters; ++i) symptom += "\U0001F912";
  EXPECT_EQ(bad_fields(request_with("symptoms", {symptom})), Pointers{});
  EXPECT_EQ(bad_fields(request_with("symptoms", {symptom + "\U0001F912"})), Pointers{"/symptoms/0"});
}

TEST(CaseLimits, BlankItemsCountTowardsTheLengthOfAList) {
  Json symptoms = list_of(limits::kMaxSymptoms);
  symptoms.push_back(" ");
  EXPECT_EQ(bad_fields(request_with("symptoms", symptoms)), Pointers{"/symptoms"});
}

// A body of unknown members may not come back as many times its size.
TEST(CaseLimits, WarningsOfUnknownMembersAreBoundedAndSayHowManyWereLeftOut) {
  Json request = least_request();
  for (std::size_t i = 0; i < limits::kMaxUnknownFieldWarnings; ++i) request["extra" + std::to_string(i)] = 1;
  EXPECT_EQ(warnings_of(request).size(), limits::kMaxUnknownFieldWarnings);
  for (int i = 0; i < 7; ++i) request["more" + std::to_string(i)] = 1;
  const std::vector<clinical::CaseWarning> warnings = parse_case(request)->warnings;
  ASSERT_EQ(warnings.size(), limits::kMaxUnknownFieldWarnings + 1);
  EXPECT_EQ(warnings.back().code, "unknown_field");
  EXPECT_NE(warnings.back().text.find("7 more"), std::string::npos) << warnings.back().text;
}

}  // namespace osler::service
