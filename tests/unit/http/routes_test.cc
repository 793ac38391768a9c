#include "http/routes.h"

#include <gtest/gtest.h>

#include <set>

namespace osler::http {
namespace {

TEST(Routes, NoTwoRoutesTakeTheSameRequest) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : routes()) EXPECT_TRUE(seen.emplace(route.method, route.path).second) << route.path;
}

TEST(Routes, WhatAnswersAboutPatientsIsGuardedAndLimited) {
  const Route* route = match_route("POST", "/api/v1/diagnose").route;
  ASSERT_NE(route, nullptr);
  EXPECT_FALSE(route->roles.open_to_anyone());
  EXPECT_FALSE(route->roles.contains(Role::auditor));
  EXPECT_FALSE(route->roles.contains(Role::data_scientist));
  EXPECT_TRUE(route->roles.contains(Role::clinician));
  EXPECT_TRUE(route->rate_limited);
  EXPECT_EQ(route->takes, "application/json");
  EXPECT_EQ(route->runs, Runs::on_worker);
}

TEST(Routes, OnlyThePageItsDocumentsAndHealthAreOpen) {
  for (const Route& route : routes()) {
    const bool about_nobody = (!route.path.starts_with("/api/v1/") && route.path != "/predict") || route.path == "/api/v1/about";
    EXPECT_EQ(route.roles.open_to_anyone(), about_nobody) << route.path;
  }
}

TEST(MatchRoute, HeadGoesWhereGetGoes) {
  const RouteMatch match = match_route("HEAD", "/health/live");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->path, "/health/live");
  EXPECT_EQ(match.allow, "GET, HEAD, OPTIONS");
}

TEST(MatchRoute, AnUnknownMethodLearnsTheOthers) {
  const RouteMatch match = match_route("DELETE", "/api/v1/diagnose");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "POST, OPTIONS");
  EXPECT_EQ(match_route("get", "/health/live").route, nullptr);  // methods are case-sensitive
}

TEST(MatchRoute, PathsAreComparedAsBytes) {
  for (const std::string_view path : {"", "/nothing", "/api/v1/diagnose/", "/API/v1/diagnose", "//api/v1/diagnose",
                                      "/api/v1/../v1/diagnose", "/api/v1/%64iagnose", "/static", "/health"}) {
    const RouteMatch match = match_route("POST", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST(MatchRoute, AStarStandsForTheRest) {
  EXPECT_NE(match_route("GET", "/static/app/main.js").route, nullptr);
  EXPECT_NE(match_route("GET", "/static/").route, nullptr);
}

TEST(MatchRoute, AnIdIsAUuidInLowerCase) {
  const std::string id = "6f1ed002-ab54-4f1c-9a3f-0123456789ab", batch = "/api/v1/batches/" + id;
  const RouteMatch match = match_route("GET", batch);
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->path, "/api/v1/batches/{id}");
  EXPECT_EQ(match.id, id);
  EXPECT_EQ(match_route("GET", batch + "/results").id, id);
  EXPECT_EQ(match_route("GET", batch + "/results").route->path, "/api/v1/batches/{id}/results");
  EXPECT_EQ(match_route("GET", "/api/v1/batches").id, "");
  EXPECT_EQ(match_route("POST", batch + "/results").allow, "GET, HEAD, OPTIONS");
  for (const std::string& path : std::vector<std::string>{"/api/v1/batches/", "/api/v1/batches/x", "/api/v1/batches/6F1ED002-AB54-4F1C-9A3F-0123456789AB", "/api/v1/batches/" + id + "/", "/api/v1/batches/" + id + "/other",
                                 "/api/v1/batches/{id}", "/api/v1/batches//results", "/api/v1/batches/" + id + "0", "/api/v1/batches/6f1ed002-ab54-4f1c-9a3f-0123456789a%62"})
    EXPECT_EQ(match_route("GET", path).allow, "") << path;
}

}  // namespace
}  // namespace osler::http
