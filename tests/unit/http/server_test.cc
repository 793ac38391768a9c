// The server over real sockets: what an ordinary client sees.
#include "http/server.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "http/static_files.h"
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

TEST(Server, AnswersADiagnosis) {
  RunningServer server;
  Wire wire(server.port());
  const auto answer = wire.ask(diagnose_request("{\"age\":65}"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"echo_bytes\":10}");
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_TRUE(is_uuid(answer.headers.at("x-request-id")));
  EXPECT_EQ(answer.headers.at("x-request-id"), server.service().context(0).request_id);
  EXPECT_GE(std::stod(answer.headers.at("x-process-time")), 0.0);
}

TEST(Server, EveryAnswerHasIdTimeAndSecurityHeaders) {
  RunningServer server;
  for (const std::string& bytes :
       {request("GET", "/health/live"), request("GET", "/nowhere"), request("PUT", "/api/v1/diagnose"),
        request("POST", "/api/v1/diagnose", "", "{}"), request("OPTIONS", "/api/v1/diagnose"),
        std::string("GARBAGE\r\n\r\n"), request("GET", "/health/live", "Content-Length: 1000000000\r\n"),
        request("GET", "/health/live", "Via: proxy\r\n")}) {
    Wire wire(server.port());
    const auto answer = wire.ask(bytes);
    ASSERT_NE(answer.status, 0) << bytes;
    for (const std::string name : {"x-request-id", "x-process-time", "content-security-policy", "x-content-type-options",
                                   "referrer-policy", "cache-control", "date"})
      EXPECT_EQ(answer.headers.count(name), 1u) << name << " of " << answer.status;
    if (answer.status >= 400) {
      EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
      const auto document = parse_json(answer.body);
      ASSERT_TRUE(document);
      EXPECT_EQ((*document)["status"], answer.status);
      EXPECT_EQ((*document)["request_id"], answer.headers.at("x-request-id"));
    }
  }
}

TEST(Server, KeepsAConnectionForManyRequests) {
  RunningServer server;
  Wire wire(server.port());
  std::string first;
  for (int i = 0; i < 50; ++i) {
    const auto answer = wire.ask(diagnose_request());
    ASSERT_EQ(answer.status, 200);
    EXPECT_NE(answer.headers.at("x-request-id"), first);
    first = answer.headers.at("x-request-id");
  }
}

TEST(Server, RefusalsKeepTheConnectionToo) {
  RunningServer server;
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(request("POST", "/api/v1/diagnose", "Content-Type: text/plain\r\n", "not json")).status, 415);
  EXPECT_EQ(wire.ask(request("POST", "/nowhere", "", "some body")).status, 404);
  EXPECT_EQ(wire.ask(diagnose_request()).status, 200);
}

TEST(Server, CloseIsHonoured) {
  RunningServer server;
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(request("GET", "/health/live", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(wire.closed_by_server());
}

TEST(Server, Http10IsAnsweredAndClosedUnlessAskedOtherwise) {
  RunningServer server;
  Wire plain(server.port());
  EXPECT_EQ(plain.ask("GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n").status, 200);
  EXPECT_TRUE(plain.closed_by_server());
  Wire kept(server.port());
  for (int i = 0; i < 2; ++i) {
    const auto answer = kept.ask("GET /health/live HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("connection"), "keep-alive");
  }
}

TEST(Server, HeadHasTheLengthButNotTheBody) {
  RunningServer server;
  Wire wire(server.port());
  wire.send(request("HEAD", "/health/live"));
  const auto head = wire.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "17");
  EXPECT_EQ(wire.ask(request("GET", "/health/live")).body, "{\"status\":\"live\"}");  // nothing of the body was left over
}

TEST(Server, OptionsHasNoBody) {
  RunningServer server;
  Wire wire(server.port());
  const auto answer = wire.ask(request("OPTIONS", "/api/v1/diagnose"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.headers.at("allow"), "POST, OPTIONS");
  EXPECT_EQ(answer.headers.count("content-length"), 0u);
  EXPECT_EQ(wire.ask(request("GET", "/health/live")).status, 200);
}

TEST(Server, TakesChunkedBodies) {
  RunningServer server;
  Wire wire(server.port());
  const auto answer = wire.ask(request("POST", "/api/v1/diagnose",
                                       "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n") +
                               "4\r\n{\"a\"\r\n6;ext=1\r\n:[1,2]\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(server.service().bodies().at(0), "{\"a\":[1,2]}");
}

TEST(Server, TellsAWaitingClientToContinue) {
  RunningServer server;
  Wire wire(server.port());
  const auto interim = wire.ask("POST /api/v1/diagnose HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(interim.status, 100);
  EXPECT_EQ(wire.ask("{}").status, 200);
}

TEST(Server, ARefusedClientIsNotToldToContinue) {
  RunningServer server;
  Wire wire(server.port());
  const auto answer = wire.ask("POST /api/v1/diagnose HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                               "Expect: 100-continue\r\nContent-Length: 900000\r\n\r\n");
  EXPECT_EQ(answer.status, 415);
  EXPECT_EQ(answer.headers.at("connection"), "close");
}

TEST(Server, ABodyOfExactlyTheBoundIsTaken) {
  RunningServer server;
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(diagnose_request(std::string(limits::kMaxBodyBytes, 'x'))).status, 200);
  EXPECT_EQ(server.service().bodies().at(0).size(), limits::kMaxBodyBytes);
}

TEST(Server, AHeaderJustUnderTheBoundIsTaken) {
  RunningServer server;
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(request("GET", "/health/live", "X-Padding: " + std::string(limits::kMaxHeaderBytes - 200, 'p') + "\r\n"))
                .status,
            200);
}

TEST(Server, AbsoluteTargetsAreAnswered) {
  RunningServer server;
  Wire wire(server.port());
  EXPECT_EQ(wire.ask("GET http://localhost/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
}

TEST(Server, WaitingForTheDiskHoldsNoWorker) {
  auto options = trial_options();
  options.threads = 1;
  RunningServer server(options);
  server.service().mode = FakeService::Mode::hold;
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 20; ++i) {
    wires.push_back(std::make_unique<Wire>(server.port()));
    wires.back()->send(diagnose_request());
  }
  server.service().wait_for(20);  // all of them, through the one worker, and none is answered yet
  Wire other(server.port());
  EXPECT_EQ(other.ask(request("GET", "/health/ready")).status, 200);
  server.service().release();
  for (const auto& wire : wires) EXPECT_EQ(wire->receive().body, "{\"echo_bytes\":8}");  // "released"
}

TEST(Server, AFullQueueIsAnswered503AtOnceAndRecovers) {
  auto options = trial_options();
  options.threads = 1;
  options.bounds.max_queued_requests = 2;
  RunningServer server(options);
  server.service().mode = FakeService::Mode::block;
  Wire running(server.port());
  running.send(diagnose_request());
  server.service().wait_for(1);
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 5; ++i) wires.push_back(std::make_unique<Wire>(server.port()));
  int shed = 0;
  for (const auto& wire : wires) wire->send(diagnose_request());
  // Two wait; three are refused while the worker is still held. Which ones is for the sockets to decide, so ask the gauge
  // that the I/O thread answers by itself.
  Wire scraper(server.port());
  std::string text;
  do text = scraper.ask(request("GET", "/api/v1/metrics")).body;
  while (text.find("http_requests_shed_total 3") == std::string::npos);
  EXPECT_NE(text.find("http_queue_depth 2"), std::string::npos);
  server.service().unblock();
  EXPECT_EQ(running.receive().status, 200);
  for (const auto& wire : wires) {
    const auto answer = wire->receive();
    shed += answer.status == 503;
    if (answer.status == 503) {
      EXPECT_EQ(answer.headers.at("retry-after"), "1");
    }
  }
  EXPECT_EQ(shed, 3);
  EXPECT_EQ(running.ask(diagnose_request()).status, 200);
}

// The encoder's deadline counts from there (service/diagnose.h).
TEST(Server, ARequestArrivesWithItsLastByteAndNotWhenAWorkerIsFree) {
  auto options = trial_options();
  options.threads = 1;
  RunningServer server(options);
  const SystemClock clock;
  server.service().mode = FakeService::Mode::block;
  Wire running(server.port()), waiting(server.port()), scraper(server.port());
  running.send(diagnose_request());
  server.service().wait_for(1);
  const std::string bytes = diagnose_request("{}");
  waiting.send(bytes.substr(0, bytes.size() - 1));
  const SteadyTime last_byte = clock.steady_now();
  waiting.send(bytes.substr(bytes.size() - 1));
  while (scraper.ask(request("GET", "/api/v1/metrics")).body.find("http_queue_depth 1") == std::string::npos) {}
  const SteadyTime worker_free = clock.steady_now();
  server.service().unblock();
  EXPECT_EQ(waiting.receive().status, 200);
  const auto arrived = server.service().context(1).arrived;
  ASSERT_TRUE(arrived);
  EXPECT_GE(*arrived, last_byte);
  EXPECT_LE(*arrived, worker_free);
}

TEST(Server, ConnectionsAreBounded) {
  auto options = trial_options();
  options.bounds.max_connections = 3;
  RunningServer server(options);
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 3; ++i) {
    wires.push_back(std::make_unique<Wire>(server.port()));
    ASSERT_EQ(wires.back()->ask(request("GET", "/health/live")).status, 200);
  }
  Wire refused(server.port());
  const auto answer = refused.receive();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(refused.closed_by_server());
  EXPECT_EQ(wires.front()->ask(request("GET", "/health/live")).status, 200);
}

TEST(Server, RateLimitIs429WithRetryAfter) {
  auto options = trial_options();
  options.rate_limit_per_minute = 2;
  RunningServer server(options);
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(diagnose_request()).status, 200);
  EXPECT_EQ(wire.ask(diagnose_request()).status, 200);
  const auto answer = wire.ask(diagnose_request());
  EXPECT_EQ(answer.status, 429);
  EXPECT_GE(std::stoi(answer.headers.at("retry-after")), 1);
  EXPECT_EQ(wire.ask(request("GET", "/health/live")).status, 200);
  EXPECT_EQ(server.service().bodies().size(), 2u);
}

TEST(Server, AnExceptionInsideIsA500WithoutItsWords) {
  RunningServer server;
  server.service().mode = FakeService::Mode::throw_exception;
  Wire wire(server.port());
  const auto answer = wire.ask(diagnose_request());
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  server.service().mode = FakeService::Mode::fail_inside;
  const auto failed = wire.ask(diagnose_request());
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body.find("inner"), std::string::npos);
  EXPECT_EQ(failed.body.find("outer"), std::string::npos);
}

TEST(Server, AnAnswerThatNeverComesIsA504) {
  auto options = trial_options();
  options.bounds.answer_timeout = std::chrono::milliseconds(30);
  RunningServer server(options);
  server.service().mode = FakeService::Mode::hold;
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(diagnose_request()).status, 504);
  server.service().release();  // too late: dropped
  server.service().mode = FakeService::Mode::answer;
  EXPECT_EQ(wire.ask(diagnose_request("1234")).body, "{\"echo_bytes\":4}");
}

TEST(Server, MetricsSeeWhatHappened) {
  RunningServer server;
  Wire wire(server.port());
  wire.ask(diagnose_request());
  const std::string text = wire.ask(request("GET", "/api/v1/metrics")).body;
  EXPECT_NE(text.find("diagnostic_requests_total{outcome=\"answered\"} 1"), std::string::npos);
  EXPECT_NE(text.find("diagnostic_urgency_total{urgency=\"emergency\"} 1"), std::string::npos);
  EXPECT_NE(text.find("http_connections_open 1"), std::string::npos);
  EXPECT_NE(text.find("http_requests_in_flight 1"), std::string::npos);  // this one
}

TEST(Server, ABusyPortIsAConflict) {
  RunningServer first;
  FakeService service;
  FakeFilms films;
  testing::FakeCases cases;
  const SystemClock clock;
  auto options = trial_options();
  options.port = first.port();
  const auto second = Server::create(options, service, films, cases, clock, Logger(LogLevel::error));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_NE(second.error().external.find(std::to_string(first.port())), std::string::npos);
}

TEST(Server, WrongOptionsStopTheStart) {
  FakeService service;
  FakeFilms films;
  testing::FakeCases cases;
  const SystemClock clock;
  const auto code_of = [&](ServerOptions options) {
    const auto server = Server::create(std::move(options), service, films, cases, clock, Logger(LogLevel::error));
    return server ? ErrorCode::internal : server.error().code;
  };
  EXPECT_EQ(code_of(ServerOptions{}), ErrorCode::configuration);
  auto options = trial_options();
  options.web_root = "/nonexistent";
  EXPECT_EQ(code_of(options), ErrorCode::configuration);
  options = trial_options();
  options.address = "127.0.0.1";
  options.cors_origins = {"*"};
  EXPECT_EQ(code_of(options), ErrorCode::configuration);
}

TEST(Server, ServesThePageAndTheDocuments) {
  auto options = trial_options();
  options.web_root = OSLER_SOURCE_DIR "/web";
  if (!StaticFiles::load(options.web_root)) GTEST_SKIP() << "the page is not there yet";
  RunningServer server(options);
  Wire wire(server.port());
  const auto document = wire.ask(request("GET", "/api/openapi.json"));
  EXPECT_EQ(document.status, 200);
  EXPECT_TRUE(parse_json(document.body));
  EXPECT_EQ(wire.ask(request("GET", "/api/openapi.json", "If-None-Match: " + document.headers.at("etag") + "\r\n")).status, 304);
  const auto docs = wire.ask(request("GET", "/api/docs"));
  EXPECT_EQ(docs.status, 200);
  EXPECT_NE(docs.headers.at("content-security-policy").find("blob:"), std::string::npos);
  EXPECT_EQ(wire.ask(request("GET", "/")).status, 200);
  EXPECT_EQ(wire.ask(request("GET", "/static/../openapi.json")).status, 404);
}

}  // namespace
}  // namespace osler::http
