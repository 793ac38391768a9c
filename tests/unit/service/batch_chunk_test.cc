#include "service/batch_chunk.h"

#include <gtest/gtest.h>

#include "../vault/fixed_keys.h"
#include "requests.h"

namespace osler::service {
namespace {

TEST(BatchChunk, OpensAsItWasWritten) {
  const auto keys = vault::fixed_keys();
  const std::vector<BatchRow> rows = {{3, "{\"age\": 40}\r"}, {7, "", make_error(ErrorCode::too_large, "The row is too long.")}, {900'000'000'000, "case 1 case"}};
  cases::ChunkClaim claim{"batch", 5, 3, false, seal_chunk(*keys->ring(), "batch", 5, write_chunk(rows))};
  const std::vector<ChunkCase> cases = open_chunk(*keys->ring(), claim).value();
  ASSERT_EQ(cases.size(), 3u);
  EXPECT_EQ(cases[0].line, 3u);
  EXPECT_EQ(cases[0].body, rows[0].body);
  EXPECT_EQ(cases[1].refusal, R"({"code":"too_large","detail":"The row is too long."})");
  EXPECT_EQ(cases[2].line, 900'000'000'000u);
  EXPECT_EQ(cases[2].body, "case 1 case");
  claim.chunk = 6;
  EXPECT_EQ(open_chunk(*keys->ring(), claim).error().code, ErrorCode::corrupted);  // bound to its row
}

TEST(BatchChunk, OtherTextsAreDamaged) {
  for (const char* text : {"1 case {}", "x case {}\n", "1case {}\n", "1 \n", "1 other {}\n", "\n", "99999999999999999999999 case {}\n"})
    EXPECT_EQ(parse_chunk(text).error().code, ErrorCode::corrupted) << text;
  EXPECT_TRUE(parse_chunk("").value().empty());
}

TEST(BatchChunk, ARefusalRepeatsNoWordOfTheCaller) {
  Json request = least_request();
  request["age"] = "Canary";
  request["symptoms"] = {"cough", 7};
  request["lab_results"] = {{"Canary", 1}};
  request["vitals"] = {{"temperature_c", "Canary"}};
  request["pregnant"] = {{"value", "Canary"}};
  const auto parsed = parse_case(request);
  ASSERT_FALSE(parsed);
  const std::string text = refusal_json(parsed.error());
  EXPECT_EQ(text.find("Canary"), std::string::npos) << text;
  const Json json = parse_json(text).value();
  std::vector<std::string> pointers;
  for (const Json& field : json["errors"]) pointers.push_back(field["pointer"]);
  std::sort(pointers.begin(), pointers.end());
  EXPECT_EQ(pointers, (std::vector<std::string>{"/age", "/lab_results", "/pregnant/value", "/symptoms/1", "/vitals/temperature_c"}));
  EXPECT_EQ(parse_json(refusal_json({ErrorCode::invalid, "x", "", {{"/Jane Doe/1", "p", "a"}}})).value()["errors"][0]["pointer"], "");
  for (const char* made_up : {"/lab_results/4711", "/lab_results/12", "/lab_results/12/value"})
    EXPECT_EQ(parse_json(refusal_json({ErrorCode::invalid, "x", "", {{made_up, "p", "a"}}})).value()["errors"][0]["pointer"], "/lab_results");
  EXPECT_EQ(parse_json(refusal_json({ErrorCode::invalid, "x", "", {{"/symptoms/19850704", "p", "a"}}})).value()["errors"][0]["pointer"], "/symptoms");
  EXPECT_EQ(parse_json(refusal_json({ErrorCode::invalid, "x", "", {{"/symptoms/1/Jane", "p", "a"}}})).value()["errors"][0]["pointer"], "/symptoms");
}

TEST(BatchChunk, ARefusalIsBounded) {
  Error error = make_error(ErrorCode::invalid, "x");
  for (int i = 0; i < 1000; ++i) error.fields.push_back({"/symptoms/" + std::to_string(i), "p", "a"});
  EXPECT_EQ(parse_json(refusal_json(error)).value()["errors"].size(), 20u);
}

TEST(BatchChunk, OptionsComeBack) {
  const BatchOptions options = parse_options(write_options({0.25, "clinician", "127.0.0.1"})).value();
  EXPECT_EQ(options.threshold, 0.25);
  EXPECT_EQ(options.role, "clinician");
  EXPECT_EQ(options.client_address, "127.0.0.1");
  EXPECT_FALSE(parse_options(write_options({{}, "r", ""})).value().threshold);
  for (const char* text : {"", "[]", "{}", "{\"role\":1,\"client\":\"\"}"}) EXPECT_EQ(parse_options(text).error().code, ErrorCode::corrupted) << text;
}

}  // namespace
}  // namespace osler::service
