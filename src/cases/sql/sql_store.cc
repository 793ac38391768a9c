#include "cases/sql/sql_store.h"

#include <algorithm>
#include <list>

#include "cases/sql/sealed_keys.h"
#include "cases/sql/summaries.h"
#include "cases/sql/times.h"

namespace osler::cases::sql {

namespace {

constexpr Query kInsert{"insert_record",
    "INSERT INTO records(request_id, patient_token, owner, time_ms, model_version, payload) VALUES($1, $2, $3, $4, $5, $6)"};
constexpr Query kGet{"record",
    "SELECT patient_token, owner, time_ms, model_version, payload, wrapped_key"
    " FROM records JOIN sealed_keys ON table_name = 'records' AND row_id = request_id WHERE request_id = $1", "ttitbb"};
// Shares and the summary with its vector go with the record's row.
constexpr Query kDelete{"delete_record", "DELETE FROM records WHERE request_id = $1"};
// Freed pages are overwritten in the file, but older pages stand in the write-ahead log until somebody writes over them.
constexpr Query kEmptyLog{"empty_log", "PRAGMA wal_checkpoint(TRUNCATE)", "iii"};
constexpr Query kCount{"count_records", "SELECT count(*) FROM records", "i"};

#define SUMMARY "SELECT sequence, request_id, patient_token, owner, time_ms, model_version, CAST(length(payload) AS BIGINT) FROM records"
constexpr const char* kSummaryKinds = "itttiti";
constexpr Query kNewest{"newest_records", SUMMARY " ORDER BY sequence DESC LIMIT $1", kSummaryKinds};
constexpr Query kPage{"page_of_records", SUMMARY " WHERE sequence > $1 ORDER BY sequence LIMIT $2", kSummaryKinds};
constexpr Query kOfPatient{"records_of_patient", SUMMARY " WHERE patient_token = $1 ORDER BY sequence LIMIT $2", kSummaryKinds};
constexpr Query kExpired{"expired_records",
    SUMMARY " WHERE time_ms < $1 AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.patient_token = records.patient_token)"
    " ORDER BY time_ms, sequence LIMIT $2", kSummaryKinds};

constexpr Query kHold{"hold", "INSERT INTO holds(patient_token) VALUES($1) ON CONFLICT(patient_token) DO NOTHING"};
constexpr Query kRelease{"release", "DELETE FROM holds WHERE patient_token = $1"};
constexpr Query kIsHeld{"is_held", "SELECT count(*) FROM holds WHERE patient_token = $1", "i"};
constexpr Query kHolds{"holds", "SELECT patient_token FROM holds ORDER BY patient_token", "t"};
constexpr Query kShare{"share", "INSERT INTO shares(request_id, reader) VALUES($1, $2) ON CONFLICT(request_id, reader) DO NOTHING"};
constexpr Query kReaders{"readers", "SELECT reader FROM shares WHERE request_id = $1 ORDER BY reader", "t"};

Error none() { return make_error(ErrorCode::not_found, "There is no record of this request."); }

std::int64_t limit_of(std::size_t limit) { return static_cast<std::int64_t>(limit); }

/// The database knows only that something was taken, or was not there to be referred to.
Error explain(Error error) {
  if (error.code == ErrorCode::conflict) error.external = "A record of this request exists already.";
  if (error.code == ErrorCode::not_found) error.external = "The key that this was sealed under has been retired.";
  return error;
}

}  // namespace

SqlStore::SqlStore(std::unique_ptr<Database> database)
    : database_(std::move(database)), keys_(*database_), similar_cases_(*database_), batches_(*database_), api_keys_(*database_) {}

template <typename... Values>
Result<std::vector<RecordSummary>> SqlStore::list(const Query& query, const Values&... values) {
  return database_->read([&](Connection& connection) -> Result<std::vector<RecordSummary>> {
    Rows rows = TRY(connection.run(query, values...));
    std::vector<RecordSummary> list;
    for (Row& row : rows)
      list.push_back({row.count(0), std::move(row.text(1)), std::move(row.text(2)), std::move(row.text(3)), from_ms(row.number(4)), std::move(row.text(5)),
                      static_cast<std::size_t>(row.number(6))});
    return list;
  });
}

template <typename... Values>
Result<std::vector<std::string>> SqlStore::texts(const Query& query, const Values&... values) {
  return database_->read([&](Connection& connection) -> Result<std::vector<std::string>> {
    Rows rows = TRY(connection.run(query, values...));
    std::vector<std::string> list;
    for (Row& row : rows) list.push_back(std::move(row.text(0)));
    return list;
  });
}

template <typename... Values>
Result<void> SqlStore::change(const Query& query, const Values&... values) {
  return database_->write([&](Connection& connection) -> Result<void> {
    TRY(connection.run(query, values...));
    return ok();
  });
}

Result<void> SqlStore::put(std::span<const SealedRecord> records) {
  std::list<VectorValue> vectors;  // what the statements view
  std::vector<Statement> statements;
  for (const SealedRecord& record : records) {
    statements.push_back({&kInsert, {record.request_id, record.patient_token, record.owner, to_ms(record.time), record.model_version,
                                     ByteView(record.content.payload)}});
    statements.push_back(TRY(insert_key(kRecordTable, record.request_id, record.content.wrapped_key)));
    if (!record.summary) continue;
    vectors.push_back(TRY(VectorValue::of(database_->dialect(), record.summary->vector)));
    statements.push_back(insert_summary(record.request_id, *record.summary, vectors.back(), record.time));
    statements.push_back(TRY(insert_key(kSummaryTable, record.request_id, record.summary->content.wrapped_key)));
  }
  return database_->write([&](Connection& connection) -> Result<void> {
    if (statements.empty()) return ok();
    Result<std::vector<std::uint64_t>> stored = connection.run_all(statements);
    return stored ? ok() : Result<void>(explain(std::move(stored).error()));
  });
}

Result<SealedRecord> SqlStore::get(std::string_view request_id) {
  return database_->read([&](Connection& connection) -> Result<SealedRecord> {
    Rows rows = TRY(connection.run(kGet, request_id));
    if (rows.empty()) return none();
    Row& row = rows[0];
    SealedRecord record;
    record.request_id = std::string(request_id);
    record.patient_token = std::move(row.text(0));
    record.owner = std::move(row.text(1));
    record.time = from_ms(row.number(2));
    record.model_version = std::move(row.text(3));
    record.content = {std::move(row.bytes(5)), std::move(row.bytes(4))};
    return record;
  });
}

/// Rows are taken in the order in which all others take them: the record, then its keys by table and row. So nobody waits in a circle.
Result<void> SqlStore::remove(std::span<const std::string> request_ids) {
  std::vector<std::string_view> ids(request_ids.begin(), request_ids.end());
  std::sort(ids.begin(), ids.end());
  std::vector<Statement> statements;
  for (const std::string_view id : ids) statements.push_back({&kDelete, {id}});
  for (const std::string_view table : {kSummaryTable, kRecordTable})
    for (const std::string_view id : ids) statements.push_back(delete_key(table, id));
  TRY_VOID(database_->write([&](Connection& connection) -> Result<void> {
    TRY(connection.run_all(statements));
    // They are removed. A reader may be in the way of this: then the next removal does it.
    if (connection.dialect() == Dialect::sqlite) static_cast<void>(connection.run(kEmptyLog));
    return ok();
  }));
  similar_cases_.forget_removed();
  return ok();
}

Result<std::uint64_t> SqlStore::count() {
  return database_->read([](Connection& connection) -> Result<std::uint64_t> { return TRY(connection.run(kCount))[0].count(0); });
}

Result<std::vector<RecordSummary>> SqlStore::newest(std::size_t limit) { return list(kNewest, limit_of(limit)); }

Result<std::vector<RecordSummary>> SqlStore::page(std::uint64_t after, std::size_t limit) {
  return list(kPage, static_cast<std::int64_t>(after), limit_of(limit));
}

Result<std::vector<RecordSummary>> SqlStore::of_patient(std::string_view patient_token, std::size_t limit) {
  return list(kOfPatient, patient_token, limit_of(limit));
}

Result<std::vector<RecordSummary>> SqlStore::expired(WallTime before, std::size_t limit) { return list(kExpired, to_ms(before), limit_of(limit)); }

Result<void> SqlStore::set_hold(std::string_view patient_token, bool held) { return change(held ? kHold : kRelease, patient_token); }

Result<bool> SqlStore::is_held(std::string_view patient_token) {
  return database_->read([&](Connection& connection) -> Result<bool> { return TRY(connection.run(kIsHeld, patient_token))[0].number(0) != 0; });
}

Result<std::vector<std::string>> SqlStore::holds() { return texts(kHolds); }

Result<void> SqlStore::share(std::string_view request_id, std::string_view reader) {
  Result<void> shared = change(kShare, request_id, reader);
  if (!shared && shared.error().code == ErrorCode::not_found) return none();
  return shared;
}

Result<std::vector<std::string>> SqlStore::readers(std::string_view request_id) { return texts(kReaders, request_id); }

Result<void> SqlStore::probe() {
  const Result<std::vector<RecordSummary>> listed = newest(1);
  return listed ? ok() : Result<void>(listed.error());
}

Result<void> SqlStore::close() {
  database_->close();
  return ok();
}

}  // namespace osler::cases::sql
