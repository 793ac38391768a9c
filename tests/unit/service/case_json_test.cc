// The rules of the request's contract, one field after the other. Bounds are in case_limits_test.cc, what errors say in
// case_errors_test.cc.
#include "service/case_json.h"

#include "base/ids.h"
#include "requests.h"

namespace osler::service {

using namespace clinical;

namespace {

PatientCase read(const Json& request) { return parse_case(request).value().patient; }

std::vector<std::string> symptoms_of(Json symptoms) { return read(request_with("symptoms", std::move(symptoms))).symptoms; }

using Texts = std::vector<std::string>;

}  // namespace

TEST(CaseJson, ReadsEveryMemberOfTheContract) {
  const Json request = parse_json(R"({
    "age": 0.25, "symptoms": ["Cough", "fever"], "severity": "severe",
    "lab_results": {"2345-7": 99.5, "718-7": {"value": 8, "unit": "g/dL"}},
    "preexisting_conditions": ["Asthma"], "sex": "female", "setting": "emergency", "duration_days": 2.5, "onset": "gradual",
    "pregnant": {"value": false}, "family_history": ["Migraine"], "narrative": "Since  Monday.", "absent_findings": ["Rash"],
    "vitals": {"temperature_c": 39.1, "heart_rate_bpm": 130, "respiratory_rate_bpm": 40, "systolic_mmhg": 90,
               "diastolic_mmhg": 50, "spo2_percent": 93, "weight_kg": 5.2, "bmi": 15},
    "patient_id": "MRN 7"})").value();
  const ParsedCase parsed = parse_case(request).value();
  const PatientCase& patient = parsed.patient;
  EXPECT_EQ(patient.age_years, 0.25);
  EXPECT_EQ(patient.symptoms, (Texts{"cough", "fever"}));
  EXPECT_EQ(patient.severity, Severity::severe);
  ASSERT_EQ(patient.lab_results.size(), 2u);
  EXPECT_EQ(patient.lab_results[0].code.text(), "2345-7");
  EXPECT_EQ(patient.lab_results[0].value, 99.5);
  EXPECT_FALSE(patient.lab_results[0].unit);
  EXPECT_EQ(patient.lab_results[1].value, 8);
  EXPECT_EQ(patient.lab_results[1].unit, "g/dL");
  EXPECT_EQ(patient.preexisting_conditions, Texts{"Asthma"});
  EXPECT_EQ(patient.sex, Sex::female);
  EXPECT_EQ(patient.setting, Setting::emergency);
  EXPECT_EQ(patient.duration_days, 2.5);
  EXPECT_EQ(patient.onset, Onset::gradual);
  ASSERT_TRUE(patient.pregnancy);
  EXPECT_FALSE(patient.pregnancy->pregnant);
  EXPECT_FALSE(patient.pregnancy->gestation_weeks);
  EXPECT_EQ(patient.family_history, Texts{"Migraine"});
  EXPECT_EQ(patient.narrative, "Since Monday.");
  EXPECT_EQ(patient.absent_findings, Texts{"Rash"});
  EXPECT_EQ(patient.patient_id, "MRN 7");
  EXPECT_TRUE(parsed.patient_id_given);
  EXPECT_TRUE(parsed.warnings.empty());
}

TEST(CaseJson, ReadsEachVitalSignIntoItsOwnPlace) {
  const Vitals vitals = read(request_with("vitals", {{"temperature_c", 1}, {"heart_rate_bpm", 2}, {"respiratory_rate_bpm", 3},
                                                     {"systolic_mmhg", 4}, {"diastolic_mmhg", 5}, {"spo2_percent", 6},
                                                     {"weight_kg", 7}, {"bmi", 8}})).vitals;
  const std::optional<double> values[] = {vitals.temperature_c, vitals.heart_rate_bpm, vitals.respiratory_rate_bpm,
                                          vitals.systolic_mmhg, vitals.diastolic_mmhg, vitals.spo2_percent,
                                          vitals.weight_kg,     vitals.bmi};
  for (std::size_t i = 0; i < std::size(values); ++i) EXPECT_EQ(values[i], static_cast<double>(i + 1));
}

TEST(CaseJson, TheLeastRequestLeavesTheRestUnsaid) {
  const ParsedCase parsed = parse_case(least_request()).value();
  EXPECT_EQ(parsed.patient.sex, Sex::unknown);
  EXPECT_FALSE(parsed.patient.setting);
  EXPECT_FALSE(parsed.patient.duration_days);
  EXPECT_FALSE(parsed.patient.onset);
  EXPECT_FALSE(parsed.patient.pregnancy);
  EXPECT_FALSE(parsed.patient.vitals.bmi);
  EXPECT_TRUE(parsed.patient.lab_results.empty());
  EXPECT_TRUE(parsed.warnings.empty());
}

TEST(CaseJson, WhatIsRequiredIsMissed) {
  EXPECT_EQ(bad_fields(Json::object()), (Pointers{"/age", "/symptoms", "/severity"}));
  EXPECT_EQ(bad_fields(Json{{"age", nullptr}, {"symptoms", nullptr}, {"severity", nullptr}}),
            (Pointers{"/age", "/symptoms", "/severity"}));
}

TEST(CaseJson, OnlyAnObjectIsACase) {
  for (const char* text : {"null", "[]", "3", "\"age\"", "true", "[{\"age\":1}]"})
    EXPECT_EQ(bad_fields(parse_json(text).value()), Pointers{""}) << text;
}

TEST(CaseJson, AMemberThatIsNullCountsAsNotGiven) {
  Json request = least_request();
  for (const char* name : {"lab_results", "preexisting_conditions", "sex", "setting", "duration_days", "onset", "pregnant",
                           "family_history", "narrative", "absent_findings", "vitals", "patient_id"})
    request[name] = nullptr;
  const ParsedCase parsed = parse_case(request).value();
  EXPECT_TRUE(parsed.warnings.empty());
  EXPECT_FALSE(parsed.patient_id_given);
  EXPECT_EQ(parsed.patient.sex, Sex::unknown);
  EXPECT_EQ(bad_fields(request_with("vitals", {{"bmi", nullptr}})), Pointers{});
  EXPECT_EQ(bad_fields(request_with("lab_results", {{"2345-7", nullptr}})), Pointers{});
  EXPECT_EQ(bad_fields(request_with("lab_results", {{"2345-7", {{"value", 5}, {"unit", nullptr}}}})), Pointers{});
  EXPECT_EQ(bad_fields(request_with("pregnant", {{"value", true}, {"gestation_weeks", nullptr}})), Pointers{});
}

TEST(CaseJson, NullIsNotAnItemOfAList) {
  EXPECT_EQ(bad_fields(request_with("symptoms", {"cough", nullptr})), Pointers{"/symptoms/1"});
  EXPECT_EQ(bad_fields(request_with("absent_findings", {nullptr})), Pointers{"/absent_findings/0"});
}

TEST(CaseJson, MembersOutsideTheContractAreWarnedOfWhereverTheyStand) {
  Json request = least_request();
  request["Age"] = 40;
  request["a/b~c"] = 1;
  request["vitals"] = {{"pulse", 80}};
  request["pregnant"] = {{"value", false}, {"weeks", 3}};
  request["lab_results"] = {{"2345-7", {{"value", 5}, {"units", "mmol/L"}}}};
  std::vector<std::string> warnings = warnings_of(request);
  std::sort(warnings.begin(), warnings.end());
  EXPECT_EQ(warnings, (Texts{"unknown_field /Age", "unknown_field /a~1b~0c", "unknown_field /lab_results/2345-7/units",
                             "unknown_field /pregnant/weeks", "unknown_field /vitals/pulse"}));
}

TEST(CaseJson, AgeIsANumberOfYears) {
  EXPECT_EQ(read(request_with("age", 0.019)).age_years, 0.019);
  for (const Json& age : {Json("65"), Json(true), Json::array({65}), Json::object(), Json(-1), Json(151), Json(1e300)})
    EXPECT_EQ(bad_fields(request_with("age", age)), Pointers{"/age"}) << age;
}

TEST(CaseJson, NumbersBeyondEveryIntegerAreRefusedNotWrapped) {
  const Json request = parse_json(R"({"age":18446744073709551656,"symptoms":["cough"],"severity":"mild"})").value();
  EXPECT_EQ(bad_fields(request), Pointers{"/age"});
}

// --- Symptoms ---

TEST(Symptoms, AreTrimmedFoldedLowerCasedAndBlankOnesDropped) {
  EXPECT_EQ(symptoms_of({"  Chest \t\n PAIN ", "", " ", "Fever"}), (Texts{"chest pain", "fever"}));
}

TEST(Symptoms, WhiteSpaceIsUnicodes) {
  EXPECT_EQ(symptoms_of({"\u00A0chest\u00A0pain\u3000", "a\u2003b\u2028c\u1680d", "\u0085x\u0085"}),
            (Texts{"chest pain", "a b c d", "x"}));
}

TEST(Symptoms, ControlCharactersAreWhiteSpaceToo) {
  EXPECT_EQ(symptoms_of({std::string("chest\0pain", 10), "\x01 a\x1f\x7f" "b\u009f"}), (Texts{"chest pain", "a b"}));
}

TEST(Symptoms, InvisibleCharactersDoNotCutWords) {
  EXPECT_EQ(symptoms_of({"dysp\u00ADnoea", "\uFEFFcough", "fe\u200Bver", "\u202Erash\u202C"}),
            (Texts{"dyspnoea", "cough", "fever", "rash"}));
}

TEST(Symptoms, OfNothingButBlanksAreRefusedAsAWhole) {
  for (const char* blank : {"", " ", "\t\r\n", "\u00A0", "\u3000\u2003", "\u0001", "\u200B", "\uFEFF"})
    EXPECT_EQ(bad_fields(request_with("symptoms", {blank, blank})), Pointers{"/symptoms"}) << "'" << blank << "'";
  EXPECT_EQ(bad_fields(request_with("symptoms", {std::string("\0", 1)})), Pointers{"/symptoms"});
  EXPECT_EQ(bad_fields(request_with("symptoms", Json::array())), Pointers{"/symptoms"});
}

TEST(Symptoms, MustBeAListOfStrings) {
  EXPECT_EQ(bad_fields(request_with("symptoms", "cough")), Pointers{"/symptoms"});
  EXPECT_EQ(bad_fields(request_with("symptoms", Json{{"0", "cough"}})), Pointers{"/symptoms"});
  EXPECT_EQ(bad_fields(request_with("symptoms", {"cough", 1, {"x"}, true})),
            (Pointers{"/symptoms/1", "/symptoms/2", "/symptoms/3"}));
}

TEST(Symptoms, LowerCaseIsUnicodes) {
  EXPECT_EQ(symptoms_of({"\u0130ltihap", "FU\u00DF", "\u1E9E", "\u03A0\u039F\u039D\u039F\u03A3", "\u00C4RZTLICH", "I"}),
            (Texts{"i\u0307ltihap", "fu\u00DF", "\u00DF", "\u03C0\u03BF\u03BD\u03BF\u03C2", "\u00E4rztlich", "i"}));
}

TEST(Symptoms, ALoneSurrogateNeverArrives) {
  EXPECT_FALSE(parse_json(R"({"age":1,"symptoms":["\ud800"],"severity":"mild"})"));
  EXPECT_FALSE(parse_json(R"({"age":1,"symptoms":["\udc00\ud800"],"severity":"mild"})"));
  EXPECT_FALSE(parse_json("{\"age\":1,\"symptoms\":[\"\xED\xA0\x80\"],\"severity\":\"mild\"}"));
  EXPECT_TRUE(parse_json(R"({"age":1,"symptoms":["\ud83e\udd12"],"severity":"mild"})"));
}

// --- Choices ---

TEST(Choices, TakeEachValueAndNoOther) {
  const std::pair<const char*, std::vector<std::string>> choices[] = {
      {"severity", {"mild", "moderate", "severe"}},
      {"sex", {"female", "male", "other", "unknown"}},
      {"setting", {"primary_care", "emergency", "inpatient"}},
      {"onset", {"sudden", "gradual"}}};
  for (const auto& [name, values] : choices) {
    for (const std::string& value : values) EXPECT_EQ(bad_fields(request_with(name, value)), Pointers{}) << name << value;
    for (const Json& bad : {Json("Severe"), Json(""), Json(" mild"), Json(1), Json(Json::array({values[0]})), Json(false)})
      EXPECT_EQ(bad_fields(request_with(name, bad)), Pointers{"/" + std::string(name)}) << name << " " << bad;
  }
}

TEST(Choices, AreReadInOrder) {
  EXPECT_EQ(read(request_with("severity", "moderate")).severity, Severity::moderate);
  EXPECT_EQ(read(request_with("sex", "male")).sex, Sex::male);
  EXPECT_EQ(read(request_with("sex", "other")).sex, Sex::other);
  EXPECT_EQ(read(request_with("setting", "primary_care")).setting, Setting::primary_care);
  EXPECT_EQ(read(request_with("setting", "inpatient")).setting, Setting::inpatient);
  EXPECT_EQ(read(request_with("onset", "sudden")).onset, Onset::sudden);
}

// --- Labs ---

TEST(Labs, OfTheWrongShapeAreRefusedByName) {
  for (const char* code : {"", "glucose", "2345", "-7", "2345-77", "12345678-1", "2345-7 ", "\uFF12345-7"})
    EXPECT_EQ(bad_fields(request_with("lab_results", Json{{code, 5}})), Pointers{"/lab_results/" + std::string(code)}) << code;
  EXPECT_EQ(bad_fields(request_with("lab_results", Json{{"a/b~", 5}})), Pointers{"/lab_results/a~1b~0"});
}

TEST(Labs, AWrongCheckDigitPassesTheParser) {
  EXPECT_EQ(bad_fields(request_with("lab_results", {{"12345-6", 0.5}, {"67890-1", 140}})), Pointers{});
}

TEST(Labs, AreNumbersOrObjectsWithAValue) {
  const auto lab = [](Json value) { return bad_fields(request_with("lab_results", Json{{"2345-7", std::move(value)}})); };
  for (const Json& bad : {Json("5.5"), Json(true), Json::array({5.5})}) EXPECT_EQ(lab(bad), Pointers{"/lab_results/2345-7"}) << bad;
  EXPECT_EQ(lab(Json::object()), Pointers{"/lab_results/2345-7/value"});
  EXPECT_EQ(lab({{"unit", "mg/dL"}}), Pointers{"/lab_results/2345-7/value"});
  EXPECT_EQ(lab({{"value", "5"}, {"unit", 7}}), (Pointers{"/lab_results/2345-7/value", "/lab_results/2345-7/unit"}));
  EXPECT_EQ(bad_fields(request_with("lab_results", Json::array())), Pointers{"/lab_results"});
}

// Whether a value is plausible is the knowledge base's to say, by a warning, however it was written.
TEST(Labs, AnImplausibleValuePassesTheParserInBothForms) {
  EXPECT_EQ(bad_fields(request_with("lab_results", {{"2345-7", 1e300}})), Pointers{});
  EXPECT_EQ(bad_fields(request_with("lab_results", {{"2345-7", {{"value", -1e300}}}})), Pointers{});
}

TEST(Labs, ABlankUnitIsNoUnit) {
  EXPECT_FALSE(read(request_with("lab_results", {{"2345-7", {{"value", 5}, {"unit", " "}}}})).lab_results.at(0).unit);
}

// --- The rest ---

TEST(Pregnancy, NeedsItsValueAndDoesNotFitAMan) {
  EXPECT_EQ(bad_fields(request_with("pregnant", true)), Pointers{"/pregnant"});
  EXPECT_EQ(bad_fields(request_with("pregnant", Json::object())), Pointers{"/pregnant/value"});
  EXPECT_EQ(bad_fields(request_with("pregnant", {{"value", "yes"}, {"gestation_weeks", "8"}})),
            (Pointers{"/pregnant/value", "/pregnant/gestation_weeks"}));
  Json request = request_with("sex", "male");
  request["pregnant"] = {{"value", true}};
  EXPECT_EQ(bad_fields(request), Pointers{"/pregnant"});
  request["pregnant"] = {{"value", false}};
  EXPECT_EQ(bad_fields(request), Pointers{});
}

TEST(Pregnancy, IsReadWithItsWeeks) {
  const Pregnancy pregnancy = *read(request_with("pregnant", {{"value", true}, {"gestation_weeks", 31.5}})).pregnancy;
  EXPECT_TRUE(pregnancy.pregnant);
  EXPECT_EQ(pregnancy.gestation_weeks, 31.5);
}

TEST(Lists, MayBeEmptyAndKeepTheCase) {
  for (const char* name : {"preexisting_conditions", "family_history", "absent_findings"}) {
    EXPECT_EQ(bad_fields(request_with(name, Json::array())), Pointers{}) << name;
    EXPECT_EQ(bad_fields(request_with(name, {" ", ""})), Pointers{}) << name;
    EXPECT_EQ(bad_fields(request_with(name, "x")), Pointers{"/" + std::string(name)});
  }
  EXPECT_EQ(read(request_with("preexisting_conditions", {" Type 2\u00A0 Diabetes ", ""})).preexisting_conditions,
            Texts{"Type 2 Diabetes"});
}

TEST(Vitals, AreNumbersInAnObject) {
  EXPECT_EQ(bad_fields(request_with("vitals", {37, 80})), Pointers{"/vitals"});
  EXPECT_EQ(bad_fields(request_with("vitals", {{"temperature_c", "39"}, {"bmi", -1}})),
            (Pointers{"/vitals/temperature_c", "/vitals/bmi"}));
}

TEST(PatientId, IsMadeWhereNoneIsGivenAndFreshEachTime) {
  for (const Json& request : {least_request(), request_with("patient_id", ""), request_with("patient_id", " \u3000")}) {
    const ParsedCase first = parse_case(request).value(), second = parse_case(request).value();
    EXPECT_FALSE(first.patient_id_given);
    EXPECT_TRUE(is_uuid(first.patient.patient_id)) << first.patient.patient_id;
    EXPECT_EQ(first.patient.patient_id[14], '4');
    EXPECT_NE(first.patient.patient_id, second.patient.patient_id);
  }
}

TEST(PatientId, IsAStringOfTheCallers) {
  EXPECT_EQ(read(request_with("patient_id", " MRN\t12 ")).patient_id, "MRN 12");
  EXPECT_EQ(bad_fields(request_with("patient_id", 12345)), Pointers{"/patient_id"});
}

TEST(MissingFields, NamesWhatWasLeftOut) {
  EXPECT_EQ(missing_fields(least_request()),
            (Texts{"lab_results", "preexisting_conditions", "sex", "setting", "duration_days", "onset", "pregnant",
                   "family_history", "narrative", "absent_findings", "vitals", "patient_id"}));
  const std::vector<std::string> missing = missing_fields(request_with("sex", nullptr));
  EXPECT_EQ(std::count(missing.begin(), missing.end(), "sex"), 1) << "null counts as left out";
  EXPECT_EQ(missing_fields(request_with("sex", "male")).size(), 11u);
}

}  // namespace osler::service
