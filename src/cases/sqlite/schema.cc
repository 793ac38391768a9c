#include "cases/sqlite/schema.h"

namespace osler::cases::sqlite {

namespace {

// Wrapped keys stand apart from what they open, so that they can be backed up apart.
constexpr const char* kTables = R"sql(
CREATE TABLE key_checks(
  version INTEGER PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;
CREATE TABLE records(
  sequence INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  patient_token TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  model_version TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE INDEX records_by_patient ON records(patient_token, sequence);
CREATE TABLE record_keys(
  request_id TEXT PRIMARY KEY,
  wrapped_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1332964466;
PRAGMA user_version = 1;
)sql";
static_assert(kApplicationId == 1332964466 && kSchemaVersion == 1);

Error refuse(std::string external, std::string internal = {}) {
  return make_error(ErrorCode::configuration, std::move(external), std::move(internal));
}

Result<void> require_ours(Database& database) {
  if (TRY(database.number("PRAGMA application_id")) != kApplicationId)
    return refuse("The file of DATABASE_URL is a database of another program.");
  const std::int64_t version = TRY(database.number("PRAGMA user_version"));
  if (version != kSchemaVersion)
    return refuse("The store was written by another version of Osler.",
                  "schema " + std::to_string(version) + ", this is " + std::to_string(kSchemaVersion));
  return ok();
}

Result<void> require_our_keys(Database& database, const vault::KeyRing& keys) {
  Statement statement = TRY(database.prepare("SELECT version, value FROM key_checks ORDER BY version"));
  while (TRY(statement.step())) {
    const auto version = static_cast<vault::KeyVersion>(statement.number(0));
    const Bytes value = statement.bytes(1);
    if (!keys.holds(version))
      return refuse("The store holds records under a key that is not given.", "key version " + std::to_string(version));
    if (!constant_time_equal(value, keys.check_value(version)))
      return refuse("The store was written under another ENCRYPTION_KEY.", "key version " + std::to_string(version));
  }
  return ok();
}

Result<void> note_keys(Database& database, const vault::KeyRing& keys) {
  Statement statement = TRY(database.prepare("INSERT OR IGNORE INTO key_checks(version, value) VALUES(?1, ?2)"));
  for (const vault::KeyVersion version : keys.versions()) {
    const Digest value = keys.check_value(version);
    TRY_VOID(statement.bind(1, std::int64_t{version}).bind(2, ByteView(value)).run());
  }
  return ok();
}

}  // namespace

Result<void> prepare_schema(Database& database, const vault::KeyRing& keys) {
  Transaction transaction = TRY(Transaction::begin(database));
  const bool fresh = TRY(database.number("SELECT count(*) FROM sqlite_schema")) == 0 &&
                     TRY(database.number("PRAGMA application_id")) == 0;
  if (fresh) TRY_VOID(database.execute(kTables));
  else TRY_VOID(require_ours(database));
  TRY_VOID(require_our_keys(database, keys));
  TRY_VOID(note_keys(database, keys));
  return transaction.commit();
}

}  // namespace osler::cases::sqlite
