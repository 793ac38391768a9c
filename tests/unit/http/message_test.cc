#include "http/message.h"

#include <gtest/gtest.h>

namespace osler::http {
namespace {

TEST(HeaderFields, FindsByLowerCaseNameAndCounts) {
  HeaderFields headers;
  headers.add("X-Key", "one");
  headers.add("x-KEY", "two");
  EXPECT_EQ(headers.find("x-key"), "one");
  EXPECT_EQ(headers.count("x-key"), 2u);
  EXPECT_FALSE(headers.find("missing"));
}

TEST(Response, SetHeaderReplacesWhateverTheCase) {
  Response response;
  response.set_header("Retry-After", "1");
  response.set_header("retry-after", "9");
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].second, "9");
}

TEST(Response, SharedBodyWinsOverItsOwn) {
  Response response;
  response.body = "own";
  EXPECT_EQ(response.content(), "own");
  response.shared_body = std::make_shared<const std::string>("shared");
  EXPECT_EQ(response.content(), "shared");
}

TEST(Text, TrimLowerAndCompare) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(to_lower("ÄBc"), "Äbc");  // ASCII only
  EXPECT_TRUE(equal_ignoring_case("Chunked", "chunkeD"));
  EXPECT_FALSE(equal_ignoring_case("chunked", "chunke"));
}

TEST(Text, TakeUntilConsumesOnePart) {
  std::string_view rest = "a=b=c";
  EXPECT_EQ(take_until(rest, '='), "a");
  EXPECT_EQ(rest, "b=c");
  EXPECT_EQ(take_until(rest, '&'), "b=c");
  EXPECT_EQ(rest, "");
  EXPECT_EQ(take_until(rest, '&'), "");
}

}  // namespace
}  // namespace osler::http
