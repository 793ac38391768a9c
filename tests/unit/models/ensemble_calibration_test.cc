// calibration.json of an encoder: parse_ensemble and write_ensemble of "models/calibration.h". That of a network is tested beside its
// directory.
#include "models/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tiny_encoder.h"

namespace osler::models {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Range {
  const char* name;
  double low, high;
};

void PrintTo(const Range& range, std::ostream* out) { *out << range.name; }

constexpr Range kRanges[] = {{"network", 0, 5},           {"network_unread", -5, 5}, {"encoder", 0, 5},     {"encoder_unread", -5, 5},
                             {"offset", -20, 20},         {"blind_network", 0, 5}, {"blind_encoder", 0, 5}, {"blind_offset", -20, 20}, {"alone_scale", 0, 5}, {"alone_shift", -20, 20}};

Json good() { return parse_json(ensemble_calibration()).value(); }

Json with(const char* parameter, Json value) {
  Json json = good();
  json["parameters"][parameter] = std::move(value);
  return json;
}

/// The refusal's text; empty when it is taken.
std::string refusal(const Json& json) {
  const auto parsed = parse_ensemble(json);
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::corrupted);
  EXPECT_NE(parsed.error().external.find("calibration.json"), std::string::npos);
  return parsed.error().external;
}

TEST(EnsembleCalibration, WhatIsWrittenIsReadBack) {
  reasoning::EnsembleParameters parameters;
  double value = 0.11;
  for (double* member : {&parameters.network, &parameters.network_unread, &parameters.encoder, &parameters.encoder_unread, &parameters.offset,
                         &parameters.blind_network, &parameters.blind_encoder, &parameters.blind_offset, &parameters.alone_scale, &parameters.alone_shift})
    *member = value += 0.012345678901;
  const std::string text = ensemble_calibration(parameters);
  const auto [read, record] = parse_ensemble(parse_json(text).value()).value();
  EXPECT_EQ(write_ensemble(read, record).dump(2) + "\n", text) << "to the last bit";
  EXPECT_EQ(read.network, parameters.network);
  EXPECT_EQ(read.alone_shift, parameters.alone_shift);
  EXPECT_EQ(record.cases, 210);
}

TEST(EnsembleCalibration, HasAtMostTenParametersAndTheDefaultsAreWithinTheirRanges) {
  EXPECT_EQ(refusal(good()), "");
  EXPECT_EQ(good()["parameters"].size(), std::size(kRanges));
  EXPECT_LE(std::size(kRanges), 10u);
}

class EnsembleParameter : public testing::TestWithParam<Range> {};

TEST_P(EnsembleParameter, TakesItsRangeAndNothingBeyond) {
  const auto [name, low, high] = GetParam();
  EXPECT_EQ(refusal(with(name, low)), "");
  EXPECT_EQ(refusal(with(name, high)), "");
  for (const double bad : {std::nextafter(low, -1e9), std::nextafter(high, 1e9), std::nan(""), kInfinity, -kInfinity})
    EXPECT_NE(refusal(with(name, bad)).find(std::string("'") + name + "' is out of range"), std::string::npos) << bad;
}

TEST_P(EnsembleParameter, MustBeThereAndANumber) {
  for (const Json& bad : {Json("0.5"), Json(nullptr), Json(true), Json::array({0.5})}) EXPECT_NE(refusal(with(GetParam().name, bad)), "") << bad;
  Json without = good();
  without["parameters"].erase(GetParam().name);
  EXPECT_NE(refusal(without).find(std::string("it lacks '") + GetParam().name), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Each, EnsembleParameter, testing::ValuesIn(kRanges), [](const auto& range) { return std::string(range.param.name); });

TEST(EnsembleCalibration, AParameterItDoesNotKnowIsRefused) { EXPECT_NE(refusal(with("beta", 0.5)).find("not known"), std::string::npos); }

TEST(EnsembleCalibration, ThatOfANetworkIsNoneOfAnEncoder) {
  EXPECT_NE(refusal(write_calibration({}, {"p", 1, "2026-01-02", ""})), "");
  EXPECT_FALSE(parse_calibration(good()));
}

TEST(EnsembleCalibration, MustSayForWhomAndWhen) {
  for (const char* member : {"population", "date"}) {
    Json json = good();
    json[member] = "";
    EXPECT_NE(refusal(json), "") << member;
    json.erase(member);
    EXPECT_NE(refusal(json), "") << member;
  }
}

TEST(EnsembleCalibration, OfAnotherShapeIsRefused) {
  for (const char* text : {"[]", "null", "3", "{}", R"({"parameters":[]})", R"({"parameters":{}})"}) EXPECT_NE(refusal(parse_json(text).value()), "") << text;
}

}  // namespace
}  // namespace osler::models
