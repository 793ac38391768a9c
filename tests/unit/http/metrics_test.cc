#include "http/metrics.h"

#include <gtest/gtest.h>

namespace osler::http {
namespace {

bool has_line(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

class MetricsTest : public ::testing::Test {
 protected:
  Metrics metrics_{"1.2.3", "network-1+kb.abc"};
};

TEST_F(MetricsTest, NamesVersionAndModel) {
  const std::string text = metrics_.text({});
  EXPECT_TRUE(has_line(text, "osler_build_info{version=\"1.2.3\"} 1"));
  EXPECT_TRUE(has_line(text, "osler_model_info{model_version=\"network-1+kb.abc\"} 1"));
}

TEST_F(MetricsTest, CountsDiagnosesByOutcomeAndErrorsByCode) {
  metrics_.diagnosis_finished(200, std::nullopt, 0.003);
  metrics_.diagnosis_finished(422, ErrorCode::invalid, 0.0004);
  metrics_.diagnosis_finished(503, ErrorCode::unavailable, 3);
  const std::string text = metrics_.text({});
  EXPECT_TRUE(has_line(text, "diagnostic_requests_total{outcome=\"answered\"} 1"));
  EXPECT_TRUE(has_line(text, "diagnostic_requests_total{outcome=\"refused\"} 1"));
  EXPECT_TRUE(has_line(text, "diagnostic_requests_total{outcome=\"failed\"} 1"));
  EXPECT_TRUE(has_line(text, "diagnostic_errors_total{code=\"invalid\"} 1"));
  EXPECT_TRUE(has_line(text, "diagnostic_request_duration_seconds_count 3"));
  EXPECT_TRUE(has_line(text, "diagnostic_request_duration_seconds_bucket{le=\"0.001\"} 1"));
  EXPECT_TRUE(has_line(text, "diagnostic_request_duration_seconds_bucket{le=\"0.005\"} 2"));
}

TEST_F(MetricsTest, OutcomesAreThereBeforeTheFirstRequest) {
  EXPECT_TRUE(has_line(metrics_.text({}), "diagnostic_requests_total{outcome=\"answered\"} 0"));
}

TEST_F(MetricsTest, CountsRequestsByRouteAndKnowsWhatIsInFlight) {
  metrics_.request_started();
  metrics_.request_started();
  metrics_.request_finished("/health/live", 200);
  const std::string text = metrics_.text({});
  EXPECT_TRUE(has_line(text, "http_requests_in_flight 1"));
  EXPECT_TRUE(has_line(text, "http_requests_total{route=\"/health/live\",status=\"200\"} 1"));
}

TEST_F(MetricsTest, FeedsDriftFromAnAnswer) {
  service::AnswerStatistics statistics;
  statistics.candidate_confidences = {0.91, 0.03};
  statistics.reported_condition_codes = {"I21"};
  statistics.urgency = "emergency";
  statistics.warnings = 2;
  statistics.texts_not_understood = 1;
  statistics.encoder_left_out = true;
  statistics.missing_fields = {"narrative", "vitals"};
  metrics_.record_answer(statistics);
  metrics_.record_answer(statistics);
  metrics_.record_answer({});
  const std::string text = metrics_.text({});
  EXPECT_TRUE(has_line(text, "diagnostic_candidate_confidence_count 4"));
  EXPECT_TRUE(has_line(text, "diagnostic_candidate_confidence_bucket{le=\"0.05\"} 2"));
  EXPECT_TRUE(has_line(text, "diagnostic_reported_conditions_total{code=\"I21\"} 2"));
  EXPECT_TRUE(has_line(text, "diagnostic_urgency_total{urgency=\"emergency\"} 2"));
  EXPECT_TRUE(has_line(text, "diagnostic_warnings_total 4"));
  EXPECT_TRUE(has_line(text, "diagnostic_texts_not_understood_total 2"));
  EXPECT_TRUE(has_line(text, "diagnostic_missing_field_total{field=\"vitals\"} 2"));
  EXPECT_TRUE(has_line(text, "diagnostic_encoder_left_out_total 2"));
}

TEST_F(MetricsTest, GaugesAreThoseOfTheMoment) {
  metrics_.rate_limited();
  metrics_.shed();
  metrics_.answer_withheld();
  const std::string text = metrics_.text({7, 3, 2, 123456});
  EXPECT_TRUE(has_line(text, "http_queue_depth 7"));
  EXPECT_TRUE(has_line(text, "http_connections_open 3"));
  EXPECT_TRUE(has_line(text, "http_rate_limit_clients 2"));
  EXPECT_TRUE(has_line(text, "process_resident_memory_bytes 123456"));
  EXPECT_TRUE(has_line(text, "http_rate_limited_total 1"));
  EXPECT_TRUE(has_line(text, "http_requests_shed_total 1"));
  EXPECT_TRUE(has_line(text, "diagnostic_audit_failures_total 1"));
}

}  // namespace
}  // namespace osler::http
