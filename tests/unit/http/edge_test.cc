#include "http/edge.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "http/middleware/shared_rate_limit.h"
#include "inspect.h"
#include "manual_clock.h"

namespace osler::http {
namespace {

using testing::header;
using testing::sha256;

class EdgeTest : public ::testing::Test {
 protected:
  EdgeTest() {
    hospital_.tls = TlsFiles{"c", "k"};
    hospital_.api_keys = {ApiKey::create("ward", "clinician", sha256("good")).value(),
                          ApiKey::create("officer", "auditor", sha256("audit")).value()};
    hospital_.rate_limit_per_minute = 3;
    trial_.trial = true;
    trial_.rate_limit_per_minute = 3;
  }

  Edge make(const ServerOptions& options) {
    return Edge::create(options, metrics_, clock_, Logger(LogLevel::error)).value();
  }

  static Exchange exchange(std::string method, std::string path,
                           std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {}) {
    Exchange made;
    made.request.method = std::move(method);
    made.request.path = std::move(path);
    made.request.peer_address = "127.0.0.1";
    made.request.headers.add("Host", "localhost:8000");
    made.request.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : fields) made.request.headers.add(name, value);
    return made;
  }

  static std::optional<Response> decide(Edge& edge, Exchange& request) {
    auto refusal = edge.identify(request);
    return refusal ? refusal : edge.admit(request);
  }

  static unsigned admit(Edge& edge, Exchange& request) {
    edge.begin(request);
    const auto refusal = decide(edge, request);
    return refusal ? refusal->status : 0;
  }
  static unsigned admit(Edge& edge, Exchange&& request) { return admit(edge, request); }

  testing::ManualClock clock_;
  Metrics metrics_{"1", "m"};
  ServerOptions hospital_, trial_;
};

TEST_F(EdgeTest, ARequestArrivesWhenItHasBeenRead) {
  const Edge edge = make(trial_);
  Exchange request = exchange("POST", "/api/v1/diagnose");
  edge.begin(request);
  EXPECT_FALSE(request.context.arrived);
  clock_.advance(std::chrono::seconds(20));  // a client that sends slowly
  edge.received(request);
  EXPECT_EQ(request.context.arrived, clock_.steady_now());
}

TEST_F(EdgeTest, RefusesToExistWithWrongOptions) {
  ServerOptions options = trial_;
  options.cors_origins = {"*"};
  EXPECT_EQ(Edge::create(options, metrics_, clock_, Logger(LogLevel::error)).error().code, ErrorCode::configuration);
  options = trial_;
  options.trusted_proxies = {"proxy"};
  EXPECT_FALSE(Edge::create(options, metrics_, clock_, Logger(LogLevel::error)));
  EXPECT_FALSE(Edge::create(ServerOptions{}, metrics_, clock_, Logger(LogLevel::error)));
}

TEST_F(EdgeTest, TheRequestIdIsAlwaysOurOwn) {
  Edge edge = make(trial_);
  const std::string theirs = "11111111-2222-4333-8444-555555555555";
  Exchange request = exchange("GET", "/health/live", {{"X-Request-ID", theirs}});
  edge.begin(request);
  EXPECT_TRUE(is_uuid(request.context.request_id));
  EXPECT_EQ(request.context.request_id[14], '4');
  EXPECT_NE(request.context.request_id, theirs);
}

TEST_F(EdgeTest, TrialAdmitsLoopbackAsAClinicianNamedTrial) {
  Edge edge = make(trial_);
  Exchange request = exchange("POST", "/api/v1/diagnose");
  EXPECT_EQ(admit(edge, request), 0u);
  EXPECT_EQ(request.route->path, "/api/v1/diagnose");
  EXPECT_EQ(request.context.actor, "trial");
  EXPECT_EQ(request.context.role, "clinician");
  EXPECT_EQ(request.context.client_address, "127.0.0.1");
}

TEST_F(EdgeTest, TrialGuardsEveryPathEvenThoseThatDoNotExist) {
  Edge edge = make(trial_);
  for (const std::string path : {"/", "/api/v1/diagnose", "/health/live", "/nowhere"})
    for (const std::string method : {"GET", "POST", "OPTIONS"})
      EXPECT_EQ(admit(edge, exchange(method, path, {{"X-Forwarded-For", "1.2.3.4"}})), 403u) << method << path;
}

TEST_F(EdgeTest, UnknownPathsMethodsAndTypes) {
  Edge edge = make(trial_);
  EXPECT_EQ(admit(edge, exchange("GET", "/nowhere")), 404u);
  Exchange wrong_method = exchange("GET", "/api/v1/diagnose");
  edge.begin(wrong_method);
  const auto refusal = decide(edge, wrong_method);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 405u);
  EXPECT_EQ(header(*refusal, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(admit(edge, exchange("POST", "/api/v1/diagnose", {{"Content-Type", "text/plain"}})), 415u);
}

TEST_F(EdgeTest, OptionsAreAnsweredWithoutAKey) {
  Edge edge = make(hospital_);
  Exchange plain = exchange("OPTIONS", "/api/v1/diagnose");
  edge.begin(plain);
  const auto answer = decide(edge, plain);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204u);
  EXPECT_EQ(header(*answer, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(admit(edge, exchange("OPTIONS", "*")), 204u);
  EXPECT_EQ(admit(edge, exchange("OPTIONS", "/nowhere")), 404u);
}

TEST_F(EdgeTest, KeysOpenWhatTheirRoleAllows) {
  Edge edge = make(hospital_);
  Exchange clinician = exchange("POST", "/api/v1/diagnose", {{"Authorization", "Bearer good"}});
  EXPECT_EQ(admit(edge, clinician), 0u);
  EXPECT_EQ(clinician.context.actor, "ward");
  EXPECT_EQ(clinician.context.role, "clinician");
  EXPECT_EQ(admit(edge, exchange("POST", "/api/v1/diagnose", {{"X-API-Key", "audit"}})), 403u);
  EXPECT_EQ(admit(edge, exchange("GET", "/api/v1/metrics", {{"X-API-Key", "audit"}})), 0u);
}

TEST_F(EdgeTest, WithoutAKeyOnlyTheOpenRoutesAnswer) {
  Edge edge = make(hospital_);
  EXPECT_EQ(admit(edge, exchange("GET", "/health/live")), 0u);
  EXPECT_EQ(admit(edge, exchange("GET", "/")), 0u);
  EXPECT_EQ(admit(edge, exchange("POST", "/api/v1/diagnose")), 401u);
  EXPECT_EQ(admit(edge, exchange("GET", "/api/v1/metrics", {{"X-API-Key", "wrong"}})), 401u);
}

TEST_F(EdgeTest, RateLimitIsByKeyAndComesBack) {
  Edge edge = make(hospital_);
  const auto ask = [&] { return admit(edge, exchange("POST", "/api/v1/diagnose", {{"X-API-Key", "good"}})); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), 0u);
  EXPECT_EQ(ask(), 429u);
  EXPECT_EQ(admit(edge, exchange("GET", "/health/live", {{"X-API-Key", "good"}})), 0u);
  clock_.advance(std::chrono::seconds(20));
  EXPECT_EQ(ask(), 0u);
  EXPECT_EQ(ask(), 429u);
}

TEST_F(EdgeTest, A429SaysWhenToComeBack) {
  Edge edge = make(trial_);
  for (int i = 0; i < 3; ++i) admit(edge, exchange("POST", "/api/v1/diagnose"));
  Exchange request = exchange("POST", "/api/v1/diagnose");
  edge.begin(request);
  const auto refusal = decide(edge, request);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 429u);
  EXPECT_EQ(header(*refusal, "Retry-After"), "20");
  EXPECT_EQ(refusal->error, ErrorCode::rate_limited);
}

TEST_F(EdgeTest, TheSharedRateLimitDecidesWhereItDoes) {
  SharedRateLimit away({.address = {.stream = {.socket_path = "/nowhere"}}, .name_of = [](std::string_view) { return std::string(); }}, Logger(LogLevel::error));
  hospital_.shared_rate_limit = &away;
  Edge edge = make(hospital_);
  const auto ask = [&](std::optional<RateVerdict> shared) {
    Exchange request = exchange("POST", "/api/v1/diagnose", {{"X-API-Key", "good"}});
    edge.begin(request);
    EXPECT_FALSE(edge.identify(request));
    EXPECT_EQ(request.limited_as, "key ward");
    const auto refusal = edge.admit(request, shared);
    return refusal ? header(*refusal, "Retry-After") : "";
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(RateVerdict{}), "");
  EXPECT_EQ(ask(RateVerdict{std::chrono::seconds(7)}), "7");
  EXPECT_NE(metrics_.text({}).find("http_rate_limit_fallbacks_total 0"), std::string::npos);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(std::nullopt), "");  // its own limit was not touched meanwhile
  EXPECT_EQ(ask(std::nullopt), "20");
  EXPECT_NE(metrics_.text({}).find("http_rate_limit_fallbacks_total 4"), std::string::npos);
}

TEST_F(EdgeTest, OnlyTrustedProxiesNameTheClient) {
  hospital_.trusted_proxies = {"127.0.0.1"};
  Edge edge = make(hospital_);
  Exchange request = exchange("GET", "/health/live", {{"X-Forwarded-For", "203.0.113.9"}});
  EXPECT_EQ(admit(edge, request), 0u);
  EXPECT_EQ(request.context.client_address, "203.0.113.9");
}

TEST_F(EdgeTest, EveryAnswerIsCompleted) {
  hospital_.cors_origins = {"https://ehr.example"};
  Edge edge = make(hospital_);
  Exchange request = exchange("GET", "/nowhere", {{"Origin", "https://ehr.example"}});
  edge.begin(request);
  auto refusal = decide(edge, request);
  clock_.advance(std::chrono::milliseconds(1250));
  edge.finish(request, *refusal);
  EXPECT_EQ(header(*refusal, "X-Request-ID"), request.context.request_id);
  EXPECT_EQ(header(*refusal, "X-Process-Time"), "1.250000");
  EXPECT_EQ(header(*refusal, "Date"), "Tue, 14 Nov 2023 22:13:21 GMT");
  EXPECT_EQ(header(*refusal, "Access-Control-Allow-Origin"), "https://ehr.example");
  EXPECT_EQ(header(*refusal, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(*refusal, "Cache-Control"), "no-store");
  EXPECT_EQ(header(*refusal, "Strict-Transport-Security"), "max-age=31536000");
  EXPECT_NE(metrics_.text({}).find("http_requests_total{route=\"none\",status=\"404\"} 1"), std::string::npos);
}

TEST_F(EdgeTest, DiagnosesAreCountedWhateverRefusesThem) {
  Edge edge = make(trial_);
  Exchange wrong_type = exchange("POST", "/api/v1/diagnose", {{"Content-Type", "text/plain"}});
  edge.begin(wrong_type);
  auto refusal = decide(edge, wrong_type);
  edge.finish(wrong_type, *refusal);
  Exchange full = exchange("POST", "/api/v1/diagnose");
  edge.begin(full);
  ASSERT_FALSE(decide(edge, full));
  Response shed = edge.shed(full);
  edge.finish(full, shed);
  const std::string text = metrics_.text({});
  EXPECT_NE(text.find("diagnostic_requests_total{outcome=\"refused\"} 1"), std::string::npos);
  EXPECT_NE(text.find("diagnostic_errors_total{code=\"unsupported_media\"} 1"), std::string::npos);
  EXPECT_NE(text.find("diagnostic_errors_total{code=\"overloaded\"} 1"), std::string::npos);
  EXPECT_NE(text.find("http_requests_shed_total 1"), std::string::npos);
  EXPECT_NE(text.find("http_requests_in_flight 0"), std::string::npos);
}

TEST_F(EdgeTest, AnAnswerThatCouldNotBeRecordedIsCounted) {
  Edge edge = make(trial_);
  Exchange request = exchange("POST", "/api/v1/diagnose");
  edge.begin(request);
  ASSERT_FALSE(decide(edge, request));
  Response response = edge.refuse(request, make_error(ErrorCode::unavailable, "The audit cannot be written."));
  edge.finish(request, response);
  EXPECT_NE(metrics_.text({}).find("diagnostic_audit_failures_total 1"), std::string::npos);
}

TEST_F(EdgeTest, WhatNoUseCaseAuditsIsToldOnceAndOnlyOfTheApi) {
  std::vector<std::string> told;
  const auto options = [&](ServerOptions base) {
    base.rate_limit_per_minute = 1;
    base.on_unaudited = [&](const service::RequestContext&, audit::Action action, const std::string& outcome) { told.push_back(std::string(name_of(action)) + " " + outcome); };
    return base;
  };
  const auto answer = [&](Edge& edge, Exchange request, bool has_entry = false, std::optional<ErrorCode> error = {}) {
    told.clear();
    edge.begin(request);
    auto refusal = edge.identify(request);
    if (!refusal) refusal = edge.admit(request);
    if (has_entry) *request.context.has_entry = true;
    if (!refusal && error) refusal = edge.refuse(request, make_error(*error, "x"));
    Response response = refusal.value_or(Response{});
    edge.finish(request, response);
    return told;
  };
  using Told = std::vector<std::string>;
  Edge edge = make(options(hospital_));
  EXPECT_EQ(answer(edge, exchange("GET", "/api/v1/metrics")), Told{"login.denied /api/v1/metrics"});
  EXPECT_EQ(answer(edge, exchange("GET", "/api/v1/metrics")), Told{"rate.limited /api/v1/metrics"});
  EXPECT_EQ(answer(edge, exchange("POST", "/api/v1/diagnose", {{"X-API-Key", "audit"}})), Told{"access.denied /api/v1/diagnose"});
  EXPECT_EQ(answer(edge, exchange("POST", "/api/v1/diagnose", {{"X-API-Key", "good"}}), true), Told{});
  EXPECT_EQ(answer(edge, exchange("GET", "/api/v1/complete", {{"X-API-Key", "good"}})), Told{"request answered /api/v1/complete"});
  EXPECT_EQ(answer(edge, exchange("GET", "/api/v1/complete", {{"X-API-Key", "good"}}), false, ErrorCode::invalid), Told{"request refused:invalid /api/v1/complete"});
  EXPECT_EQ(answer(edge, exchange("GET", "/api/v1/complete", {{"X-API-Key", "good"}}), false, ErrorCode::internal), Told{"request failed:internal /api/v1/complete"});
  EXPECT_EQ(answer(edge, exchange("GET", "/api/v1/complete", {{"X-API-Key", "good"}}), false, ErrorCode::timeout), Told{}) << "still under way";
  EXPECT_EQ(answer(edge, exchange("GET", "/health/live")), Told{});
  EXPECT_EQ(answer(edge, exchange("GET", "/")), Told{});
  EXPECT_EQ(answer(edge, exchange("GET", "/john-doe")), Told{});
  Edge trial = make(options(trial_));
  EXPECT_EQ(answer(trial, exchange("GET", "/john-doe", {{"Via", "proxy"}})), Told{"access.denied none"});
}

TEST_F(EdgeTest, AFramingFaultEndsTheConnection) {
  Edge edge = make(trial_);
  Exchange request = exchange("GET", "/");
  edge.begin(request);
  const Response response = edge.refuse(request, FramingFault{make_error(ErrorCode::malformed, "x"), 400});
  EXPECT_TRUE(response.close);
  edge.abandon(request);
  EXPECT_NE(metrics_.text({}).find("status=\"499\"} 1"), std::string::npos);
}

TEST_F(EdgeTest, TheLogHoldsNothingTheCallerSent) {
  Edge edge = Edge::create(trial_, metrics_, clock_, Logger(LogLevel::debug)).value();
  ::testing::internal::CaptureStderr();
  for (const std::string path : {"/api/v1/complete", "/static/john-doe.js", "/john-doe"}) {
    Exchange request = exchange("GET", path, {{"X-Request-ID", "john-doe"}, {"User-Agent", "john-doe"}, {"X-Break-Glass", "john-doe is dying"}});
    request.request.query = "q=john-doe";
    request.request.body = "john-doe";
    edge.begin(request);
    Response response = decide(edge, request).value_or(Response{});
    edge.finish(request, response);
  }
  Exchange odd = exchange("JOHN-DOE", "/");
  edge.begin(odd);
  Response response = decide(edge, odd).value_or(Response{});
  edge.finish(odd, response);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("\"route\":\"/api/v1/complete\""), std::string::npos) << log;
  EXPECT_EQ(to_lower(log).find("john"), std::string::npos) << log;
}

/// A route that takes the header, whatever the table holds.
Route glass_route() {
  Route route = *match_route("GET", "/api/v1/metrics").route;
  route.break_glass = true;
  return route;
}

TEST_F(EdgeTest, BreakingTheGlassIsForCliniciansWithAReason) {
  Edge edge = make(hospital_);
  static const Route route = glass_route();
  const std::string reason = "unconscious in resus 2";
  const auto ask = [&](const char* key, const std::string& text, Exchange& request) {
    request = exchange("GET", "/api/v1/metrics", {{"X-API-Key", key}, {"X-Break-Glass", text}});
    edge.begin(request);
    EXPECT_FALSE(edge.identify(request));
    request.route = &route;
    const auto refusal = edge.admit(request);
    return refusal ? refusal->status : 0;
  };
  Exchange request;
  EXPECT_EQ(ask("good", reason, request), 0u);
  ASSERT_TRUE(request.context.break_glass);
  EXPECT_EQ(request.context.break_glass->reveal_phi(), reason);
  EXPECT_EQ(ask("audit", reason, request), 403u);
  EXPECT_EQ(ask("good", "because", request), 422u);
  EXPECT_FALSE(request.context.break_glass);
  EXPECT_EQ(admit(edge, exchange("GET", "/api/v1/metrics", {{"X-API-Key", "good"}, {"X-Break-Glass", reason}})), 422u);  // this route does not take it
  EXPECT_NE(metrics_.text({}).find("http_break_glass_total 1"), std::string::npos);
}

}  // namespace
}  // namespace osler::http
