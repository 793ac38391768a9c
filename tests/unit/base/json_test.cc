#include "base/json.h"

#include "base/limits.h"

namespace osler {

TEST(StrictJson, KeepsTheOrderOfMembers) {
  EXPECT_EQ(parse_json(R"({"b":1,"a":[true,null,-2.5e3,"é"]})")->dump(), R"({"b":1,"a":[true,null,-2500.0,"é"]})");
}

TEST(StrictJson, RefusesWhatALenientParserTakes) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "NaN", "[NaN]", "[Infinity]", "[-Infinity]", "[1e999]", "[01]",
                           "{\"a\":1}x", "'a'", "[\"\\ud800\"]", "[\"\xff\"]", "\xEF\xBB\xBF{}", "[\"a\nb\"]", "// c\n1"})
    EXPECT_EQ(parse_json(text).has_value(), false) << text;
}

TEST(StrictJson, RefusesANulByteAnywhere) {
  EXPECT_FALSE(parse_json(std::string_view("{}\0", 3)));
  EXPECT_FALSE(parse_json(std::string_view("{}\0x", 4)));
  EXPECT_FALSE(parse_json(std::string_view("\0{}", 3)));
}

TEST(StrictJson, RefusesDuplicateNamesAtAnyDepth) {
  EXPECT_FALSE(parse_json(R"({"a":1,"a":2})"));
  EXPECT_FALSE(parse_json(R"({"x":[{"a":1,"a":2}]})"));
  EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":{"a":1}})"));
}

TEST(StrictJson, BoundsDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(limits::kMaxJsonDepth)));
  EXPECT_FALSE(parse_json(nested(limits::kMaxJsonDepth + 1)));
  EXPECT_FALSE(parse_json(nested(100'000)));
}

TEST(StrictJson, ErrorsNeverRepeatTheInput) {
  const std::string secret = "hunter2canary";
  for (const std::string& text : {"{\"" + secret + "\":1,\"" + secret + "\":2}", "[" + secret + "]", "{\"a\":\"" + secret}) {
    const Result<Json> result = parse_json(text);
    ASSERT_FALSE(result);
    EXPECT_EQ(describe(result.error()).find(secret), std::string::npos);
  }
}

TEST(Utf8, IsToldFromOtherBytes) {
  for (const char* text : {"", "plain", "h\xc3\xa4moptysis", "\xf0\x9f\xa4\x95", "\n\t"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\xff", "netw\xc3", "\xc0\x80", "\xed\xa0\x80", "\x80"}) EXPECT_FALSE(is_utf8(text));
}

TEST(JsonPointer, EscapesTildeAndSlash) { EXPECT_EQ(escape_pointer_token("a/b~c"), "a~1b~0c"); }

}  // namespace osler
