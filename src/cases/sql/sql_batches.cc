#include "cases/sql/sql_batches.h"

#include <algorithm>
#include <string>

#include "cases/sql/sealed_keys.h"
#include "cases/sql/times.h"

namespace osler::cases::sql {

namespace {

// The database's clock, in milliseconds.
#define SQLITE_NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
#define POSTGRES_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

#define BATCH_COLUMNS "id, owner, format, state, created_ms, options, cases, answered, refused, chunks, chunks_done"
constexpr const char* kBatchKinds = "ttttitiiiii";

constexpr Query kCreate{"create_batch",
    "INSERT INTO batches(" BATCH_COLUMNS ") VALUES($1, $2, $3, 'receiving', $4, $5, 0, 0, 0, 0, 0)"};
constexpr Query kInfo{"batch", "SELECT " BATCH_COLUMNS " FROM batches WHERE id = $1", kBatchKinds};
constexpr Query kList{"batches", "SELECT " BATCH_COLUMNS " FROM batches WHERE $1 IN (owner, '') ORDER BY created_ms DESC, id LIMIT $2", kBatchKinds};

constexpr Query kCountChunk{"count_chunk",
    "UPDATE batches SET chunks = chunks + 1, cases = cases + $3 WHERE id = $1 AND chunks = $2 AND state = 'receiving'"};
constexpr Query kAddChunk{"add_chunk", "INSERT INTO batch_chunks(batch, chunk, first_line, payload) VALUES($1, $2, $3, $4)"};

// A batch without a chunk has none that could be its last.
constexpr Query kReady{"batch_ready", "UPDATE batches SET state = CASE WHEN chunks = 0 THEN 'done' ELSE 'ready' END WHERE id = $1 AND state = 'receiving'"};
constexpr Query kCancel{"cancel_batch", "UPDATE batches SET state = 'cancelled' WHERE id = $1 AND state <> 'done'"};
constexpr Query kAbandoned{"abandoned_batches", "SELECT id FROM batches WHERE state = 'receiving' AND created_ms < $1 ORDER BY created_ms LIMIT 1000", "t"};
constexpr Query kDestroyKeys{"destroy_chunk_keys",
    "DELETE FROM sealed_keys WHERE table_name = 'batch_chunks' AND row_id IN (SELECT batch || '/' || chunk FROM batch_chunks WHERE batch = $1 AND done = 0)"};
constexpr Query kDestroyInputs{"destroy_chunk_inputs", "UPDATE batch_chunks SET payload = NULL WHERE batch = $1 AND done = 0"};

// One statement takes the next chunk. In PostgreSQL it passes over those that another is taking at this moment; a chunk that changed in between is
// looked at again, so all that matters of it is asked of the chunk itself (a cancelled batch has chunks without input).
#define CLAIM(now, lock)                                                                                                                              \
  "WITH next AS (SELECT c.batch AS batch, c.chunk AS chunk FROM batches b JOIN batch_chunks c ON c.batch = b.id"                                      \
  " WHERE b.state = 'ready' AND c.done = 0 AND c.payload IS NOT NULL AND c.lease_until_ms <= " now                                                    \
  " ORDER BY b.created_ms, b.id, c.chunk LIMIT 1" lock ")"                                                                                            \
  " UPDATE batch_chunks SET worker = $1, lease_until_ms = " now " + $2, claims = claims + 1 FROM next WHERE batch_chunks.batch = next.batch AND batch_chunks.chunk = next.chunk" \
  " RETURNING batch_chunks.batch, batch_chunks.chunk, first_line, payload, claims"
constexpr QueryPair kClaim{{"claim_chunk", CLAIM(SQLITE_NOW, ""), "tiibi"}, {"claim_chunk", CLAIM(POSTGRES_NOW, " FOR UPDATE OF c SKIP LOCKED"), "tiibi"}};
constexpr Query kChunkKey{"chunk_key", "SELECT wrapped_key FROM sealed_keys WHERE table_name = 'batch_chunks' AND row_id = $1", "b"};

#define RENEW(now) "UPDATE batch_chunks SET lease_until_ms = " now " + $4 WHERE batch = $1 AND chunk = $2 AND worker = $3 AND done = 0 AND payload IS NOT NULL"
constexpr QueryPair kRenew{{"renew_chunk", RENEW(SQLITE_NOW)}, {"renew_chunk", RENEW(POSTGRES_NOW)}};

// The batch first: its row keeps whoever cancels and whoever finishes one after the other.
constexpr Query kCountOutcomes{"count_outcomes",
    "UPDATE batches SET answered = answered + $2, refused = refused + $3, chunks_done = chunks_done + 1,"
    " state = CASE WHEN chunks_done + 1 = chunks THEN 'done' ELSE state END WHERE id = $1 AND state = 'ready'"};
constexpr Query kFinishChunk{"finish_chunk",
    "UPDATE batch_chunks SET done = 1, payload = NULL WHERE batch = $1 AND chunk = $2 AND worker = $3 AND done = 0"};
constexpr Query kAddOutcome{"add_outcome", "INSERT INTO batch_outcomes(batch, line, request_id, refusal) VALUES($1, $2, $3, $4)"};
constexpr Query kExclude{"exclude_patient",
    "INSERT INTO batch_exclusions(batch, patient_token) SELECT id, $1 FROM batches WHERE state IN ('receiving', 'ready') AND created_ms <= $2"
    " ON CONFLICT(batch, patient_token) DO NOTHING"};
constexpr Query kExcluded{"excluded_patients", "SELECT patient_token FROM batch_exclusions WHERE batch = $1", "t"};
constexpr Query kOutcomes{"outcomes",
    "SELECT line, request_id, refusal FROM batch_outcomes WHERE batch = $1 AND line > $2 AND line <"
    " coalesce((SELECT first_line FROM batch_chunks WHERE batch = $1 AND done = 0 ORDER BY chunk LIMIT 1), 9223372036854775807)"
    " ORDER BY line LIMIT $3", "itt"};

constexpr std::pair<std::string_view, BatchState> kStates[] = {
    {"receiving", BatchState::receiving}, {"ready", BatchState::ready}, {"cancelled", BatchState::cancelled}, {"done", BatchState::done}};

std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }

std::string row_of(std::string_view batch, std::uint64_t chunk) { return std::string(batch) + "/" + std::to_string(chunk); }

Error not_now(std::string_view what) { return make_error(ErrorCode::conflict, "The batch cannot take this now.", std::string(what)); }

Result<BatchInfo> info_of(Row& row) {
  const std::string& state = row.text(3);
  const auto* known = std::find_if(std::begin(kStates), std::end(kStates), [&](const auto& one) { return one.first == state; });
  if (known == std::end(kStates)) return make_error(ErrorCode::corrupted, "The store of batches is damaged.");
  return BatchInfo{row.text(0), row.text(1), row.text(2), known->second, from_ms(row.number(4)), row.text(5),
                   row.count(6), row.count(7), row.count(8), row.count(9), row.count(10)};
}

}  // namespace

Result<void> SqlBatches::create(const BatchInfo& batch) {
  return database_.write([&](Connection& connection) -> Result<void> {
    TRY(connection.run(kCreate, std::string_view(batch.id), std::string_view(batch.owner), std::string_view(batch.format), to_ms(batch.created),
                       std::string_view(batch.options)));
    return ok();
  });
}

Result<void> SqlBatches::add_chunk(std::string_view batch, std::uint64_t chunk, std::uint64_t first_line, std::uint64_t cases, const vault::SealedText& input) {
  const std::string row = row_of(batch, chunk);
  const std::vector<Statement> additions = {{&kAddChunk, {batch, signed_of(chunk), signed_of(first_line), ByteView(input.payload)}},
                                            TRY(insert_key(kChunkTable, row, input.wrapped_key))};
  return database_.write([&](Connection& connection) -> Result<void> {
    Transaction transaction = TRY(Transaction::begin(connection));
    if (TRY(connection.run(kCountChunk, batch, signed_of(chunk), signed_of(cases))).changed == 0) return not_now("chunk");
    TRY(connection.run_all(additions));
    return transaction.commit();
  });
}

Result<void> SqlBatches::set_state(std::string_view batch, BatchState state) {
  if (state != BatchState::ready && state != BatchState::cancelled) return not_now("state");
  const bool cancels = state == BatchState::cancelled;
  return database_.write([&](Connection& connection) -> Result<void> {
    Transaction transaction = TRY(Transaction::begin(connection));
    if (TRY(connection.run(cancels ? kCancel : kReady, batch)).changed == 0) {
      if (TRY(connection.run(kInfo, batch)).empty()) return make_error(ErrorCode::not_found, "There is no such batch.");
      return not_now("state");
    }
    if (cancels) {
      TRY(connection.run(kDestroyKeys, batch));
      TRY(connection.run(kDestroyInputs, batch));
    }
    return transaction.commit();
  });
}

Result<BatchInfo> SqlBatches::info(std::string_view batch) {
  return database_.read([&](Connection& connection) -> Result<BatchInfo> {
    Rows rows = TRY(connection.run(kInfo, batch));
    if (rows.empty()) return make_error(ErrorCode::not_found, "There is no such batch.");
    return info_of(rows[0]);
  });
}

Result<std::vector<BatchInfo>> SqlBatches::list(std::string_view owner, std::size_t limit) {
  return database_.read([&](Connection& connection) -> Result<std::vector<BatchInfo>> {
    Rows rows = TRY(connection.run(kList, owner, static_cast<std::int64_t>(limit)));
    std::vector<BatchInfo> list;
    for (Row& row : rows) list.push_back(TRY(info_of(row)));
    return list;
  });
}

Result<std::optional<ChunkClaim>> SqlBatches::claim(std::string_view worker, std::chrono::milliseconds lease) {
  return database_.write([&](Connection& connection) -> Result<std::optional<ChunkClaim>> {
    Transaction transaction = TRY(Transaction::begin(connection));
    Rows rows = TRY(connection.run(kClaim.in(connection.dialect()), worker, std::int64_t{lease.count()}));
    if (rows.empty()) return std::optional<ChunkClaim>();
    Row& row = rows[0];
    ChunkClaim claim{std::move(row.text(0)), row.count(1), row.count(2), row.count(4) > 1, {{}, std::move(row.bytes(3))}};
    Rows key = TRY(connection.run(kChunkKey, std::string_view(row_of(claim.batch, claim.chunk))));
    if (key.empty()) return make_error(ErrorCode::corrupted, "The store of batches is damaged.", "a chunk without its key");
    claim.input.wrapped_key = std::move(key[0].bytes(0));
    TRY_VOID(transaction.commit());
    return std::optional(std::move(claim));
  });
}

Result<bool> SqlBatches::renew(const ChunkClaim& claim, std::string_view worker, std::chrono::milliseconds lease) {
  return database_.write([&](Connection& connection) -> Result<bool> {
    const Query& query = kRenew.in(connection.dialect());
    return TRY(connection.run(query, std::string_view(claim.batch), signed_of(claim.chunk), worker, std::int64_t{lease.count()})).changed != 0;
  });
}

Result<bool> SqlBatches::finish(const ChunkClaim& claim, std::string_view worker, const std::vector<ChunkOutcome>& outcomes) {
  const std::string_view batch = claim.batch;
  const std::string row = row_of(batch, claim.chunk);
  const auto refused = std::count_if(outcomes.begin(), outcomes.end(), [](const ChunkOutcome& outcome) { return outcome.request_id.empty(); });
  const auto answered = static_cast<std::ptrdiff_t>(outcomes.size()) - refused;
  std::vector<Statement> results = {delete_key(kChunkTable, row)};
  for (const ChunkOutcome& outcome : outcomes)
    results.push_back({&kAddOutcome, {batch, signed_of(outcome.line), std::string_view(outcome.request_id), std::string_view(outcome.refusal)}});
  return database_.write([&](Connection& connection) -> Result<bool> {
    Transaction transaction = TRY(Transaction::begin(connection));
    if (TRY(connection.run(kCountOutcomes, batch, std::int64_t{answered}, std::int64_t{refused})).changed == 0) return false;
    if (TRY(connection.run(kFinishChunk, batch, signed_of(claim.chunk), worker)).changed == 0) return false;
    TRY(connection.run_all(results));
    TRY_VOID(transaction.commit());
    return true;
  });
}

Result<std::uint64_t> SqlBatches::cancel_abandoned(WallTime before) {
  Rows abandoned = TRY(database_.read([&](Connection& connection) { return connection.run(kAbandoned, to_ms(before)); }));
  std::uint64_t cancelled = 0;
  for (Row& row : abandoned) {
    const Result<void> done = set_state(row.text(0), BatchState::cancelled);
    if (!done && done.error().code != ErrorCode::conflict) return done.error();
    cancelled += done.has_value();
  }
  return cancelled;
}

Result<void> SqlBatches::exclude_patient(std::string_view patient_token, WallTime deleted) {
  return database_.write([&](Connection& connection) -> Result<void> {
    TRY(connection.run(kExclude, patient_token, to_ms(deleted)));
    return ok();
  });
}

Result<std::vector<std::string>> SqlBatches::excluded_patients(std::string_view batch) {
  return database_.read([&](Connection& connection) -> Result<std::vector<std::string>> {
    Rows rows = TRY(connection.run(kExcluded, batch));
    std::vector<std::string> tokens;
    for (Row& row : rows) tokens.push_back(std::move(row.text(0)));
    return tokens;
  });
}

Result<std::vector<ChunkOutcome>> SqlBatches::outcomes(std::string_view batch, std::uint64_t after_line, std::size_t limit) {
  return database_.read([&](Connection& connection) -> Result<std::vector<ChunkOutcome>> {
    Rows rows = TRY(connection.run(kOutcomes, batch, signed_of(after_line), static_cast<std::int64_t>(limit)));
    std::vector<ChunkOutcome> list;
    for (Row& row : rows) list.push_back({row.count(0), std::move(row.text(1)), std::move(row.text(2))});
    return list;
  });
}

}  // namespace osler::cases::sql
