// Whether the client of a request that is being worked on is still there: watch_client and ask_client of http/connection.cc, seen
// through RequestContext::gone ("service/diagnose.h").
#include <gtest/gtest.h>

#include <memory>

#include "wire.h"

namespace osler::http {
namespace {

using testing::diagnose_request;
using testing::FakeService;
using testing::request;
using testing::RunningServer;
using testing::trial_options;
using testing::Wire;

/// A server whose answers are held back, and a client that waits for one.
struct WaitingClient : ::testing::Test {
  void SetUp() override {
    server.service().mode = FakeService::Mode::hold;
    wire = std::make_unique<Wire>(server.port());
    wire->send(diagnose_request());
    server.service().wait_for(1);
    gone = server.service().context(0).gone;
    ASSERT_TRUE(gone);
  }
  void TearDown() override { server.service().release(); }  // else the server would wait for them in its grace period
  /// Every answer has been through the thread that watches the connections.
  void let_the_server_look() {
    Wire other(server.port());
    for (int i = 0; i < 5; ++i) ASSERT_EQ(other.ask(request("GET", "/health/live")).status, 200);
  }
  /// Asks until it is so; the test's own time-out ends it if it never is.
  void wait_until_gone() {
    Wire other(server.port());
    while (!gone()) ASSERT_EQ(other.ask(request("GET", "/health/live")).status, 200);
  }

  RunningServer server;
  std::unique_ptr<Wire> wire;
  std::function<bool()> gone;
};

TEST_F(WaitingClient, IsThere) {
  let_the_server_look();
  EXPECT_FALSE(gone());
  server.service().release();
  EXPECT_EQ(wire->receive().status, 200);
}

TEST_F(WaitingClient, ThatClosesHasGone) {
  wire.reset();
  wait_until_gone();
  EXPECT_TRUE(gone());
  server.service().release();  // nobody is there, and nothing breaks
  let_the_server_look();
}

TEST_F(WaitingClient, ThatHasGoneIsCountedAsGoneAndNotAsAFailure) {
  wire.reset();
  Wire scraper(server.port());
  while (scraper.ask(request("GET", "/api/v1/metrics")).body.find("http_requests_total{route=\"/api/v1/diagnose\",status=\"499\"} 1") == std::string::npos) {}
  const std::string metrics = scraper.ask(request("GET", "/api/v1/metrics")).body;
  EXPECT_NE(metrics.find("http_connections_open 1"), std::string::npos) << "its connection is not kept for an answer that nobody reads";
  EXPECT_NE(metrics.find("diagnostic_requests_total{outcome=\"failed\"} 0"), std::string::npos);
  EXPECT_NE(metrics.find("http_requests_in_flight 1"), std::string::npos);  // this one
}

TEST(QueuedClient, ThatHasGoneIsNotWorkedFor) {
  auto options = trial_options();
  options.threads = 1;
  RunningServer server(options);
  server.service().mode = FakeService::Mode::block;
  Wire running(server.port()), scraper(server.port());
  running.send(diagnose_request("{}"));
  server.service().wait_for(1);
  {
    Wire leaving(server.port());
    leaving.send(diagnose_request("{\"leaving\":1}"));
    while (scraper.ask(request("GET", "/api/v1/metrics")).body.find("http_queue_depth 1") == std::string::npos) {}
  }
  while (scraper.ask(request("GET", "/api/v1/metrics")).body.find("status=\"499\"} 1") == std::string::npos) {}
  server.service().unblock();
  EXPECT_EQ(running.receive().status, 200);
  EXPECT_EQ(running.ask(diagnose_request("{\"staying\":1}")).status, 200);
  EXPECT_EQ(server.service().bodies(), (std::vector<std::string>{"{}", "{\"staying\":1}"}));
}

TEST_F(WaitingClient, ThatResetsHasGone) {
  wire->reset();
  wait_until_gone();
  EXPECT_TRUE(gone());
}

// As `nc -N` and some proxies do; RFC 9112, 9.6: "does not mean that the client will not read".
TEST_F(WaitingClient, ThatEndsItsSendingIsAskedAndGetsItsAnswer) {
  wire->finish_sending();
  EXPECT_EQ(wire->receive().status, 100) << "a client that is not there would answer it with a reset";
  let_the_server_look();
  EXPECT_FALSE(gone());
  server.service().release();
  EXPECT_EQ(wire->receive().body, "{\"echo_bytes\":8}");  // "released"
  EXPECT_TRUE(wire->closed_by_server());
}

TEST_F(WaitingClient, ThatEndsItsSendingAndThenResetsHasGone) {
  wire->finish_sending();
  EXPECT_EQ(wire->receive().status, 100);
  wire->reset();
  wait_until_gone();
  EXPECT_TRUE(gone());
}

TEST_F(WaitingClient, OfHttp10ThatEndsItsSendingGetsItsAnswerUnasked) {
  Wire old(server.port());
  old.send("POST /api/v1/diagnose HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  server.service().wait_for(2);
  old.finish_sending();
  let_the_server_look();
  EXPECT_FALSE(server.service().context(1).gone());
  server.service().release();
  EXPECT_EQ(old.receive().status, 200) << "interim answers came with HTTP/1.1";
}

TEST_F(WaitingClient, OfHttp10ThatResetsHasGone) {
  Wire old(server.port());
  old.send("POST /api/v1/diagnose HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  server.service().wait_for(2);
  gone = server.service().context(1).gone;
  old.reset();
  wait_until_gone();
  EXPECT_TRUE(gone());
}

TEST_F(WaitingClient, ThatEndsItsSendingWaitsNoLongerThanOthers) {
  auto options = trial_options();
  options.bounds.answer_timeout = std::chrono::milliseconds(30);
  RunningServer impatient(options);
  impatient.service().mode = FakeService::Mode::hold;
  Wire other(impatient.port());
  other.send(diagnose_request());
  other.finish_sending();
  EXPECT_EQ(other.receive_final().status, 504);
  impatient.service().release();
}

TEST_F(WaitingClient, ThatSendsItsNextRequestIsThere) {
  wire->send(diagnose_request("1234"));
  let_the_server_look();
  EXPECT_FALSE(gone());
  server.service().release();
  EXPECT_EQ(wire->receive().status, 200);
  server.service().wait_for(2);
  EXPECT_FALSE(server.service().context(1).gone());
  server.service().release();
  EXPECT_EQ(wire->receive().status, 200);
}

TEST_F(WaitingClient, WasThereForAnEarlierAnswerAndIsWatchedForTheNext) {
  server.service().release();
  EXPECT_EQ(wire->receive().status, 200);
  wire->send(diagnose_request());
  server.service().wait_for(2);
  gone = server.service().context(1).gone;
  let_the_server_look();
  EXPECT_FALSE(gone());
  wire.reset();
  wait_until_gone();
  EXPECT_TRUE(gone());
}

}  // namespace
}  // namespace osler::http
