#include "cases/postgres/connection.h"

#include <poll.h>

#include <cerrno>
#include <cstring>

#include "cases/postgres/values.h"

namespace osler::cases::postgres {

namespace {

constexpr std::chrono::milliseconds kGrace{1000};  // beyond the server's own limit
constexpr int kBinary = 1;

constexpr sql::Query kBegin{"begin", "BEGIN"};
constexpr sql::Query kCommit{"commit", "COMMIT"};
constexpr sql::Query kRollback{"rollback", "ROLLBACK"};

// The plan of a search goes through the vector index, whose costs look high enough for compiling; that takes longer than the search.
// docs/adr/0020 has the measurements behind ef_search.
constexpr const char* kSession = R"sql(
SET search_path = osler, osler_keys, public;
SET synchronous_commit = on;
SET client_min_messages = error;
SET idle_in_transaction_session_timeout = '60s';
SET jit = off;
SET hnsw.iterative_scan = strict_order;
SET hnsw.ef_search = 200;
SET hnsw.max_scan_tuples = 200000;
)sql";

/// By SQLSTATE alone: the server's message may repeat a value.
Error error_of(const PGresult* result, std::string_view operation) {
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view sqlstate = field ? field : "";
  const ErrorCode code = code_of(sqlstate);
  return sql::database_error(code, std::string(operation) + ": SQLSTATE " + std::string(sqlstate));
}

void say_nothing(void*, const char*) {}

/// What libpq says of a connection that cannot be made: host, port, user and database, on one line. No password.
std::string on_one_line(const char* message) {
  std::string line;
  for (const char c : std::string_view(message)) line += c == '\n' || c == '\t' ? ' ' : c;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

Result<sql::Rows> rows_of(const PGresult* result, const sql::Query& query) {
  CHECK(PQnfields(result) == static_cast<int>(std::strlen(query.columns)));
  sql::Rows rows;
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<sql::Cell> cells;
    for (int column = 0; query.columns[column] != '\0'; ++column) {
      std::optional<sql::Cell> cell = cell_of(result, row, column, query.columns[column]);
      if (!cell) return make_error(ErrorCode::corrupted, "The store of records is damaged.", std::string(query.name) + ": a value of another kind");
      cells.push_back(std::move(*cell));
    }
    rows.list.emplace_back(std::move(cells));
  }
  return rows;
}

std::uint64_t changed_by(PGresult* result) { return std::strtoull(PQcmdTuples(result), nullptr, 10); }

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& url, const Timeouts& timeouts) {
  const std::string connect_timeout = std::to_string(timeouts.connect.count());
  // Later ones win over those of the URL.
  const char* names[] = {"dbname", "connect_timeout", "application_name", "client_encoding", "gssencmode", nullptr};
  const char* values[] = {url.c_str(), connect_timeout.c_str(), "osler", "UTF8", "disable", nullptr};
  std::unique_ptr<Connection> connection(new Connection(PQconnectdbParams(names, values, 1)));
  PGconn* handle = connection->connection_.get();
  if (PQstatus(handle) != CONNECTION_OK)
    return make_error(ErrorCode::unavailable, "The database cannot be reached.", on_one_line(PQerrorMessage(handle)));
  PQsetNoticeProcessor(handle, say_nothing, nullptr);
  if (PQsetnonblocking(handle, 1) != 0) return connection->lost("open");
  connection->limit_ = timeouts.statement;
  TRY_VOID(connection->script(kSession));
  TRY_VOID(connection->set_time_limit(timeouts.statement));
  return connection;
}

void Connection::start_clock() { deadline_ = std::chrono::steady_clock::now() + limit_ + kGrace; }

Error Connection::lost(std::string_view operation) {
  broken_ = true;
  return make_error(ErrorCode::unavailable, "The store of records does not answer.", std::string(operation) + ": the connection was lost or came to its time limit");
}

bool Connection::wait_for_server() {
  while (true) {
    const int left_to_send = PQflush(connection_.get());
    if (left_to_send < 0) return false;
    if (!PQisBusy(connection_.get())) return true;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd socket{PQsocket(connection_.get()), static_cast<short>(left_to_send ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = poll(&socket, 1, static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0) start_clock();
    if (ready > 0 && (socket.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_.get()) == 0) return false;
  }
}

Result<Connection::Answer> Connection::next_answer() {
  if (!wait_for_server()) return lost("answer");
  Answer answer(PQgetResult(connection_.get()));
  if (PQstatus(connection_.get()) != CONNECTION_OK) return lost("answer");
  return answer;
}

Result<void> Connection::send(const sql::Query& query, std::span<const sql::Value> values, std::vector<Owed>& owed) {
  const Parameters parameters(values);
  PGconn* handle = connection_.get();
  if (query.planned_each_time) {
    if (!PQsendQueryParams(handle, query.text, parameters.count(), parameters.types(), parameters.values(), parameters.lengths(), parameters.formats(), kBinary))
      return lost(query.name);
    owed.push_back({&query, false});
    return ok();
  }
  const auto is_sent = [&] {
    for (const Owed& one : owed)
      if (one.is_preparation && std::string_view(one.query->name) == query.name) return true;
    return false;
  };
  if (!prepared_.contains(query.name) && !is_sent()) {
    if (!PQsendPrepare(handle, query.name, query.text, parameters.count(), parameters.types())) return lost(query.name);
    owed.push_back({&query, true});
  }
  if (!PQsendQueryPrepared(handle, query.name, parameters.count(), parameters.values(), parameters.lengths(), parameters.formats(), kBinary)) return lost(query.name);
  owed.push_back({&query, false});
  return ok();
}

/// Reads to the end of the pipeline, whatever failed, so that the connection can go on; the first failure is the error.
Result<std::vector<Connection::Answer>> Connection::receive(const std::vector<Owed>& owed) {
  std::vector<Answer> answers;
  std::optional<Error> failure;
  for (const Owed& one : owed) {
    Answer answer = TRY(next_answer());
    if (!answer) return lost(one.query->name);
    while (TRY(next_answer())) {}
    const ExecStatusType status = PQresultStatus(answer.get());
    const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good && !failure) failure = error_of(answer.get(), one.query->name);
    if (good && one.is_preparation) prepared_.insert(one.query->name);
    if (good && !one.is_preparation) answers.push_back(std::move(answer));
  }
  const Answer end = TRY(next_answer());
  if (!end || PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) return lost("end of the pipeline");
  if (failure) return std::move(*failure);
  return answers;
}

Result<std::vector<Connection::Answer>> Connection::exchange(std::span<const sql::Statement> statements) {
  if (broken_) return lost("exchange");
  start_clock();
  if (!PQenterPipelineMode(connection_.get())) return lost("pipeline");
  std::vector<Owed> owed;
  for (const sql::Statement& statement : statements) TRY_VOID(send(*statement.query, statement.values, owed));
  // One Sync: outside of a transaction, all that came before it is one, and committed here.
  if (!PQpipelineSync(connection_.get())) return lost("pipeline");
  Result<std::vector<Answer>> answers = receive(owed);
  if (!broken_ && !PQexitPipelineMode(connection_.get())) return lost("pipeline");
  return answers;
}

Result<sql::Rows> Connection::run_with(const sql::Query& query, std::span<const sql::Value> values) {
  const sql::Statement statement{&query, {values.begin(), values.end()}};
  const std::vector<Answer> answers = TRY(exchange({&statement, 1}));
  sql::Rows rows = TRY(rows_of(answers.front().get(), query));
  rows.changed = changed_by(answers.front().get());
  return rows;
}

Result<std::vector<std::uint64_t>> Connection::run_all(std::span<const sql::Statement> statements) {
  if (statements.empty()) return std::vector<std::uint64_t>();
  const std::vector<Answer> answers = TRY(exchange(statements));
  std::vector<std::uint64_t> changed;
  for (const Answer& answer : answers) changed.push_back(changed_by(answer.get()));
  return changed;
}

Result<void> Connection::script(const char* sql) {
  if (broken_) return lost("script");
  start_clock();
  if (!PQsendQuery(connection_.get(), sql)) return lost("script");
  std::optional<Error> failure;
  while (const Answer answer = TRY(next_answer()))
    if (!failure && PQresultStatus(answer.get()) == PGRES_FATAL_ERROR) failure = error_of(answer.get(), "script");
  return failure ? Result<void>(std::move(*failure)) : ok();
}

Result<void> Connection::begin() {
  TRY(run(kBegin));
  return ok();
}

Result<void> Connection::commit() {
  const sql::Statement statement{&kCommit, {}};
  const std::vector<Answer> answers = TRY(exchange({&statement, 1}));
  // After a failed statement the server says yes to COMMIT and rolls back.
  if (std::strcmp(PQcmdStatus(answers.front().get()), "COMMIT") == 0) return ok();
  return make_error(ErrorCode::unavailable, "The store of records does not work now.", "the transaction had failed before it was committed");
}

void Connection::rollback() {
  if (!broken_) static_cast<void>(run(kRollback));
}

Result<void> Connection::set_time_limit(std::chrono::milliseconds limit) {
  TRY_VOID(script(("SET statement_timeout = " + std::to_string(limit.count())).c_str()));
  limit_ = limit;
  return ok();
}

/// A session that waits has nothing to say: what can be read is a farewell.
bool Connection::usable() {
  if (broken_ || PQstatus(connection_.get()) != CONNECTION_OK || PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) return false;
  pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
  return poll(&socket, 1, 0) == 0;
}

}  // namespace osler::cases::postgres
