// POST /predict at the edge ("http/handlers/handlers.h"): the form, its bounds, and how long uploads wait.
#include <gtest/gtest.h>
#include <poll.h>

#include "base/limits.h"
#include "wire.h"

namespace osler::http::testing {
namespace {

constexpr std::string_view kFormType = "Content-Type: multipart/form-data; boundary=b\r\n";

std::string field(const std::string& name, std::string_view content) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"Jane Doe.dcm\"\r\n\r\n" + std::string(content) + "\r\n";
}
std::string predict_request(const std::string& parts, std::string_view path = "/predict") { return request("POST", path, kFormType, parts + "--b--\r\n"); }

TEST(Predict, FormReachesTheServiceByBothAddresses) {
  RunningServer server;
  for (const char* path : {"/predict?heatmap=1&frame=3", "/api/v1/images/predict?film=true"}) {
    const Answer answer = Wire(server.port()).ask(predict_request(field("file", std::string("\0DICM\r\n", 7)) + field("age_years", "4.5") + field("patient_id", "p1"), path));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"film_bytes":7})");
  }
  const auto seen = server.films().seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].file, std::string("\0DICM\r\n", 7));
  EXPECT_EQ(seen[0].age_years, "4.5");
  EXPECT_EQ(seen[0].patient_id, "p1");
  EXPECT_TRUE(seen[0].options.heat_map);
  EXPECT_FALSE(seen[0].options.film);
  EXPECT_EQ(seen[0].options.frame, 3u);
  EXPECT_TRUE(seen[1].options.film);
  EXPECT_FALSE(seen[1].options.frame);
}

TEST(Predict, WrongFormsAreRefusedWithTheField) {
  RunningServer server;
  const auto ask = [&](const std::string& bytes) { return Wire(server.port()).ask(bytes); };
  EXPECT_EQ(ask(predict_request(field("age_years", "4"))).status, 422);
  EXPECT_NE(ask(predict_request(field("age_years", "4"))).body.find("/file"), std::string::npos);
  EXPECT_EQ(ask(predict_request(field("file", ""))).status, 422);
  EXPECT_EQ(ask(predict_request(field("file", "x") + field("file", "y"))).status, 422);
  EXPECT_EQ(ask(predict_request(field("file", "x") + field("Jane", "y"))).status, 422);
  EXPECT_EQ(ask(predict_request(field("file", "x") + field("Jane", "y"))).body.find("Jane"), std::string::npos);
  EXPECT_EQ(ask(predict_request(field("file", "x"), "/predict?heatmap=maybe")).status, 422);
  EXPECT_EQ(ask(predict_request(field("file", "x"), "/predict?frame=-1")).status, 422);
  EXPECT_EQ(ask(predict_request("no form at all")).status, 400);
  EXPECT_EQ(ask(request("POST", "/predict", "Content-Type: application/json\r\n", "{}")).status, 415);
  EXPECT_EQ(ask(request("POST", "/predict", "Content-Type: multipart/form-data\r\n", "x")).status, 415);
  EXPECT_TRUE(server.films().seen().empty());
}

TEST(Predict, RefusalOfTheServiceIsAProblemDocument) {
  RunningServer server;
  server.films().mode = FakeFilms::Mode::refuse;
  EXPECT_EQ(Wire(server.port()).ask(predict_request(field("file", "x"))).status, 415);
}

TEST(Predict, UploadsMayBeLargeAndMustSayHowLarge) {
  RunningServer server;
  const std::string film(2 * limits::kMaxBodyBytes, 'x');
  EXPECT_EQ(Wire(server.port()).ask(predict_request(field("file", film))).body, "{\"film_bytes\":" + std::to_string(film.size()) + "}");
  EXPECT_EQ(Wire(server.port()).ask(request("POST", "/predict", std::string(kFormType) + "Content-Length: " + std::to_string(limits::kMaxUploadBytes + 1) + "\r\n")).status, 413);
  EXPECT_EQ(Wire(server.port()).ask(request("POST", "/predict", std::string(kFormType) + "Transfer-Encoding: chunked\r\n")).status, 411);
  // What is no upload keeps its bound.
  EXPECT_EQ(Wire(server.port()).ask(request("POST", "/api/v1/diagnose", "Content-Type: application/json\r\nContent-Length: " + std::to_string(limits::kMaxBodyBytes + 1) + "\r\n")).status, 413);
}

TEST(Predict, NoMoreUploadsAtOnceThanThereIsRoomFor) {
  RunningServer server;
  server.films().mode = FakeFilms::Mode::hold;
  const std::string film(40 << 20, 'x');  // six of these fit into limits::kMaxUploadBytesAtOnce, seven do not
  constexpr std::size_t kUploads = 7, kFit = 6;
  std::vector<std::thread> senders;
  std::atomic<std::size_t> answered = 0;
  for (std::size_t i = 0; i < kUploads; ++i)
    senders.emplace_back([&] { answered += Wire(server.port()).ask(predict_request(field("file", film))).status == 200; });
  server.films().wait_for(1);
  // The seventh is read only when an answer of the others has made room, so never more than six are held, however the threads run.
  std::size_t released = 0, most = 0;
  while (released < kUploads) {
    const std::size_t now = server.films().release();
    most = std::max(most, now);
    released += now;
    if (now == 0) std::this_thread::yield();
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(answered, kUploads);
  EXPECT_LE(most, kFit);
}

bool has_been_answered(const Wire& wire) {
  pollfd waiting{wire.descriptor(), POLLIN, 0};
  return poll(&waiting, 1, 0) > 0;
}

// Whoever sends a film and hangs up leaves its body in the line of the workers: the room that it takes is not free before that is.
TEST(Predict, AnUploadWhoseSenderHasGoneKeepsItsRoomWhileItIsHeld) {
  ServerOptions options = trial_options();
  options.threads = 1;
  RunningServer server(options);
  server.films().mode = FakeFilms::Mode::block;
  Wire working(server.port()), scraper(server.port()), next(server.port());
  working.send(predict_request(field("file", "x")));
  server.films().wait_for(1);
  const auto wait_for_metric = [&](const std::string& line) {
    while (scraper.ask(request("GET", "/api/v1/metrics")).body.find(line + "\n") == std::string::npos) {}
  };
  const std::string film(60 << 20, 'x');  // four of these fit into limits::kMaxUploadBytesAtOnce, five do not
  for (const char* number : {"1", "2", "3", "4"}) {
    Wire leaving(server.port());
    leaving.send(predict_request(field("file", film)));
    wait_for_metric("http_queue_depth " + std::string(number));
  }
  wait_for_metric("http_requests_total{route=\"/predict\",status=\"499\"} 4");
  next.send(request("POST", "/predict", std::string(kFormType) + "Expect: 100-continue\r\nContent-Length: " + std::to_string(film.size()) + "\r\n"));
  for (int i = 0; i < 5; ++i) ASSERT_EQ(scraper.ask(request("GET", "/health/live")).status, 200);  // by then the server has read it
  EXPECT_FALSE(has_been_answered(next)) << "there is no room for it";
  server.films().unblock();
  EXPECT_EQ(next.receive().status, 100);
  EXPECT_EQ(working.receive().status, 200);
}

TEST(Predict, AFilmNeverHoldsUpADiagnosis) {
  RunningServer server;
  server.films().mode = FakeFilms::Mode::hold;
  Wire film(server.port());
  film.send(predict_request(field("file", "x")));
  server.films().wait_for(1);
  EXPECT_EQ(Wire(server.port()).ask(diagnose_request("{}")).status, 200);
  server.films().release();
  EXPECT_EQ(film.receive().status, 200);
}

}  // namespace
}  // namespace osler::http::testing
