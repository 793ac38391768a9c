#include "http/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

namespace osler::http {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

const Histogram::BucketBoundaries kSeconds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
const Histogram::BucketBoundaries kShares = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 3, 5, 10};
const Histogram::BucketBoundaries kProbabilities = {0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99, 1};

Family<Counter>& counters(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& gauges_of(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Counter& counter(Registry& registry, const char* name, const char* help) {
  return counters(registry, name, help).Add({});
}
Gauge& gauge(Registry& registry, const char* name, const char* help) { return gauges_of(registry, name, help).Add({}); }

Histogram& histogram(Registry& registry, const char* name, const char* help, const Histogram::BucketBoundaries& bounds) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, bounds);
}

std::string outcome_of(unsigned status) {
  return status < 400 ? "answered" : status < 500 ? "refused" : "failed";
}

}  // namespace

struct Metrics::Families {
  Registry registry;

  Family<Counter>& diagnoses = counters(registry, "diagnostic_requests_total", "Requests to diagnose by outcome");
  Family<Counter>& errors = counters(registry, "diagnostic_errors_total", "Refused or failed requests to diagnose by code");
  Histogram& duration = histogram(registry, "diagnostic_request_duration_seconds",
                                  "From the end of a request's header to its answer", kSeconds);
  Counter& withheld = counter(registry, "diagnostic_audit_failures_total",
                              "Answers withheld because the record or its audit entry could not be written");

  Gauge& writable = gauge(registry, "audit_log_writable", "1 while records and audit entries can be written; without, nothing is answered");
  Counter& audit_failures = counter(registry, "audit_log_failures_total", "Requests that got no answer because their audit entry could not be written");
  Counter& store_failures = counter(registry, "record_store_failures_total", "Requests that got no answer because their record could not be written");
  Counter& skipped_entries = counter(registry, "audit_entries_skipped_total", "Entries of denied requests that were counted instead of written");
  Counter& witness_failures = counter(registry, "audit_witness_failures_total", "Checkpoints that did not reach the witness");
  Gauge& records_missing = gauge(registry, "records_missing_at_start", "Of the last hundred answers in the audit log at the start, those that the store has no record of");

  Family<Counter>& requests = counters(registry, "http_requests_total", "Requests by route and status");
  Gauge& in_flight = gauge(registry, "http_requests_in_flight", "Requests that have no answer yet");
  Gauge& connections = gauge(registry, "http_connections_open", "Open connections");
  Gauge& queued = gauge(registry, "http_queue_depth", "Requests that wait for a worker");
  Counter& limited = counter(registry, "http_rate_limited_total", "Requests refused by the rate limit");
  Gauge& clients = gauge(registry, "http_rate_limit_clients", "Clients that the rate limit remembers");
  Counter& limited_alone = counter(registry, "http_rate_limit_fallbacks_total", "Requests limited by this replica alone because the shared limit was away");
  Family<Gauge>& limit_shared = gauges_of(registry, "http_rate_limit_shared", "1: the rate limit is shared by all replicas, 0: its server is away; absent: not configured");
  Counter& failed_logins = counter(registry, "http_failed_logins_total", "Requests with a key or token that opens nothing");
  Family<Counter>& locked_out = counters(registry, "http_locked_out_total", "Tries refused for failed logins before them, by what was locked");
  Counter& broken_glass = counter(registry, "http_break_glass_total", "Requests that broke the glass with a reason");
  Family<Gauge>& certificate = gauges_of(registry, "http_certificate_expires_seconds", "When the TLS certificate ends, in seconds since 1970");
  Counter& shed = counter(registry, "http_requests_shed_total", "Requests refused because the server was full");

  Histogram& confidence = histogram(registry, "diagnostic_candidate_confidence", "Confidence of each candidate", kProbabilities);
  Family<Counter>& conditions = counters(registry, "diagnostic_reported_conditions_total",
                                         "Suspected conditions at or above the threshold by ICD-10 code");
  Family<Counter>& urgency = counters(registry, "diagnostic_urgency_total", "Answers by urgency");
  Counter& warnings = counter(registry, "diagnostic_warnings_total", "Warnings in answers");
  Counter& not_understood = counter(registry, "diagnostic_texts_not_understood_total", "Texts in which nothing was recognised");
  Counter& left_out = counter(registry, "diagnostic_encoder_left_out_total",
                              "Answers of the network alone: the encoder was refused at the start or would have taken too long");
  Counter& without_similar = counter(registry, "diagnostic_similar_cases_left_out_total", "Answers without similar cases: the store did not give them in time");
  Family<Counter>& missing = counters(registry, "diagnostic_missing_field_total", "Optional fields that callers left out");

  Family<Counter>& films = counters(registry, "film_requests_total", "Requests to classify a film by outcome");
  Family<Counter>& film_errors = counters(registry, "film_errors_total", "Refused or failed films by code");
  Histogram& film_duration = histogram(registry, "film_request_duration_seconds", "From the end of a request's header to its answer", kSeconds);
  Family<Counter>& film_diagnoses = counters(registry, "film_diagnoses_total", "Classified films by answer: look-agains are requires_further_evaluation");
  Histogram& film_probability = histogram(registry, "film_pneumonia_probability", "Calibrated probability of pneumonia", kProbabilities);
  Histogram& film_outlier = histogram(registry, "film_outlier_share", "Outlier score over its threshold: above 1 is unlike the training films", kShares);
  Counter& film_warnings = counter(registry, "film_warnings_total", "Warnings in answers to films");

  Gauge& memory = gauge(registry, "process_resident_memory_bytes", "Resident memory");
  Family<Gauge>& build = gauges_of(registry, "osler_build_info", "Always 1; the labels tell the version");
  Family<Gauge>& model = gauges_of(registry, "osler_model_info", "Always 1; the label tells the model that answers");

  void show(const RecordingState& recording) {
    const auto raise = [](Counter& counter, std::uint64_t total) { counter.Increment(std::max(0.0, static_cast<double>(total) - counter.Value())); };
    writable.Set(recording.writable ? 1 : 0);
    raise(audit_failures, recording.audit_failures);
    raise(store_failures, recording.store_failures);
    raise(skipped_entries, recording.skipped_entries);
    raise(witness_failures, recording.witness_failures);
    records_missing.Set(static_cast<double>(recording.records_missing));
  }
};

Metrics::Metrics(std::string_view version, std::string_view model_version) : families_(std::make_unique<Families>()) {
  families_->build.Add({{"version", std::string(version)}}).Set(1);
  families_->model.Add({{"model_version", std::string(model_version)}}).Set(1);
  for (const char* by : {"address", "key"}) families_->locked_out.Add({{"by", by}});
  for (const char* diagnosis : {"normal", "pneumonia", "requires_further_evaluation"}) families_->film_diagnoses.Add({{"diagnosis", diagnosis}});
  for (const char* outcome : {"answered", "refused", "failed"}) {
    families_->diagnoses.Add({{"outcome", outcome}});
    families_->films.Add({{"outcome", outcome}});
  }
}

Metrics::~Metrics() = default;

void Metrics::request_started() { families_->in_flight.Increment(); }

void Metrics::request_finished(std::string_view route, unsigned status) {
  families_->in_flight.Decrement();
  families_->requests.Add({{"route", std::string(route)}, {"status", std::to_string(status)}}).Increment();
}

void Metrics::diagnosis_finished(unsigned status, std::optional<ErrorCode> error, double seconds) {
  families_->diagnoses.Add({{"outcome", outcome_of(status)}}).Increment();
  if (error) families_->errors.Add({{"code", std::string(name_of(*error))}}).Increment();
  families_->duration.Observe(seconds);
}

void Metrics::record_answer(const service::AnswerStatistics& statistics) {
  for (const double value : statistics.candidate_confidences) families_->confidence.Observe(value);
  for (const std::string& code : statistics.reported_condition_codes)
    families_->conditions.Add({{"code", code}}).Increment();
  if (!statistics.urgency.empty()) families_->urgency.Add({{"urgency", statistics.urgency}}).Increment();
  families_->warnings.Increment(static_cast<double>(statistics.warnings));
  families_->not_understood.Increment(static_cast<double>(statistics.texts_not_understood));
  if (statistics.encoder_left_out) families_->left_out.Increment();
  if (statistics.similar_cases_left_out) families_->without_similar.Increment();
  for (const std::string& field : statistics.missing_fields) families_->missing.Add({{"field", field}}).Increment();
}

void Metrics::film_finished(unsigned status, std::optional<ErrorCode> error, double seconds) {
  families_->films.Add({{"outcome", outcome_of(status)}}).Increment();
  if (error) families_->film_errors.Add({{"code", std::string(name_of(*error))}}).Increment();
  families_->film_duration.Observe(seconds);
}

void Metrics::record_film(const service::FilmStatistics& statistics) {
  families_->film_diagnoses.Add({{"diagnosis", statistics.diagnosis}}).Increment();
  families_->film_probability.Observe(statistics.pneumonia);
  families_->film_outlier.Observe(statistics.outlier_share);
  families_->film_warnings.Increment(static_cast<double>(statistics.warnings));
}

void Metrics::rate_limited() { families_->limited.Increment(); }
void Metrics::limited_alone() { families_->limited_alone.Increment(); }
void Metrics::login_failed() { families_->failed_logins.Increment(); }
void Metrics::locked_out(std::string_view by) { families_->locked_out.Add({{"by", std::string(by)}}).Increment(); }
void Metrics::glass_broken() { families_->broken_glass.Increment(); }
void Metrics::shed() { families_->shed.Increment(); }
void Metrics::answer_withheld() { families_->withheld.Increment(); }

std::string Metrics::text(const Gauges& gauges) const {
  if (gauges.recording) families_->show(*gauges.recording);
  families_->queued.Set(static_cast<double>(gauges.queued_requests));
  families_->connections.Set(static_cast<double>(gauges.open_connections));
  families_->clients.Set(static_cast<double>(gauges.rate_limit_clients));
  if (gauges.rate_limit_shared) families_->limit_shared.Add({}).Set(*gauges.rate_limit_shared ? 1 : 0);
  if (gauges.certificate_expires) families_->certificate.Add({}).Set(std::chrono::duration<double>(gauges.certificate_expires->time_since_epoch()).count());
  families_->memory.Set(static_cast<double>(gauges.resident_bytes));
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace osler::http
