// How the server ends.
#include <gtest/gtest.h>

#include "wire.h"

namespace osler::http {
namespace {

using testing::diagnose_request;
using testing::FakeFilms;
using testing::FakeService;
using testing::request;
using testing::RunningServer;
using testing::trial_options;
using testing::Wire;

TEST(Shutdown, WhatIsInFlightIsFinishedAndTheConnectionClosed) {
  RunningServer server;
  server.service().mode = FakeService::Mode::hold;
  Wire wire(server.port());
  wire.send(diagnose_request());
  server.service().wait_for(1);
  Wire idle(server.port());
  EXPECT_EQ(idle.ask(request("GET", "/health/live")).status, 200);
  server.stop();
  EXPECT_TRUE(idle.closed_by_server());  // so the server has begun to stop
  server.service().release();
  const auto answer = wire.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(wire.closed_by_server());
  server.join();
}

TEST(Shutdown, NothingNewIsAccepted) {
  RunningServer server;
  const std::uint16_t port = server.port();
  server.stop();
  server.join();
  FakeService service;
  FakeFilms films;
  testing::FakeCases cases;
  const SystemClock clock;
  auto options = trial_options();
  options.port = port;
  EXPECT_TRUE(Server::create(options, service, films, cases, clock, Logger(LogLevel::error)));  // the port is free again
}

TEST(Shutdown, BeforeItStopsItIsNotReadyAndAnswersOn) {
  auto options = trial_options();
  options.drain = std::chrono::hours(1);
  RunningServer server(options);
  Wire kept(server.port());
  EXPECT_EQ(kept.ask(request("GET", "/health/ready")).status, 200);
  server.stop();
  const auto ready = [&] { return Wire(server.port()).ask(request("GET", "/health/ready")); };
  auto last = ready();
  while (last.status == 200) last = ready();  // until the server has heard of it
  EXPECT_EQ(last.status, 503);
  EXPECT_NE(last.body.find("\"stopping\":true"), std::string::npos) << last.body;
  EXPECT_EQ(Wire(server.port()).ask(diagnose_request()).status, 200) << "a new connection";
  const auto answer = kept.ask(diagnose_request());
  EXPECT_EQ(answer.status, 200) << "one that was kept";
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(kept.closed_by_server());
  server.stop();
  server.join();
}

TEST(Shutdown, TheGracePeriodEndsAtItsEnd) {
  auto options = trial_options();
  options.grace_period = std::chrono::milliseconds(50);
  RunningServer server(options);
  server.service().mode = FakeService::Mode::hold;
  Wire wire(server.port());
  wire.send(diagnose_request());
  server.service().wait_for(1);
  server.stop();
  server.join();
  EXPECT_EQ(wire.receive().status, 0);
}

TEST(Shutdown, AnAnswerThatComesAfterTheServerIsDropped) {
  auto options = trial_options();
  options.grace_period = std::chrono::milliseconds(10);
  RunningServer server(options);
  server.service().mode = FakeService::Mode::hold;
  Wire wire(server.port());
  wire.send(diagnose_request());
  server.service().wait_for(1);
  server.stop();
  server.join();
  server.destroy();
  server.service().release();
}

TEST(Shutdown, StopBeforeRunAndStopTwice) {
  FakeService service;
  FakeFilms films;
  testing::FakeCases cases;
  const SystemClock clock;
  const auto server = Server::create(trial_options(), service, films, cases, clock, Logger(LogLevel::error)).value();
  server->stop();
  server->stop();
  server->run();
}

TEST(Shutdown, AServerThatNeverRanCanBeDestroyed) {
  FakeService service;
  FakeFilms films;
  testing::FakeCases cases;
  const SystemClock clock;
  EXPECT_TRUE(Server::create(trial_options(), service, films, cases, clock, Logger(LogLevel::error)));
}

}  // namespace
}  // namespace osler::http
