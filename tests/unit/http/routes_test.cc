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

}  // namespace
}  // namespace osler::http
