#include "http/problem.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "inspect.h"

namespace osler::http {
namespace {

using testing::header;

constexpr std::string_view kId = "6f1ed002-ab54-4f1c-9a3f-0123456789ab";

TEST(Problem, EveryCodeHasItsStatus) {
  const std::pair<ErrorCode, unsigned> expected[] = {
      {ErrorCode::malformed, 400},      {ErrorCode::invalid, 422},          {ErrorCode::too_large, 413},
      {ErrorCode::unsupported_media, 415}, {ErrorCode::unauthenticated, 401}, {ErrorCode::forbidden, 403},
      {ErrorCode::not_found, 404},      {ErrorCode::method_not_allowed, 405}, {ErrorCode::conflict, 409},
      {ErrorCode::rate_limited, 429},   {ErrorCode::overloaded, 503},       {ErrorCode::timeout, 504},
      {ErrorCode::unavailable, 503},    {ErrorCode::corrupted, 500},        {ErrorCode::configuration, 500},
      {ErrorCode::internal, 500}};
  for (const auto& [code, status] : expected) EXPECT_EQ(status_of(code), status) << name_of(code);
  EXPECT_EQ(std::size(expected), static_cast<std::size_t>(ErrorCode::internal) + 1);
}

TEST(Problem, DocumentHasTheMembersOfRfc9457AndTheRequestId) {
  const Response response = problem_response(make_error(ErrorCode::malformed, "Not JSON.", "inner"), kId);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto document = parse_json(response.body);
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["type"], "urn:osler:problem:malformed");
  EXPECT_EQ((*document)["status"], 400);
  EXPECT_EQ((*document)["detail"], "Not JSON.");
  EXPECT_EQ((*document)["instance"], "urn:uuid:" + std::string(kId));
  EXPECT_EQ((*document)["request_id"], kId);
  EXPECT_FALSE(document->contains("errors"));
  EXPECT_EQ(response.body.find("inner"), std::string::npos);
  EXPECT_EQ(response.log_detail, "inner");
}

TEST(Problem, BadFieldsAreListedWithPointerOrParameter) {
  Error error = make_error(ErrorCode::invalid, "Two fields break their rules.");
  error.fields = {{"/age", "not a number", "0 to 150"}, parameter_error("threshold", "too large", "0 to 1"),
                  parameter_error("", "unknown", "threshold"), {"", "not an object", "an object"}};
  const auto document = parse_json(problem_response(error, kId).body);
  const Json& errors = (*document)["errors"];
  ASSERT_EQ(errors.size(), 4u);
  EXPECT_EQ(errors[0], (Json{{"pointer", "/age"}, {"problem", "not a number"}, {"allowed", "0 to 150"}}));
  EXPECT_EQ(errors[1]["parameter"], "threshold");
  EXPECT_FALSE(errors[1].contains("pointer"));
  EXPECT_FALSE(errors[2].contains("parameter"));
  EXPECT_FALSE(errors[2].contains("pointer"));
  EXPECT_EQ(errors[3]["pointer"], "");  // RFC 6901: the whole document
}

TEST(Problem, FiveHundredSaysNothingOfTheInside) {
  for (const ErrorCode code : {ErrorCode::internal, ErrorCode::corrupted, ErrorCode::configuration}) {
    Error error = make_error(code, "row 17 of table records", "key 3");
    error.fields = {{"/x", "y", "z"}};
    const Response response = problem_response(error, kId);
    EXPECT_EQ(response.status, 500u);
    for (const std::string_view inside : {"row 17", "key 3", "/x", "corrupted", "configuration"})
      EXPECT_EQ(response.body.find(inside), std::string::npos) << inside;
    EXPECT_EQ(response.log_detail, "key 3");
  }
}

TEST(Problem, TellsWhenAndHowToComeBack) {
  EXPECT_EQ(header(problem_response(make_error(ErrorCode::overloaded, "x"), kId), "Retry-After"), "1");
  EXPECT_EQ(header(problem_response(make_error(ErrorCode::unavailable, "x"), kId), "Retry-After"), "1");
  EXPECT_EQ(header(problem_response(make_error(ErrorCode::rate_limited, "x"), kId), "Retry-After"), "1");
  EXPECT_EQ(header(problem_response(make_error(ErrorCode::unauthenticated, "x"), kId), "WWW-Authenticate"),
            "Bearer realm=\"osler\"");
}

TEST(Problem, AFinerStatusIsInTheDocumentToo) {
  const Response response = problem_response(make_error(ErrorCode::too_large, "x"), kId, 431);
  EXPECT_EQ(response.status, 431u);
  EXPECT_EQ((*parse_json(response.body))["status"], 431);
}

}  // namespace
}  // namespace osler::http
