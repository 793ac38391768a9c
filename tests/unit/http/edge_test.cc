#include "http/edge.h"

#include <gtest/gtest.h>

#include "base/ids.h"
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

  static unsigned admit(Edge& edge, Exchange& request) {
    edge.begin(request);
    const auto refusal = edge.admit(request);
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
  const auto refusal = edge.admit(wrong_method);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 405u);
  EXPECT_EQ(header(*refusal, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(admit(edge, exchange("POST", "/api/v1/diagnose", {{"Content-Type", "text/plain"}})), 415u);
}

TEST_F(EdgeTest, OptionsAreAnsweredWithoutAKey) {
  Edge edge = make(hospital_);
  Exchange plain = exchange("OPTIONS", "/api/v1/diagnose");
  edge.begin(plain);
  const auto answer = edge.admit(plain);
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
  const auto refusal = edge.admit(request);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 429u);
  EXPECT_EQ(header(*refusal, "Retry-After"), "20");
  EXPECT_EQ(refusal->error, ErrorCode::rate_limited);
}

TEST_F(EdgeTest, GuessingKeysIsLimitedByAddress) {
  Edge edge = make(hospital_);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(admit(edge, exchange("GET", "/api/v1/metrics", {{"X-API-Key", "guess " + std::to_string(i)}})), 401u);
  EXPECT_EQ(admit(edge, exchange("GET", "/api/v1/metrics", {{"X-API-Key", "guess 3"}})), 429u);
  EXPECT_EQ(admit(edge, exchange("GET", "/api/v1/metrics", {{"X-API-Key", "good"}})), 0u);  // owners are not locked out
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
  auto refusal = edge.admit(request);
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
  auto refusal = edge.admit(wrong_type);
  edge.finish(wrong_type, *refusal);
  Exchange full = exchange("POST", "/api/v1/diagnose");
  edge.begin(full);
  ASSERT_FALSE(edge.admit(full));
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
  ASSERT_FALSE(edge.admit(request));
  Response response = edge.refuse(request, make_error(ErrorCode::unavailable, "The audit cannot be written."));
  edge.finish(request, response);
  EXPECT_NE(metrics_.text({}).find("diagnostic_audit_failures_total 1"), std::string::npos);
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
    Exchange request = exchange("GET", path, {{"X-Request-ID", "john-doe"}, {"User-Agent", "john-doe"}});
    request.request.query = "q=john-doe";
    request.request.body = "john-doe";
    edge.begin(request);
    Response response = edge.admit(request).value_or(Response{});
    edge.finish(request, response);
  }
  Exchange odd = exchange("JOHN-DOE", "/");
  edge.begin(odd);
  Response response = edge.admit(odd).value_or(Response{});
  edge.finish(odd, response);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("\"route\":\"/api/v1/complete\""), std::string::npos) << log;
  EXPECT_EQ(to_lower(log).find("john"), std::string::npos) << log;
}

}  // namespace
}  // namespace osler::http
