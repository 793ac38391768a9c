// docs/formats/record.md says what each column holds.
#include "cases/sql/schema_steps.h"

namespace osler::cases::sql {

namespace {

constexpr const char* kRecordsAndTheirKeys = R"sql(
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

// A wrapped key names its version in bytes 1 to 4, the lowest first (docs/formats/record.md): SQLite reads them off the hexadecimal form, digit by digit.
constexpr const char* kEverythingElse = R"sql(
CREATE TABLE key_versions(
  version INTEGER PRIMARY KEY,
  check_value BLOB NOT NULL
) STRICT;
CREATE TABLE forgotten_key_versions(version INTEGER PRIMARY KEY) STRICT;
INSERT INTO key_versions SELECT version, value FROM key_checks;
DROP TABLE key_checks;

CREATE TABLE sealed_keys(
  table_name TEXT NOT NULL,
  row_id TEXT NOT NULL,
  key_version INTEGER NOT NULL REFERENCES key_versions(version),
  wrapped_key BLOB NOT NULL,
  PRIMARY KEY(table_name, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_keys_by_version ON sealed_keys(key_version);
INSERT INTO sealed_keys
  SELECT 'records', request_id,
         (SELECT sum((instr('0123456789ABCDEF', substr(hex(substr(wrapped_key, 1, 5)), column1, 1)) - 1) * column2)
            FROM (VALUES (3, 16), (4, 1), (5, 4096), (6, 256), (7, 1048576), (8, 65536), (9, 268435456), (10, 16777216))),
         wrapped_key
    FROM record_keys WHERE request_id IN (SELECT request_id FROM records);
DROP TABLE record_keys;
CREATE TABLE secrets(
  name TEXT PRIMARY KEY,
  payload BLOB NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE records RENAME TO old_records;
DROP INDEX records_by_patient;
CREATE TABLE records(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT NOT NULL UNIQUE,
  patient_token TEXT NOT NULL,
  owner TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  model_version TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;
INSERT INTO records SELECT sequence, request_id, patient_token, '', time_ms, model_version, payload FROM old_records ORDER BY sequence;
DROP TABLE old_records;
CREATE INDEX records_by_patient ON records(patient_token, sequence);
CREATE INDEX records_by_time ON records(time_ms, sequence);
CREATE INDEX records_by_owner ON records(owner, sequence);

CREATE TABLE shares(
  request_id TEXT NOT NULL REFERENCES records(request_id) ON DELETE CASCADE,
  reader TEXT NOT NULL,
  PRIMARY KEY(request_id, reader)
) STRICT, WITHOUT ROWID;
CREATE INDEX shares_by_reader ON shares(reader, request_id);
CREATE TABLE holds(patient_token TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE case_summaries(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT NOT NULL UNIQUE REFERENCES records(request_id) ON DELETE CASCADE,
  vector_set TEXT NOT NULL,
  vector BLOB NOT NULL,
  age_band TEXT NOT NULL,
  sex TEXT NOT NULL,
  condition TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE INDEX case_summaries_by_set ON case_summaries(vector_set, sequence);

CREATE TABLE batches(
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  format TEXT NOT NULL,
  state TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  options TEXT NOT NULL,
  cases INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  chunks_done INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batches_by_owner ON batches(owner, created_ms);
CREATE INDEX batches_ready ON batches(created_ms, id) WHERE state = 'ready';
CREATE TABLE batch_chunks(
  batch TEXT NOT NULL REFERENCES batches(id),
  chunk INTEGER NOT NULL,
  first_line INTEGER NOT NULL,
  payload BLOB,
  worker TEXT NOT NULL DEFAULT '',
  lease_until_ms INTEGER NOT NULL DEFAULT 0,
  claims INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(batch, chunk)
) STRICT;
CREATE INDEX batch_chunks_open ON batch_chunks(batch, chunk) WHERE done = 0;
CREATE TABLE batch_outcomes(
  batch TEXT NOT NULL REFERENCES batches(id),
  line INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  refusal TEXT NOT NULL,
  PRIMARY KEY(batch, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys(
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  prefix TEXT NOT NULL UNIQUE,
  digest BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 2;
)sql";

// Patients who were deleted while a batch waited.
constexpr const char* kExclusions = R"sql(
CREATE TABLE batch_exclusions(
  batch TEXT NOT NULL REFERENCES batches(id),
  patient_token TEXT NOT NULL,
  PRIMARY KEY(batch, patient_token)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 3;
)sql";

constexpr SchemaStep kSteps[] = {{1, kRecordsAndTheirKeys}, {2, kEverythingElse}, {3, kExclusions}};

}  // namespace

std::span<const SchemaStep> sqlite_steps() { return kSteps; }

static_assert(kApplicationId == 1332964466);

}  // namespace osler::cases::sql
