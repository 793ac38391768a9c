#include "http/middleware/cors.h"

#include <gtest/gtest.h>

#include "inspect.h"

namespace osler::http {
namespace {

using testing::header;

Request from(std::string_view origin, std::string_view method = "POST") {
  Request request;
  request.method = method;
  request.headers.add("Origin", origin);
  return request;
}

TEST(Cors, RefusesOriginsThatNameNobody) {
  for (const std::string origin : {"*", "null", "", "ehr.example", "https://", "https://*.example", "https://ehr.example/",
                                   "https://EHR.example", "https://a@b", "ftp://ehr.example", "https://a, https://b"}) {
    const auto cors = Cors::create({origin});
    ASSERT_FALSE(cors) << origin;
    EXPECT_EQ(cors.error().code, ErrorCode::configuration);
  }
  EXPECT_TRUE(Cors::create({"https://ehr.example", "http://localhost:5173"}));
}

TEST(Cors, OnlyAConfiguredOriginIsEchoed) {
  const Cors cors = Cors::create({"https://ehr.example"}).value();
  Response allowed;
  cors.decorate(from("https://ehr.example"), allowed);
  EXPECT_EQ(header(allowed, "Access-Control-Allow-Origin"), "https://ehr.example");
  EXPECT_EQ(header(allowed, "Vary"), "Origin");
  for (const std::string_view origin : {"https://evil.example", "https://ehr.example.evil.example", "http://ehr.example",
                                        "https://ehr.example:444", "null", "*", ""}) {
    Response refused;
    cors.decorate(from(origin), refused);
    EXPECT_EQ(header(refused, "Access-Control-Allow-Origin"), "(none)") << origin;
    EXPECT_EQ(header(refused, "Vary"), "Origin");
  }
}

TEST(Cors, NeverAllowsCredentialsOrEveryone) {
  const Cors cors = Cors::create({"https://ehr.example"}).value();
  Request preflight = from("https://ehr.example", "OPTIONS");
  preflight.headers.add("Access-Control-Request-Method", "POST");
  Response response = cors.preflight(preflight, "POST, OPTIONS");
  cors.decorate(preflight, response);
  for (const auto& [name, value] : response.headers) {
    EXPECT_NE(name, "Access-Control-Allow-Credentials");
    EXPECT_NE(value, "*");
  }
}

TEST(Cors, PreflightTellsMethodsAndHeaders) {
  const Cors cors = Cors::create({"https://ehr.example"}).value();
  Request preflight = from("https://ehr.example", "OPTIONS");
  EXPECT_FALSE(Cors::is_preflight(preflight));
  preflight.headers.add("Access-Control-Request-Method", "POST");
  EXPECT_TRUE(Cors::is_preflight(preflight));
  const Response response = cors.preflight(preflight, "POST, OPTIONS");
  EXPECT_EQ(response.status, 204u);
  EXPECT_EQ(header(response, "Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(header(response, "Access-Control-Allow-Headers"), "Content-Type, Authorization, X-API-Key, X-Break-Glass");
}

TEST(Cors, PreflightOfAStrangerAllowsNothing) {
  const Cors cors = Cors::create({"https://ehr.example"}).value();
  Request preflight = from("https://evil.example", "OPTIONS");
  preflight.headers.add("Access-Control-Request-Method", "POST");
  EXPECT_EQ(header(cors.preflight(preflight, "POST"), "Access-Control-Allow-Methods"), "(none)");
}

TEST(Cors, WithoutOriginsThereIsNoTraceOfIt) {
  Response response;
  Cors::create({}).value().decorate(from("https://ehr.example"), response);
  EXPECT_TRUE(response.headers.empty());
}

}  // namespace
}  // namespace osler::http
