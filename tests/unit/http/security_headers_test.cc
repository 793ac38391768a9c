#include "http/middleware/security_headers.h"

#include <gtest/gtest.h>

#include "inspect.h"

namespace osler::http {
namespace {

using testing::header;

Response with(ContentPolicy policy, bool tls = false) {
  Response response;
  add_security_headers(response, policy, tls);
  return response;
}

TEST(SecurityHeaders, NothingFromElsewhereAndNeverFramed) {
  for (const ContentPolicy policy : {ContentPolicy::api, ContentPolicy::page, ContentPolicy::docs}) {
    const Response response = with(policy);
    const std::string content_policy = header(response, "Content-Security-Policy");
    EXPECT_TRUE(content_policy.starts_with("default-src 'self';"));
    EXPECT_NE(content_policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(content_policy.find("http"), std::string::npos);
    EXPECT_EQ(content_policy.find("unsafe-eval"), std::string::npos);
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(response, "Referrer-Policy"), "no-referrer");
  }
}

TEST(SecurityHeaders, InlineStylesOnTheDocumentsOnlyAndInlineScriptsNowhere) {
  EXPECT_EQ(header(with(ContentPolicy::page), "Content-Security-Policy").find("unsafe"), std::string::npos);
  const std::string docs = header(with(ContentPolicy::docs), "Content-Security-Policy");
  EXPECT_NE(docs.find("style-src 'self' 'unsafe-inline'"), std::string::npos);
  EXPECT_EQ(docs.find("script-src"), std::string::npos);
}

TEST(SecurityHeaders, AnswersAreNotCachedUnlessTheySayHow) {
  EXPECT_EQ(header(with(ContentPolicy::api), "Cache-Control"), "no-store");
  Response file;
  file.set_header("Cache-Control", "no-cache");
  add_security_headers(file, ContentPolicy::page, false);
  EXPECT_EQ(header(file, "Cache-Control"), "no-cache");
}

TEST(SecurityHeaders, TransportSecurityOnlyUnderTls) {
  EXPECT_EQ(header(with(ContentPolicy::api, false), "Strict-Transport-Security"), "(none)");
  EXPECT_EQ(header(with(ContentPolicy::api, true), "Strict-Transport-Security"), "max-age=31536000");
}

}  // namespace
}  // namespace osler::http
