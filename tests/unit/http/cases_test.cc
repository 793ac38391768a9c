// Handlers and routes of stored cases: who may call what, and what reaches the service. service/cases.h, http/handlers/cases.cc.
#include "fake_cases.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "fake_films.h"
#include "fake_service.h"
#include "http/handlers/handlers.h"

namespace osler::http {
namespace {

constexpr const char* kId = "6f1ed002-ab54-4f1c-9a3f-0123456789ab";

class CaseHandlers : public ::testing::Test {
 protected:
  Response call(Handler handler, const std::string& query = "", std::string body = "", const std::string& id = "") {
    Request request;
    request.query = query;
    request.body = std::move(body);
    request.id = id;
    service::RequestContext context;
    context.request_id = "6f1ed002-ab54-4f1c-9a3f-aaaaaaaaaaaa";
    std::optional<Response> answer;
    handler(parts_, request, context, [&](Response response) { answer = std::move(response); });
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(Response{});
  }
  Json told(Handler handler, const std::string& query = "", std::string body = "", const std::string& id = "") {
    return parse_json(call(handler, query, std::move(body), id).body).value();
  }

  testing::FakeService service_;
  testing::FakeFilms films_;
  testing::FakeCases cases_;
  StaticFiles files_;
  Metrics metrics_{"1", "m"};
  Parts parts_{service_, films_, cases_, files_, metrics_, [] { return Gauges{}; }, "1.2.3", true};
};

TEST_F(CaseHandlers, HandBodyAndIdDown) {
  const std::vector<std::tuple<Handler, const char*, const char*>> table = {{search_cases, "search", ""}, {read_case, "read", kId}, {record_outcome, "outcome", kId},
      {share_case, "share", kId}, {delete_patient, "delete", ""}, {hold_patient, "hold", ""}};
  for (const auto& [handler, what, which] : table) {
    const Json answer = told(handler, "", "{}", which);
    EXPECT_EQ(answer["what"], what);
    EXPECT_EQ(answer["which"], which);
    EXPECT_EQ(answer["body_bytes"], handler == read_case ? 0 : 2);
    EXPECT_EQ(call(handler, "x=1", "{}", which).status, 422u) << what << " takes no query parameter";
  }
}

TEST_F(CaseHandlers, AListHasAPageAndABound) {
  EXPECT_EQ(told(list_cases)["which"], "20 before 9223372036854775807");
  EXPECT_EQ(told(list_cases, "limit=100&before=7")["which"], "100 before 7");
  for (const std::string& query : std::vector<std::string>{"limit=0", "limit=" + std::to_string(limits::kMaxCasesListed + 1), "before=0", "before=x", "after=1"})
    EXPECT_EQ(call(list_cases, query).status, 422u) << query;
}

TEST_F(CaseHandlers, PassTheServicesRefusalOn) {
  cases_.refusal = make_error(ErrorCode::not_found, "There is no such case.");
  const Response response = call(read_case, "", "", kId);
  EXPECT_EQ(response.status, 404u);
  EXPECT_EQ(parse_json(response.body).value()["detail"], "There is no such case.");
}

struct RouteRow {
  const char *method, *path;
  std::initializer_list<Role> roles;
  Scope scope;
  bool break_glass;
};

TEST(CaseRoutes, LetInWhoMay) {
  const std::initializer_list<Role> kCases = {Role::clinician, Role::integrator}, kAdmin = {Role::admin};
  const std::string one = std::string("/api/v1/cases/") + kId;
  const std::string outcome = one + "/outcome", share = one + "/share";
  const RouteRow table[] = {{"POST", "/api/v1/cases/search", kCases, Scope::read, false}, {"GET", "/api/v1/cases", kCases, Scope::read, false},
      {"GET", one.c_str(), kCases, Scope::read, true}, {"POST", outcome.c_str(), kCases, Scope::diagnose, false}, {"POST", share.c_str(), kCases, Scope::diagnose, false},
      {"POST", "/api/v1/patients/delete", kAdmin, Scope::operate, false}, {"POST", "/api/v1/patients/hold", kAdmin, Scope::operate, false}};
  for (const RouteRow& row : table) {
    const Route* route = match_route(row.method, row.path).route;
    ASSERT_NE(route, nullptr) << row.path;
    for (const Role role : {Role::clinician, Role::integrator, Role::data_scientist, Role::auditor, Role::admin})
      EXPECT_EQ(route->roles.contains(role), std::find(row.roles.begin(), row.roles.end(), role) != row.roles.end()) << row.path << " " << name_of(role);
    EXPECT_EQ(route->scope, row.scope) << row.path;
    EXPECT_EQ(route->break_glass, row.break_glass) << row.path;
    EXPECT_TRUE(route->rate_limited) << row.path;
  }
}

TEST(CaseRoutes, NoOtherRouteTakesAReason) {
  for (const Route& route : routes()) EXPECT_EQ(route.break_glass, route.path == "/api/v1/cases/{id}") << route.path;
}

}  // namespace
}  // namespace osler::http
