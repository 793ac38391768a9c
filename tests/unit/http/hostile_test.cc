// http/connection.h over real sockets: what a broken or hostile client may try. Each test ends by showing that the server still
// answers others.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/limits.h"
#include "wire.h"

namespace osler::http {
namespace {

using testing::diagnose_request;
using testing::request;
using testing::RunningServer;
using testing::trial_options;
using testing::Wire;

class Hostile : public ::testing::Test {
 protected:
  ~Hostile() override {
    Wire wire(server_.port());
    EXPECT_EQ(wire.ask(diagnose_request("still alive")).status, 200);
  }

  /// The answer's status; 0 when the server just closes.
  int status_of(std::string_view bytes) {
    Wire wire(server_.port());
    wire.send(bytes);
    wire.finish_sending();
    return wire.receive_final().status;
  }

  static ServerOptions quick() {
    auto options = trial_options();
    options.bounds.header_timeout = std::chrono::milliseconds(100);
    options.bounds.body_timeout = std::chrono::milliseconds(100);
    options.bounds.idle_timeout = std::chrono::milliseconds(100);
    return options;
  }

  RunningServer server_{quick()};
};

std::string post(std::string_view headers, std::string_view body = {}) {
  return "POST /api/v1/diagnose HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + std::string(headers) +
         "\r\n" + std::string(body);
}

TEST_F(Hostile, SmugglingIsRefused) {
  for (const std::string& bytes :
       {post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
        post("Content-Length: 4\r\nContent-Length: 5\r\n", "{}{}{"), post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"),
        post("Content-Length: 2, 2\r\n", "{}"), post("Content-Length: +2\r\n", "{}"), post("Content-Length: 0x2\r\n", "{}"),
        post("Content-Length: -1\r\n"), post("Content-Length: 99999999999999999999999999\r\n"),
        post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), post("Content-Length\r\n: 2\r\n", "{}"),
        std::string("POST /api/v1/diagnose HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")})
    EXPECT_EQ(status_of(bytes), 400) << bytes;
  EXPECT_TRUE(server_.service().bodies().empty());
}

TEST_F(Hostile, AfterABadRequestNothingMoreIsReadFromThatConnection) {
  Wire wire(server_.port());
  wire.send(post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + diagnose_request("smuggled"));
  EXPECT_EQ(wire.receive().status, 400);
  EXPECT_TRUE(wire.closed_by_server());
  EXPECT_TRUE(server_.service().bodies().empty());
}

TEST_F(Hostile, BadChunksAreRefused) {
  for (const std::string_view body :
       {"x\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "2\r\n{}garbage\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}\r\n",
        "\r\n\r\n\r\n", "2{}\r\n0\r\n\r\n"})
    EXPECT_EQ(status_of(post("Transfer-Encoding: chunked\r\n", body)), 400) << body;
  EXPECT_TRUE(server_.service().bodies().empty());
}

TEST_F(Hostile, ChunksOverTheBoundAreRefusedOnTheWay) {
  Wire wire(server_.port());
  wire.send(post("Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (std::size_t sent = 0; sent <= limits::kMaxBodyBytes; sent += 0x10000) wire.send(chunk);
  EXPECT_EQ(wire.receive().status, 413);
  EXPECT_EQ(status_of(post("Transfer-Encoding: chunked\r\n", "40000000\r\nx")), 413);  // one chunk of 1 GB, by its size alone
}

TEST_F(Hostile, NeitherTheHeadOfAChunkNorTrailersAreHeldWithoutEnd) {
  for (const std::string_view begin : {"5;extension=", "0\r\nX-Trailer: "}) {
    Wire wire(server_.port());
    wire.send(request("GET", "/health/live", "Transfer-Encoding: chunked\r\n") + std::string(begin));
    wire.send(std::string(2 * limits::kMaxUnparsedBytes, 'x'));
    EXPECT_EQ(wire.receive().status, 400) << begin;
  }
}

TEST_F(Hostile, AGigabyteIsRefusedBeforeItIsSent) {
  Wire wire(server_.port());
  EXPECT_EQ(wire.ask(post("Content-Length: 1000000000\r\n")).status, 413);
}

TEST_F(Hostile, AnEagerSenderOfTooMuchStillReadsItsAnswer) {
  Wire wire(server_.port());
  const std::string body(2 * limits::kMaxBodyBytes, 'x');
  EXPECT_TRUE(wire.send(post("Content-Length: " + std::to_string(body.size()) + "\r\n", body)));
  EXPECT_EQ(wire.receive().status, 413);
}

TEST_F(Hostile, DrainingARefusedBodyIsBounded) {
  Wire wire(server_.port());
  wire.send(post("Content-Length: 1000000000\r\n"));
  const std::string block(1024 * 1024, 'x');
  int sent = 0;
  while (sent < 200 && wire.send(block)) ++sent;
  EXPECT_LT(sent, 200) << "the server took more than limits::kMaxDrainedBytes = " << limits::kMaxDrainedBytes;
}

TEST_F(Hostile, LargeHeadersAndTargets) {
  EXPECT_EQ(status_of(request("GET", "/health/live", "X-Large: " + std::string(20'000, 'x') + "\r\n")), 431);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(status_of(request("GET", "/health/live", many)), 431);
  EXPECT_EQ(status_of(request("GET", "/" + std::string(limits::kMaxTargetBytes, 'a'))), 414);
  EXPECT_EQ(status_of(request("GET", "/" + std::string(20'000, 'a'))), 431);
}

TEST_F(Hostile, HostMustBeOneAndLoopback) {
  EXPECT_EQ(status_of("GET /health/live HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /health/live HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 403);
  EXPECT_EQ(status_of("GET http://evil.example/health/live HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 403);
  EXPECT_EQ(status_of("GET http://localhost/health/live HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET http://evil.example/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /health/live HTTP/1.0\r\n\r\n"), 403);
}

TEST_F(Hostile, OddRequestLines) {
  for (const std::string_view bytes :
       {"GET\r\n\r\n", "GET /health/live\r\n\r\n", "GET  /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /health/live HTTP/3.0\r\nHost: localhost\r\n\r\n", "GET /health/live http/1.1\r\nHost: localhost\r\n\r\n",
        "GET health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", "G\x01T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /health/live HTTP/1.1\nHost: localhost\n\n", "GET /health/live HTTP/1.1\r\nHost localhost\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nHost: localhost\r\nBad\x01Name: x\r\n\r\n", " GET / HTTP/1.1\r\n\r\n"})
    EXPECT_EQ(status_of(bytes), 400) << bytes;
  EXPECT_EQ(status_of("BREW /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405);
  EXPECT_EQ(status_of("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405);
}

TEST_F(Hostile, GarbageBytes) {
  std::string garbage;
  std::uint32_t state = 20'251'121;  // the seed
  for (int i = 0; i < 4096; ++i) {
    state = state * 1664525u + 1013904223u;
    garbage += static_cast<char>(state >> 24);
  }
  const int status = status_of(garbage);
  EXPECT_TRUE(status == 400 || status == 431 || status == 0) << status;
  EXPECT_EQ(status_of("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), 400);  // a TLS hello on the plain port
}

TEST_F(Hostile, TheAnswerNeverRepeatsTheRequest) {
  Wire wire(server_.port());
  const auto answer = wire.ask(request("POST", "/john-doe?name=john-doe", "X-John-Doe: john-doe\r\n", "john-doe"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body.find("john"), std::string::npos);
}

TEST_F(Hostile, PipelinedRequestsAreAnsweredInOrder) {
  Wire wire(server_.port());
  std::string bytes;
  for (int i = 1; i <= 30; ++i) bytes += diagnose_request(std::string(i, 'x'));
  wire.send(bytes);
  for (int i = 1; i <= 30; ++i) EXPECT_EQ(wire.receive().body, "{\"echo_bytes\":" + std::to_string(i) + "}");
}

TEST_F(Hostile, ARequestInSingleBytesIsStillARequest) {
  Wire wire(server_.port());
  for (const char c : request("GET", "/health/live")) wire.send({&c, 1});
  EXPECT_EQ(wire.receive().status, 200);
}

TEST_F(Hostile, SlowSendersAreCutOff) {
  Wire header(server_.port()), body(server_.port()), silent(server_.port()), idle(server_.port());
  EXPECT_EQ(idle.ask(request("GET", "/health/live")).status, 200);
  header.send("GET /health/live HTTP/1.1\r\nHost: loc");
  body.send(post("Content-Length: 100\r\n", "{"));
  EXPECT_TRUE(header.closed_by_server());
  EXPECT_TRUE(body.closed_by_server());
  EXPECT_TRUE(silent.closed_by_server());
  EXPECT_TRUE(idle.closed_by_server());
}

TEST_F(Hostile, ATrickleDoesNotExtendTheHeadersTime) {
  Wire wire(server_.port());
  const std::string endless = "X-Trickle: ";
  wire.send("GET /health/live HTTP/1.1\r\n" + endless);
  // One byte after another until the server has had enough; it must, long before the header's bound is reached.
  std::size_t sent = 0;
  while (sent < 100 * limits::kMaxHeaderBytes && wire.send("x")) ++sent;
  const int status = wire.receive().status;
  EXPECT_TRUE(status == 0 || status == 431) << status;
}

TEST_F(Hostile, ClientsThatVanishAreForgotten) {
  {
    Wire mid_header(server_.port()), mid_body(server_.port()), mid_chunk(server_.port());
    mid_header.send("GET /health/li");
    mid_body.send(post("Content-Length: 100\r\n", "{"));
    mid_chunk.send(post("Transfer-Encoding: chunked\r\n", "ff\r\nabc"));
  }
  Wire reset(server_.port());
  reset.send(post("Content-Length: 100\r\n", "{"));
  reset.reset();
  Wire impatient(server_.port());
  server_.service().mode = testing::FakeService::Mode::hold;
  impatient.send(diagnose_request("held"));
  server_.service().wait_for(1);
  impatient.reset();
  server_.service().release();
  server_.service().mode = testing::FakeService::Mode::answer;
  Wire scraper(server_.port());
  std::string text;
  do text = scraper.ask(request("GET", "/api/v1/metrics")).body;
  while (text.find("http_connections_open 1\n") == std::string::npos ||
         text.find("http_requests_in_flight 1\n") == std::string::npos);
  EXPECT_EQ(server_.service().bodies().size(), 1u);
}

TEST_F(Hostile, AHalfClosedClientStillGetsItsAnswer) { EXPECT_EQ(status_of(diagnose_request()), 200); }

}  // namespace
}  // namespace osler::http
