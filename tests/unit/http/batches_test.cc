// /api/v1/batches at the edge, over a real store: bodies that are taken in pieces, and what an owner may ask.
#include <gtest/gtest.h>

#include "../service/batch_world.h"
#include "wire.h"

namespace osler::http::testing {
namespace {

constexpr std::string_view kLines = "Content-Type: application/x-ndjson\r\n", kTable = "Content-Type: text/csv\r\n";
constexpr std::string_view kChunked = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view kPath = "/api/v1/batches";

std::string chunk(std::string_view bytes) {
  std::ostringstream text;
  text << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return text.str();
}

class BatchesByHttp : public ::testing::Test, public service::BatchWorld {
 protected:
  service::BatchService batches{{*keys, names, *store, *recorder, clock}};
  const service::RequestContext trial = context("trial");

  std::vector<Json> sent() { return batches.list(trial).value()["batches"]; }
  void wait_until_state(std::string_view state, std::size_t batch = 0) {
    while (sent().size() <= batch || sent()[batch]["state"] != state) std::this_thread::yield();
  }
};

TEST_F(BatchesByHttp, ABodyOfAnyLengthIsTakenInPieces) {
  RunningServer server(trial_options(), &batches);
  const std::string text = upload(40'000);  // far more than a body that is held may have
  ASSERT_GT(text.size(), 2 * limits::kMaxBodyBytes);
  Wire wire(server.port());
  for (int round = 0; round < 2; ++round) {  // and the connection stays
    const Answer answer = wire.ask(request("POST", std::string(kPath) + "?threshold=0.5", kLines, text));
    ASSERT_EQ(answer.status, 201) << answer.body;
    const Json batch = parse_json(answer.body).value();
    EXPECT_EQ(batch["cases"], 40'000);
    EXPECT_EQ(batch["state"], "running");
    EXPECT_EQ(answer.headers.at("location"), std::string(kPath) + "/" + batch["id"].get<std::string>());
  }
  wire.send("POST " + std::string(kPath) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(kLines) + std::string(kChunked) + "\r\n");
  for (std::size_t i = 0; i < text.size(); i += 100'001) wire.send(chunk(std::string_view(text).substr(i, 100'001)));
  wire.send("0\r\n\r\n");
  const Answer answer = wire.receive();
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(parse_json(answer.body).value()["cases"], 40'000);
  EXPECT_EQ(sent().size(), 3u);
}

TEST_F(BatchesByHttp, ATableIsTakenToo) {
  RunningServer server(trial_options(), &batches);
  const Answer answer = Wire(server.port()).ask(request("POST", kPath, kTable, "age,symptoms,severity\n40,cough,mild\n41,\"cough\nfever\",mild\n"));
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(parse_json(answer.body).value()["format"], "csv");
  EXPECT_EQ(parse_json(answer.body).value()["cases"], 2);
}

TEST_F(BatchesByHttp, WhatCannotBeTakenIsRefusedBeforeTheBody) {
  auto server = std::make_unique<RunningServer>(trial_options(), &batches);
  const auto ask = [&](const std::string& bytes) { return Wire(server->port()).ask(bytes).status; };
  const std::string too_long = "Content-Length: " + std::to_string(limits::kMaxBatchBytes + 1) + "\r\n";
  EXPECT_EQ(ask(request("POST", kPath, std::string(kLines) + too_long)), 413);
  EXPECT_EQ(ask(request("POST", kPath, "Content-Type: application/json\r\n", "{}")), 415);
  EXPECT_EQ(ask(request("POST", std::string(kPath) + "?threshold=2", std::string(kLines) + "Content-Length: 1000000\r\n")), 422);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(ask(request("POST", kPath, kLines, "\n")), 422);
  EXPECT_EQ(ask(request("POST", kPath, kTable, "age,symptoms\n" + std::string(200'000, 'x'))), 422);
  EXPECT_EQ(ask(request("POST", kPath, kLines)), 422);  // no body at all
  server.reset();  // ends what its workers still do
  for (const Json& batch : sent()) EXPECT_EQ(batch["state"], "cancelled");
}

TEST_F(BatchesByHttp, AClientThatWaitsForLeaveGetsIt) {
  RunningServer server(trial_options(), &batches);
  Wire wire(server.port());
  wire.send(request("POST", kPath, std::string(kLines) + "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  EXPECT_EQ(wire.receive().status, 100);
  wire.send("{}\n");
  EXPECT_EQ(wire.receive().status, 201);
}

TEST_F(BatchesByHttp, AClientThatGoesAwayLeavesNothingToWorkOn) {
  RunningServer server(trial_options(), &batches);
  {
    Wire wire(server.port());
    wire.send(request("POST", kPath, std::string(kLines) + "Content-Length: 10000000\r\n") + upload(5000));
    wait_until_state("receiving");
  }
  wait_until_state("cancelled");
  Wire wire(server.port());
  wire.send(request("POST", kPath, std::string(kLines) + std::string(kChunked)) + chunk("{}\n") + "no length\r\n");
  EXPECT_EQ(wire.receive().status, 400);
}

TEST_F(BatchesByHttp, ASenderThatIsTooSlowIsCutOff) {
  ServerOptions options = trial_options();
  options.bounds.body_timeout = std::chrono::milliseconds(50);
  RunningServer server(options, &batches);
  Wire wire(server.port());
  wire.send(request("POST", kPath, std::string(kLines) + "Content-Length: 100\r\n") + "{}\n");
  EXPECT_TRUE(wire.closed_by_server());
  wait_until_state("cancelled");
}

TEST_F(BatchesByHttp, AnUploadMayNotLastForEver) {
  ServerOptions options = trial_options();
  options.bounds.stream_timeout = std::chrono::milliseconds(0);
  RunningServer server(options, &batches);
  Wire wire(server.port());
  wire.send(request("POST", kPath, std::string(kLines) + "Content-Length: 10000000\r\n") + upload(5000));
  EXPECT_EQ(wire.receive().status, 408);
  wait_until_state("cancelled");
}

TEST_F(BatchesByHttp, ResultsComeInPages) {
  RunningServer server(trial_options(), &batches);
  Wire wire(server.port());
  const std::string id = parse_json(wire.ask(request("POST", kPath, kLines, upload(30))).body).value()["id"], path = std::string(kPath) + "/" + id;
  EXPECT_EQ(parse_json(wire.ask(request("GET", path)).body).value()["state"], "running");
  EXPECT_EQ(wire.ask(request("GET", path + "/results")).body, "");
  work(id);
  EXPECT_EQ(parse_json(wire.ask(request("GET", path)).body).value()["answered"], 26);
  const Answer first = wire.ask(request("GET", path + "/results?limit=20"));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.headers.at("content-type"), "application/x-ndjson");
  EXPECT_EQ(first.headers.at("link"), "<" + path + "/results?after=20&limit=20>; rel=\"next\"");
  EXPECT_EQ(std::count(first.body.begin(), first.body.end(), '\n'), 20);
  const Answer second = wire.ask(request("GET", path + "/results?after=20&limit=20"));
  EXPECT_EQ(std::count(second.body.begin(), second.body.end(), '\n'), 10);
  EXPECT_FALSE(second.headers.contains("link"));
  for (const char* query : {"?limit=0", "?limit=1001", "?after=-1", "?after=x", "?line=1"}) EXPECT_EQ(wire.ask(request("GET", path + "/results" + query)).status, 422) << query;
}

TEST_F(BatchesByHttp, WhatIsNotTheirsIsNotThere) {
  const std::string others = send(upload(3)), path = std::string(kPath) + "/" + others;  // sent by "ward"
  RunningServer server(trial_options(), &batches);
  Wire wire(server.port());
  EXPECT_EQ(wire.ask(request("GET", path)).status, 404);
  EXPECT_EQ(wire.ask(request("GET", path + "/results")).status, 404);
  EXPECT_EQ(wire.ask(request("POST", path + "/cancel")).status, 404);
  EXPECT_EQ(wire.ask(request("GET", std::string(kPath) + "/" + make_uuid())).status, 404);
  EXPECT_EQ(parse_json(wire.ask(request("GET", kPath)).body).value()["batches"].size(), 0u);
  EXPECT_EQ(store->batches().info(others)->state, cases::BatchState::ready);
}

TEST_F(BatchesByHttp, CancelStopsIt) {
  RunningServer server(trial_options(), &batches);
  Wire wire(server.port());
  const std::string id = parse_json(wire.ask(request("POST", kPath, kLines, upload(3))).body).value()["id"];
  const Answer answer = wire.ask(request("POST", std::string(kPath) + "/" + id + "/cancel"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(parse_json(answer.body).value()["state"], "cancelled");
}

TEST(BatchesElsewhere, AServerWithoutThemSaysSo) {
  RunningServer server;
  EXPECT_EQ(Wire(server.port()).ask(request("POST", kPath, kLines, "{}\n")).status, 404);
  EXPECT_EQ(Wire(server.port()).ask(request("GET", kPath)).status, 404);
}

}  // namespace
}  // namespace osler::http::testing
