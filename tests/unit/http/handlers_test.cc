#include "http/handlers/handlers.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "fake_cases.h"
#include "fake_films.h"
#include "fake_service.h"
#include "http/handlers/answer.h"

namespace osler::http {
namespace {

class HandlersTest : public ::testing::Test {
 protected:
  Response call(Handler handler, std::string query = {}, std::string body = {}) {
    Request request;
    request.path = "/nowhere";
    request.query = std::move(query);
    request.body = std::move(body);
    service::RequestContext context;
    context.request_id = "6f1ed002-ab54-4f1c-9a3f-0123456789ab";
    std::optional<Response> answer;
    handler(parts_, request, context, [&](Response response) { answer = std::move(response); });
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(Response{});
  }

  testing::FakeService service_;
  testing::FakeFilms films_;
  testing::FakeCases cases_;
  StaticFiles files_;
  Metrics metrics_{"1", "m"};
  Parts parts_{service_, films_, cases_, files_, metrics_, [] { return Gauges{5, 0, 0, 0}; }, "1.2.3", true};
};

TEST_F(HandlersTest, DiagnoseHandsTheBodyAndTheThresholdDown) {
  const Response response = call(diagnose, "threshold=0.25", "{\"age\":65}");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{\"echo_bytes\":10}");
  EXPECT_EQ(service_.bodies().at(0), "{\"age\":65}");
  EXPECT_EQ(service_.threshold(0), 0.25);
  ASSERT_TRUE(response.statistics);
  EXPECT_EQ(response.statistics->urgency, "emergency");
  call(diagnose);
  EXPECT_FALSE(service_.threshold(1));
}

TEST_F(HandlersTest, DiagnoseRefusesABadThresholdWithoutAskingTheService) {
  for (const std::string query : {"threshold=2", "threshold=", "threshold=abc", "threshold=0.5&threshold=0.5", "treshold=0.5",
                                  "threshold=NaN", "threshold=0.5%20"}) {
    const Response response = call(diagnose, query, "{}");
    EXPECT_EQ(response.status, 422u) << query;
    const auto document = parse_json(response.body);
    EXPECT_FALSE((*document)["errors"][0].contains("pointer"));
    EXPECT_NE((*document)["errors"][0]["problem"].get<std::string>().find("query parameter"), std::string::npos);
  }
  EXPECT_TRUE(service_.bodies().empty());
}

TEST_F(HandlersTest, DiagnosePassesTheServicesRefusalOn) {
  service_.mode = testing::FakeService::Mode::refuse;
  service_.error.fields = {{"/age", "too large", "0 to 150"}};
  const Response response = call(diagnose, "", "{}");
  EXPECT_EQ(response.status, 422u);
  EXPECT_EQ((*parse_json(response.body))["errors"][0]["pointer"], "/age");
  EXPECT_FALSE(response.statistics);
}

TEST_F(HandlersTest, CompleteAsksForWhatWasTyped) {
  EXPECT_EQ(call(complete, "q=chest+p&kind=symptom&limit=3").body, "[\"chest p\",\"symptom\",3]");
  EXPECT_EQ(call(complete).body, "[\"\",\"\",10]");
}

TEST_F(HandlersTest, CompleteRefusesBadParameters) {
  for (const std::string query : {"limit=0", "limit=51", "limit=x", "kind=A", "kind=finding", "x=1", "q=%ff"})
    EXPECT_EQ(call(complete, query).status, 422u) << query;
  EXPECT_EQ(call(complete, "q=" + std::string(501, 'a')).status, 422u);
  EXPECT_EQ(call(complete, "q=" + std::string(500, 'a')).status, 200u);
  const auto all = parse_json(call(complete, "limit=0&kind=A&q=" + std::string(501, 'a')).body);
  EXPECT_EQ((*all)["errors"].size(), 3u);
}

TEST_F(HandlersTest, MetricsIsPrometheusText) {
  const Response response = call(metrics);
  EXPECT_TRUE(response.content_type.starts_with("text/plain; version=0.0.4"));
  EXPECT_NE(response.body.find("http_queue_depth 5"), std::string::npos);
}

TEST_F(HandlersTest, AboutSaysTrialAndIntendedUse) {
  const auto answer = parse_json(call(about).body);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)["trial"], true);
  EXPECT_EQ((*answer)["authentication"], "none");
  EXPECT_EQ((*answer)["version"], "1.2.3");
  EXPECT_EQ((*answer)["model_version"], service_.model_version());
  EXPECT_NE((*answer)["intended_use"].get<std::string>().find("never an autonomous diagnosis"), std::string::npos);
}

TEST_F(HandlersTest, ReadyIs503WhileAPartIsNot) {
  EXPECT_EQ(call(ready).status, 200u);
  service_.all_ready = false;
  const Response response = call(ready);
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(response.body, R"({"model":{"ready":false},"films":{"ready":true,"version":"osler-cxr-1.bf16","ages":{"least_years":1,"most_years":5}}})");
  EXPECT_EQ(call(live).status, 200u);
}

TEST_F(HandlersTest, AFileThatIsNotThereIs404) { EXPECT_EQ(call(file).status, 404u); }

TEST(JsonAnswer, CarriesTypeAndStatus) {
  const Response response = json_answer("{}", 503);
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(response.content_type, "application/json");
}

}  // namespace
}  // namespace osler::http
