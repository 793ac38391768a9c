#include "cases/sql/schema.h"

#include <algorithm>
#include <charconv>

namespace osler::cases::sql {

namespace {

// A migration may copy every record; whoever starts at the same moment waits for it.
constexpr std::chrono::minutes kMigrationLimit{30};

constexpr Query kApplication{"application", "SELECT application_id FROM pragma_application_id", "i"};
constexpr Query kUserVersion{"user_version", "SELECT user_version FROM pragma_user_version", "i"};
constexpr Query kTableCount{"table_count", "SELECT count(*) FROM sqlite_schema", "i"};

constexpr Query kLock{"schema_lock", "SELECT 1::bigint FROM (SELECT pg_advisory_xact_lock(1332964466)) AS lock", "i"};
constexpr Query kHasSchema{"has_schema", "SELECT count(*) FROM pg_namespace WHERE nspname IN ('osler', 'osler_keys')", "i"};
constexpr Query kHasVersion{"has_version", "SELECT count(*) FROM pg_tables WHERE schemaname = 'osler' AND tablename = 'schema_version'", "i"};
constexpr Query kSchemaVersionQuery{"schema_version", "SELECT version FROM osler.schema_version", "i"};
constexpr Query kVectorAvailable{"vector_available", "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'", "i"};
constexpr Query kVectorVersion{"vector_version", "SELECT extversion::text FROM pg_extension WHERE extname = 'vector'", "t"};

constexpr Query kKnownKeys{"known_keys", "SELECT version, check_value FROM key_versions ORDER BY version", "ib"};
constexpr Query kForgottenKeys{"forgotten_keys", "SELECT version FROM forgotten_key_versions", "i"};
constexpr Query kNoteKey{"note_key",
    "INSERT INTO key_versions(version, check_value) VALUES($1, $2) ON CONFLICT(version) DO NOTHING"};

// Whoever retires a key at this moment (SqlKeyTable::forget) is waited for. SQLite has one writer anyway.
constexpr QueryPair kLockKeys{{"lock_known_keys", "SELECT 1 WHERE 0", "i"}, {"lock_known_keys", "LOCK TABLE key_versions IN SHARE ROW EXCLUSIVE MODE"}};

Error refuse(std::string external, std::string internal = {}) {
  return make_error(ErrorCode::configuration, std::move(external), std::move(internal));
}

Result<std::int64_t> number(Connection& connection, const Query& query) {
  Rows rows = TRY(connection.run(query));
  if (rows.empty()) return make_error(ErrorCode::corrupted, "The store of records is damaged.", query.name);
  return rows[0].number(0);
}

/// 0: an empty database.
Result<std::int64_t> sqlite_version(Connection& connection) {
  const std::int64_t application = TRY(number(connection, kApplication));
  if (application == 0 && TRY(number(connection, kTableCount)) == 0) return 0;
  if (application != kApplicationId) return refuse("The file of DATABASE_URL is a database of another program.");
  return number(connection, kUserVersion);
}

Result<std::int64_t> postgres_version(Connection& connection) {
  if (TRY(number(connection, kHasSchema)) == 0) return 0;
  if (TRY(number(connection, kHasVersion)) == 0) return refuse("The database of DATABASE_URL has a schema osler of another program.");
  return number(connection, kSchemaVersionQuery);
}

/// pgvector 0.8 brought scans that go on until a filter is satisfied.
Result<void> require_vectors(Connection& connection) {
  if (TRY(number(connection, kVectorAvailable)) == 0)
    return refuse("PostgreSQL has no pgvector: install the package postgresql-17-pgvector (Debian 13), or run ./run setup test on its machine (Debian 12).");
  if (TRY(connection.run(kVectorVersion)).empty() && !connection.script("CREATE EXTENSION IF NOT EXISTS vector"))
    return refuse("The extension pgvector is not in this database and this user may not create it: run CREATE EXTENSION vector in it as a superuser.");
  Rows rows = TRY(connection.run(kVectorVersion));
  const std::string version = rows.empty() ? "" : rows[0].text(0);
  int minor = 0;
  if (version.starts_with("0.")) std::from_chars(version.data() + 2, version.data() + version.size(), minor);
  if (version.starts_with("0.") && minor < 8)
    return refuse("pgvector is too old: 0.8 is needed; after installing it run ALTER EXTENSION vector UPDATE.", "pgvector " + version);
  return ok();
}

Result<void> migrate(Connection& connection) {
  const bool is_sqlite = connection.dialect() == Dialect::sqlite;
  if (!is_sqlite) TRY(connection.run(kLock));
  const std::int64_t version = is_sqlite ? TRY(sqlite_version(connection)) : TRY(postgres_version(connection));
  if (version > kSchemaVersion)
    return refuse("The store was written by a newer version of Osler.",
                  "schema " + std::to_string(version) + ", this is " + std::to_string(kSchemaVersion));
  if (!is_sqlite) TRY_VOID(require_vectors(connection));
  for (const SchemaStep& step : is_sqlite ? sqlite_steps() : postgres_steps())
    if (step.version > version) TRY_VOID(connection.script(step.script));
  return ok();
}

Result<void> require_our_keys(Connection& connection, const vault::KeyRing& keys) {
  Rows rows = TRY(connection.run(kKnownKeys));
  for (Row& row : rows) {
    const auto version = static_cast<vault::KeyVersion>(row.number(0));
    if (!keys.holds(version))
      return refuse("The store holds records under a key that is not given.", "key version " + std::to_string(version));
    if (!constant_time_equal(row.bytes(1), keys.check_value(version)))
      return refuse("The store was written under another ENCRYPTION_KEY.", "key version " + std::to_string(version));
  }
  return ok();
}

/// A version that the store has forgotten stays forgotten, also while the ring still has it.
Result<void> note_keys(Connection& connection, const vault::KeyRing& keys) {
  TRY(connection.run(kLockKeys.in(connection.dialect())));
  std::vector<vault::KeyVersion> forgotten;
  Rows rows = TRY(connection.run(kForgottenKeys));
  for (Row& row : rows) forgotten.push_back(static_cast<vault::KeyVersion>(row.number(0)));
  for (const vault::KeyVersion version : keys.versions()) {
    if (std::find(forgotten.begin(), forgotten.end(), version) == forgotten.end()) {
      const Digest value = keys.check_value(version);
      TRY(connection.run(kNoteKey, std::int64_t{version}, ByteView(value)));
    } else if (version == keys.current_version()) {
      return refuse("The newest key that is given was retired from this store: a new one is needed.", "key version " + std::to_string(version));
    }
  }
  return ok();
}

}  // namespace

Result<void> prepare_schema(Connection& connection, const vault::KeyRing& keys) {
  TRY_VOID(connection.set_time_limit(kMigrationLimit));
  Transaction transaction = TRY(Transaction::begin(connection));
  TRY_VOID(migrate(connection));
  TRY_VOID(require_our_keys(connection, keys));
  TRY_VOID(note_keys(connection, keys));
  TRY_VOID(transaction.commit());
  return connection.set_time_limit(kTimeLimit);
}

}  // namespace osler::cases::sql
