// What Prometheus sees. Labels hold only names of our own making (routes, outcomes, codes), never anything
// a caller sent, and each has a bounded number of values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "service/films.h"

namespace osler::http {

/// How recording goes: what the audit and the store could not take.
struct RecordingState {
  bool writable = true;
  std::uint64_t audit_failures = 0, store_failures = 0;  // requests that got no answer for it, since the start
  std::uint64_t skipped_entries = 0;                     // service/access_log.h
  std::uint64_t witness_failures = 0;                    // checkpoints
  std::uint64_t records_missing = 0;                     // found at the start: answers among the last hundred of the audit log that the store lacks
};

/// What is read at the moment of a scrape.
struct Gauges {
  std::size_t queued_requests = 0;
  std::size_t open_connections = 0;
  std::size_t rate_limit_clients = 0;
  std::uint64_t resident_bytes = 0;
  std::optional<bool> rate_limit_shared{};        // none: it is not meant to be
  std::optional<WallTime> certificate_expires{};  // none: no TLS here
  std::optional<RecordingState> recording{};  // none: it is not known
};

/// Thread-safe.
class Metrics {
 public:
  Metrics(std::string_view version, std::string_view model_version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Between the two a request counts as in flight.
  void request_started();
  /// `route` is the pattern of the routes table, or "none".
  void request_finished(std::string_view route, unsigned status);

  /// A request to diagnose has its answer, whatever it is. `seconds` from the header's end to the answer.
  void diagnosis_finished(unsigned status, std::optional<ErrorCode> error, double seconds);
  /// Feeds the drift metrics.
  void record_answer(const service::AnswerStatistics& statistics);

  /// The same of a radiograph.
  void film_finished(unsigned status, std::optional<ErrorCode> error, double seconds);
  void record_film(const service::FilmStatistics& statistics);

  void rate_limited();
  void limited_alone();       // decided by this replica because the shared limit was away
  void login_failed();
  void locked_out(std::string_view by);  // "address" or "key": a try that was answered 429 for the failed ones before it
  void glass_broken();
  void shed();                // 503 because the queue or the connections were full
  void answer_withheld();     // the record or its audit entry could not be written

  /// The Prometheus text format, version 0.0.4.
  std::string text(const Gauges& gauges) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace osler::http
