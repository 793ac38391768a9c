// web/openapi.json against what the code says: routes, limits, statuses, version. tests/integration/openapi.test.mjs sends
// its examples to a running server.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/json.h"
#include "base/limits.h"
#include "http/options.h"
#include "http/problem.h"
#include "http/routes.h"

namespace osler::http {
namespace {

class OpenApi : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream stream(OSLER_SOURCE_DIR "/web/openapi.json", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const auto parsed = parse_json(text);
    ASSERT_TRUE(parsed) << describe(parsed.error());
    document_ = *parsed;
  }

  const Json& schema(const std::string& name) const { return document_["components"]["schemas"][name]; }
  const Json& member(const std::string& name) const { return schema("Case")["properties"][name]; }

  Json document_;
};

std::string lower(std::string_view method) { return to_lower(method); }

/// Calls `visit` with each "$ref" anywhere below.
void visit_references(const Json& json, const std::function<void(const std::string&)>& visit) {
  if (json.is_object() && json.contains("$ref")) visit(json["$ref"]);
  if (json.is_structured())
    for (const auto& child : json) visit_references(child, visit);
}

TEST_F(OpenApi, IsOfThisVersion) {
  EXPECT_EQ(document_["openapi"], "3.1.0");
  EXPECT_EQ(document_["info"]["version"], ServerOptions{}.version);
}

TEST_F(OpenApi, EveryReferencePointsSomewhere) {
  int references = 0;
  visit_references(document_, [&](const std::string& reference) {
    ++references;
    ASSERT_TRUE(reference.starts_with("#/"));
    EXPECT_TRUE(document_.contains(Json::json_pointer(reference.substr(1)))) << reference;
  });
  EXPECT_GT(references, 30);
}

TEST_F(OpenApi, DocumentsEveryRouteButThePageAndNothingElse) {
  std::set<std::string> expected, documented;
  for (const Route& route : routes())
    if (route.path.starts_with("/api/v1/") || route.path.starts_with("/health/") || route.path == "/predict")
      expected.insert(lower(route.method) + " " + std::string(route.path));
  for (const auto& [path, item] : document_["paths"].items())
    for (const auto& [method, operation] : item.items()) documented.insert(method + " " + path);
  EXPECT_EQ(documented, expected);
}

TEST_F(OpenApi, OpenRoutesNeedNoKeyAndOthersNameTheirRefusals) {
  for (const auto& [path, item] : document_["paths"].items())
    for (const auto& [method, operation] : item.items()) {
      std::string address = path;
      if (const std::size_t id = address.find("{id}"); id != std::string::npos) address.replace(id, 4, "11111111-2222-4333-8444-555555555555");
      const Route* route = match_route(method == "get" ? "GET" : "POST", address).route;
      ASSERT_NE(route, nullptr);
      EXPECT_EQ(operation.contains("security"), route->roles.open_to_anyone()) << path;
      EXPECT_EQ(operation["responses"].contains("401"), !route->roles.open_to_anyone()) << path;
      EXPECT_EQ(operation["responses"].contains("429"), route->rate_limited) << path;
    }
}

TEST_F(OpenApi, DiagnoseDocumentsEveryStatusItCanHave) {
  const Json& responses = document_["paths"]["/api/v1/diagnose"]["post"]["responses"];
  for (const ErrorCode code : {ErrorCode::malformed, ErrorCode::invalid, ErrorCode::too_large, ErrorCode::unsupported_media,
                               ErrorCode::unauthenticated, ErrorCode::forbidden, ErrorCode::rate_limited, ErrorCode::overloaded,
                               ErrorCode::unavailable, ErrorCode::timeout, ErrorCode::internal})
    EXPECT_TRUE(responses.contains(std::to_string(status_of(code)))) << name_of(code);
}

TEST_F(OpenApi, LimitsAreThoseOfTheCode) {
  EXPECT_EQ(member("age")["maximum"], limits::kMaxAgeYears);
  EXPECT_EQ(member("symptoms")["maxItems"], limits::kMaxSymptoms);
  EXPECT_EQ(member("symptoms")["items"]["maxLength"], limits::kMaxSymptomCharacters);
  EXPECT_EQ(member("lab_results")["maxProperties"], limits::kMaxLabs);
  for (const std::string list : {"preexisting_conditions", "family_history", "absent_findings"}) {
    EXPECT_EQ(member(list)["maxItems"], limits::kMaxListItems);
    EXPECT_EQ(member(list)["items"]["maxLength"], limits::kMaxListItemCharacters);
  }
  EXPECT_EQ(member("narrative")["maxLength"], limits::kMaxNarrativeCharacters);
  EXPECT_EQ(member("duration_days")["maximum"], limits::kMaxDurationDays);
  EXPECT_EQ(member("patient_id")["maxLength"], limits::kMaxPatientIdCharacters);
  EXPECT_EQ(schema("LabResult")["properties"]["unit"]["maxLength"], limits::kMaxUnitCharacters);
  EXPECT_EQ(schema("Pregnancy")["properties"]["gestation_weeks"]["maximum"], limits::kMaxGestationWeeks);
  EXPECT_EQ(schema("Vitals")["properties"]["bmi"]["maximum"], limits::kMaxVital);
}

TEST_F(OpenApi, ExampleProblemsAreWhatTheServerWrites) {
  int checked = 0;
  for (const auto& [name, response] : document_["components"]["responses"].items())
    for (const auto& [kind, example] : response["content"]["application/problem+json"]["examples"].items()) {
      const Json& problem = example["value"];
      const std::string code = problem["type"].get<std::string>().substr(std::string("urn:osler:problem:").size());
      for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
        if (name_of(static_cast<ErrorCode>(i)) != code) continue;
        const auto written = parse_json(
            problem_response(make_error(static_cast<ErrorCode>(i), problem["detail"]), problem["request_id"].get<std::string>()).body);
        Json expected = problem;
        expected.erase("errors");
        EXPECT_EQ(*written, expected) << name << " " << kind;
        ++checked;
      }
    }
  EXPECT_GE(checked, 10);
}

}  // namespace
}  // namespace osler::http
