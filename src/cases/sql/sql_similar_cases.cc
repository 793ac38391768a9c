#include "cases/sql/sql_similar_cases.h"

#include "cases/sql/sealed_keys.h"
#include "cases/sql/summaries.h"
#include "cases/sql/times.h"

namespace osler::cases::sql {

namespace {

#define SUMMARY "SELECT vector_set, age_band, sex, condition, wrapped_key, payload, "
#define OF_REQUEST " FROM case_summaries JOIN sealed_keys ON table_name = 'case_summaries' AND row_id = request_id WHERE request_id = $1"
constexpr QueryPair kSummary{{"summary", SUMMARY "vector" OF_REQUEST, "ttttbbb"},
                             {"summary", SUMMARY "vector::text, dimensions" OF_REQUEST, "ttttbbti"}};

// The record's row keeps two who replace its summary one after the other.
constexpr QueryPair kLockRecord{{"lock_record", "SELECT time_ms FROM records WHERE request_id = $1", "i"},
                                {"lock_record", "SELECT time_ms FROM records WHERE request_id = $1 FOR NO KEY UPDATE", "i"}};
constexpr Query kDelete{"delete_summary", "DELETE FROM case_summaries WHERE request_id = $1"};
constexpr Query kPayload{"payload_of_summary", "SELECT payload FROM case_summaries WHERE request_id = $1", "b"};
constexpr Query kOfOtherSets{"summaries_of_other_sets",
    "SELECT request_id FROM case_summaries WHERE vector_set <> $1 AND request_id > $2 ORDER BY request_id LIMIT $3", "t"};

// The newest of each kind, by an index each; then the newest of these.
#define HAS_SUMMARY " AND EXISTS (SELECT 1 FROM case_summaries WHERE case_summaries.request_id = records.request_id) ORDER BY sequence DESC LIMIT $3"
#define OWN "SELECT sequence FROM (SELECT sequence FROM records WHERE owner = $1 AND sequence < $2" HAS_SUMMARY ") own"
#define SHARED \
  " UNION SELECT sequence FROM (SELECT sequence FROM records WHERE sequence < $2" \
  " AND request_id IN (SELECT request_id FROM shares WHERE reader = $4 OR reader = '*')" HAS_SUMMARY ") shared"
#define LISTED(sequences)                                                                                                         \
  "SELECT records.sequence, records.request_id, patient_token, owner, records.time_ms, model_version,"                            \
  " CAST(length(records.payload) AS BIGINT), wrapped_key, case_summaries.payload FROM records"                                    \
  " JOIN case_summaries ON case_summaries.request_id = records.request_id"                                                        \
  " JOIN sealed_keys ON table_name = 'case_summaries' AND row_id = records.request_id"                                            \
  " WHERE records.sequence IN (" sequences ") ORDER BY records.sequence DESC LIMIT $3"
constexpr Query kOwn{"cases_of_owner", LISTED(OWN), "itttitibb"};
constexpr Query kVisible{"visible_cases", LISTED(OWN SHARED), "itttitibb"};
constexpr Query kCount{"count_summaries", "SELECT count(*) FROM case_summaries", "i"};

std::unique_ptr<Nearest> nearest_for(Database& database) {
  if (database.dialect() == Dialect::postgres) return std::make_unique<NearestByDatabase>(database);
  return std::make_unique<NearestInMemory>(database);
}

}  // namespace

SqlSimilarCases::SqlSimilarCases(Database& database) : database_(database), nearest_(nearest_for(database)) {}

Result<std::vector<Neighbour>> SqlSimilarCases::nearest(std::string_view vector_set, std::span<const float> vector, std::size_t count, const CaseFilter& filter,
                                                        std::string_view exclude) {
  return nearest_->find({vector_set, vector, count, filter, exclude});
}

Result<CaseSummary> SqlSimilarCases::summary(std::string_view request_id) {
  return database_.read([&](Connection& connection) -> Result<CaseSummary> {
    const Dialect dialect = connection.dialect();
    Rows rows = TRY(connection.run(kSummary.in(dialect), request_id));
    if (rows.empty()) return make_error(ErrorCode::not_found, "There is no summary of this case.");
    Row& row = rows[0];
    std::vector<float> vector =
        dialect == Dialect::sqlite ? TRY(vector_of_bytes(row.bytes(6))) : TRY(vector_of_text(row.text(6), static_cast<std::size_t>(row.number(7))));
    return CaseSummary{std::move(row.text(0)), std::move(vector), std::move(row.text(1)), std::move(row.text(2)), std::move(row.text(3)),
                       {std::move(row.bytes(4)), std::move(row.bytes(5))}};
  });
}

Result<void> SqlSimilarCases::put_summary(std::string_view request_id, const CaseSummary& summary) {
  TRY(put(request_id, summary, nullptr));
  return ok();
}

Result<bool> SqlSimilarCases::replace_summary(std::string_view request_id, const CaseSummary& before, const CaseSummary& after) {
  Result<bool> replaced = put(request_id, after, &before);
  if (!replaced && replaced.error().code == ErrorCode::not_found) return false;
  return replaced;
}

Result<bool> SqlSimilarCases::put(std::string_view request_id, const CaseSummary& summary, const CaseSummary* before) {
  const VectorValue vector = TRY(VectorValue::of(database_.dialect(), summary.vector));
  const Statement key = TRY(insert_key(kSummaryTable, request_id, summary.content.wrapped_key));
  const bool stored = TRY(database_.write([&](Connection& connection) -> Result<bool> {
    Transaction transaction = TRY(Transaction::begin(connection));
    Rows record = TRY(connection.run(kLockRecord.in(connection.dialect()), request_id));
    if (record.empty()) return make_error(ErrorCode::not_found, "There is no record of this request.");
    if (before != nullptr) {
      Rows present = TRY(connection.run(kPayload, request_id));
      if (present.empty() || present[0].bytes(0) != before->content.payload) return false;
    }
    const std::vector<Statement> statements = {delete_key(kSummaryTable, request_id), {&kDelete, {request_id}},
                                               insert_summary(request_id, summary, vector, from_ms(record[0].number(0))), key};
    TRY(connection.run_all(statements));
    TRY_VOID(transaction.commit());
    return true;
  }));
  if (stored) nearest_->forget_removed();  // the row that it replaces
  return stored;
}

Result<std::vector<std::string>> SqlSimilarCases::of_other_sets(std::string_view vector_set, std::string_view after, std::size_t limit) {
  return database_.read([&](Connection& connection) -> Result<std::vector<std::string>> {
    Rows rows = TRY(connection.run(kOfOtherSets, vector_set, after, static_cast<std::int64_t>(limit)));
    std::vector<std::string> ids;
    for (Row& row : rows) ids.push_back(std::move(row.text(0)));
    return ids;
  });
}

Result<std::vector<ListedCase>> SqlSimilarCases::visible_to(const Reader& reader, std::uint64_t before, std::size_t limit) {
  return database_.read([&](Connection& connection) -> Result<std::vector<ListedCase>> {
    const auto [from, most] = std::pair(static_cast<std::int64_t>(before), static_cast<std::int64_t>(limit));
    Rows rows = TRY(reader.shared_as.empty() ? connection.run(kOwn, reader.name, from, most) : connection.run(kVisible, reader.name, from, most, reader.shared_as));
    std::vector<ListedCase> list;
    for (Row& row : rows)
      list.push_back({{row.count(0), std::move(row.text(1)), std::move(row.text(2)), std::move(row.text(3)), from_ms(row.number(4)), std::move(row.text(5)),
                       static_cast<std::size_t>(row.number(6))},
                      {std::move(row.bytes(7)), std::move(row.bytes(8))}});
    return list;
  });
}

Result<std::uint64_t> SqlSimilarCases::count() {
  return database_.read([](Connection& connection) -> Result<std::uint64_t> { return TRY(connection.run(kCount))[0].count(0); });
}

}  // namespace osler::cases::sql
