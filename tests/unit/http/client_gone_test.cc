// Whether the client of a request that is being worked on is still there: watch_client of http/connection.cc, seen through
// RequestContext::gone ("service/diagnose.h").
#include <gtest/gtest.h>

#include <memory>

#include "wire.h"

namespace osler::http {
namespace {

using testing::diagnose_request;
using testing::FakeService;
using testing::request;
using testing::RunningServer;
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

TEST_F(WaitingClient, ThatResetsHasGone) {
  wire->reset();
  wait_until_gone();
  EXPECT_TRUE(gone());
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
