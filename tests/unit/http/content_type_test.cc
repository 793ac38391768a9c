#include "http/middleware/content_type.h"

#include <gtest/gtest.h>

namespace osler::http {
namespace {

bool takes(std::initializer_list<std::string_view> types, std::string_view encoding = {}) {
  HeaderFields headers;
  for (const std::string_view type : types) headers.add("Content-Type", type);
  if (!encoding.empty()) headers.add("Content-Encoding", encoding);
  const auto result = check_content_type(headers, "application/json");
  if (!result) {
    EXPECT_EQ(result.error().code, ErrorCode::unsupported_media);
  }
  return result.has_value();
}

TEST(ContentType, TakesJsonWithOrWithoutUtf8) {
  EXPECT_TRUE(takes({"application/json"}));
  EXPECT_TRUE(takes({"Application/JSON ; Charset=UTF-8"}));
  EXPECT_TRUE(takes({"application/json; charset=\"utf-8\""}));
  EXPECT_TRUE(takes({"application/json"}, "identity"));
}

TEST(ContentType, RefusesEverythingElse) {
  EXPECT_FALSE(takes({}));
  EXPECT_FALSE(takes({""}));
  EXPECT_FALSE(takes({"text/plain"}));
  EXPECT_FALSE(takes({"application/jsonx"}));
  EXPECT_FALSE(takes({"application/json, text/plain"}));
  EXPECT_FALSE(takes({"application/json; charset=latin-1"}));
  EXPECT_FALSE(takes({"application/json; charset=utf-8; x=y"}));
  EXPECT_FALSE(takes({"application/json;"}));
  EXPECT_FALSE(takes({"application/json", "application/json"}));
  EXPECT_FALSE(takes({"application/json"}, "gzip"));
}

TEST(ContentType, OneOfSeveral) {
  const auto takes_one = [](std::string_view type) {
    HeaderFields headers;
    headers.add("Content-Type", type);
    return check_content_type(headers, "application/x-ndjson, text/csv").has_value();
  };
  EXPECT_TRUE(takes_one("application/x-ndjson"));
  EXPECT_TRUE(takes_one("Text/CSV; charset=utf-8"));
  EXPECT_FALSE(takes_one("application/json"));
  EXPECT_FALSE(takes_one("application/x-ndjson, text/csv"));
  EXPECT_FALSE(takes_one(""));
}

}  // namespace
}  // namespace osler::http
