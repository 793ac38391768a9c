#include "http/target.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace osler::http {
namespace {

TEST(ParseTarget, OriginForm) {
  const auto target = parse_target("/api/v1/complete?q=a&b?c");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/v1/complete");
  EXPECT_EQ(target->query, "q=a&b?c");
  EXPECT_EQ(target->authority, "");
}

TEST(ParseTarget, AbsoluteForm) {
  const auto target = parse_target("HTTP://localhost:8000/health/live?x=1");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->authority, "localhost:8000");
  EXPECT_EQ(target->path, "/health/live");
  EXPECT_EQ(parse_target("http://localhost")->path, "/");
  const auto bare_query = parse_target("http://localhost?x=1");
  EXPECT_EQ(bare_query->path, "/");
  EXPECT_EQ(bare_query->query, "x=1");
}

TEST(ParseTarget, Asterisk) { EXPECT_EQ(parse_target("*")->path, "*"); }

TEST(ParseTarget, RefusesEverythingElse) {
  for (const std::string_view raw : {"", "api", "localhost:80", "http://", "http:///x", "http://user@host/", "ftp://host/",
                                     "/a b", "/a\tb", "/\x80", "/a#fragment", "\\windows"}) {
    const auto target = parse_target(raw);
    ASSERT_FALSE(target) << raw;
    EXPECT_EQ(target.error().code, ErrorCode::malformed);
  }
}

TEST(QueryParameters, DecodesEscapesAndPlus) {
  const auto query = QueryParameters::parse("q=chest+pain%2C%20%C3%A9&limit=5", {"q", "limit"});
  ASSERT_TRUE(query);
  EXPECT_EQ(query->find("q"), "chest pain, é");
  EXPECT_EQ(query->find("limit"), "5");
  EXPECT_FALSE(query->find("kind"));
}

TEST(QueryParameters, EmptyQueryAndEmptyValue) {
  EXPECT_TRUE(QueryParameters::parse("", {}));
  const auto query = QueryParameters::parse("q=", {"q"});
  ASSERT_TRUE(query);
  EXPECT_EQ(query->find("q"), "");
  EXPECT_EQ(QueryParameters::parse("q", {"q"})->find("q"), "");
}

TEST(QueryParameters, RefusesWithoutRepeatingWhatWasSent) {
  for (const std::string_view raw : {"john=1", "q=1&q=2", "q=%", "q=%4", "q=%GG", "q=%00", "q=%ff", "q=%ed%a0%80", "q=1&&"}) {
    const auto query = QueryParameters::parse(raw, {"q"});
    ASSERT_FALSE(query) << raw;
    EXPECT_EQ(query.error().code, ErrorCode::invalid);
    ASSERT_EQ(query.error().fields.size(), 1u);
    const FieldError& field = query.error().fields[0];
    EXPECT_EQ((field.pointer + field.problem + field.allowed + query.error().external).find("john"), std::string::npos);
  }
}

RC_GTEST_PROP(QueryParameters, AnyEscapedTextComesBack, (const std::string& raw)) {
  std::string text;  // printable ASCII made of arbitrary bytes
  for (const char c : raw) text += static_cast<char>(0x20 + static_cast<unsigned char>(c) % 0x5f);
  std::string escaped = "q=";
  for (const char c : text) escaped += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
  const auto query = QueryParameters::parse(escaped, {"q"});
  RC_ASSERT(query.has_value());
  RC_ASSERT(query->find("q") == std::string_view(text));
}

RC_GTEST_PROP(QueryParameters, NeverMoreThanValueOrError, (const std::string& raw)) {
  const auto query = QueryParameters::parse(raw, {"q"});
  const bool one_or_the_other = query ? true : query.error().fields.size() == 1;
  RC_ASSERT(one_or_the_other);
}

TEST(ParseNumber, OnlyWholePlainNumbersInRange) {
  EXPECT_EQ(parse_number("0.65", 0, 1), 0.65);
  EXPECT_EQ(parse_number("0", 0, 1), 0.0);
  EXPECT_EQ(parse_number("1e-1", 0, 1), 0.1);
  for (const std::string_view text : {"", " 0.5", "0.5 ", "+0.5", "0,5", "nan", "inf", "-0.1", "1.1", "0.5x", "0x1", "1e999"})
    EXPECT_FALSE(parse_number(text, 0, 1)) << text;
}

TEST(ParseCount, OnlyDigitsInRange) {
  EXPECT_EQ(parse_count("10", 1, 50), 10u);
  for (const std::string_view text : {"", "0", "51", "-1", "+1", "1.0", "1 ", "99999999999999999999999"})
    EXPECT_FALSE(parse_count(text, 1, 50)) << text;
}

}  // namespace
}  // namespace osler::http
