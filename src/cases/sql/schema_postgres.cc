// docs/formats/record.md says what each column holds. Keys have a schema of their own, so that pg_dump can take them apart from what they open.
#include "cases/sql/schema_steps.h"

namespace osler::cases::sql {

namespace {

// Sealed bytes do not compress: they are stored as they are. Vectors of fewer than 384 dimensions are filled up with zeros, which changes no inner
// product, so that one index serves all; it holds half precision, and what it finds is ordered by the vectors themselves.
constexpr const char* kEverything = R"sql(
CREATE SCHEMA osler;
CREATE SCHEMA osler_keys;
CREATE TABLE osler.schema_version(version BIGINT NOT NULL);
INSERT INTO osler.schema_version VALUES (2);

CREATE TABLE osler_keys.key_versions(
  version BIGINT PRIMARY KEY,
  check_value BYTEA NOT NULL
);
CREATE TABLE osler_keys.forgotten_key_versions(version BIGINT PRIMARY KEY);
CREATE TABLE osler_keys.sealed_keys(
  table_name TEXT NOT NULL,
  row_id TEXT NOT NULL,
  key_version BIGINT NOT NULL REFERENCES osler_keys.key_versions(version),
  wrapped_key BYTEA NOT NULL,
  PRIMARY KEY(table_name, row_id)
);
CREATE INDEX sealed_keys_by_version ON osler_keys.sealed_keys(key_version);
CREATE TABLE osler_keys.secrets(
  name TEXT PRIMARY KEY,
  payload BYTEA NOT NULL
);

CREATE TABLE osler.records(
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  patient_token TEXT NOT NULL,
  owner TEXT NOT NULL,
  time_ms BIGINT NOT NULL,
  model_version TEXT NOT NULL,
  payload BYTEA NOT NULL
);
ALTER TABLE osler.records ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX records_by_patient ON osler.records(patient_token, sequence);
CREATE INDEX records_by_time ON osler.records(time_ms, sequence);
CREATE INDEX records_by_owner ON osler.records(owner, sequence);

CREATE TABLE osler.shares(
  request_id TEXT NOT NULL REFERENCES osler.records(request_id) ON DELETE CASCADE,
  reader TEXT NOT NULL,
  PRIMARY KEY(request_id, reader)
);
CREATE INDEX shares_by_reader ON osler.shares(reader, request_id);
CREATE TABLE osler.holds(patient_token TEXT PRIMARY KEY);

CREATE TABLE osler.case_summaries(
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE REFERENCES osler.records(request_id) ON DELETE CASCADE,
  vector_set TEXT NOT NULL,
  dimensions BIGINT NOT NULL,
  vector vector(384) NOT NULL,
  age_band TEXT NOT NULL,
  sex TEXT NOT NULL,
  condition TEXT NOT NULL,
  time_ms BIGINT NOT NULL,
  payload BYTEA NOT NULL
);
ALTER TABLE osler.case_summaries ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX case_summaries_by_set ON osler.case_summaries(vector_set, condition);
CREATE INDEX case_summaries_by_time ON osler.case_summaries(time_ms);
CREATE INDEX case_summaries_by_vector ON osler.case_summaries USING hnsw ((vector::halfvec(384)) halfvec_ip_ops) WITH (m = 16, ef_construction = 100);

CREATE TABLE osler.batches(
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  format TEXT NOT NULL,
  state TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  options TEXT NOT NULL,
  cases BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  chunks BIGINT NOT NULL,
  chunks_done BIGINT NOT NULL
);
CREATE INDEX batches_by_owner ON osler.batches(owner, created_ms);
CREATE INDEX batches_ready ON osler.batches(created_ms, id) WHERE state = 'ready';
CREATE TABLE osler.batch_chunks(
  batch TEXT NOT NULL REFERENCES osler.batches(id),
  chunk BIGINT NOT NULL,
  first_line BIGINT NOT NULL,
  payload BYTEA,
  worker TEXT NOT NULL DEFAULT '',
  lease_until_ms BIGINT NOT NULL DEFAULT 0,
  claims BIGINT NOT NULL DEFAULT 0,
  done BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY(batch, chunk)
);
ALTER TABLE osler.batch_chunks ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX batch_chunks_open ON osler.batch_chunks(batch, chunk) WHERE done = 0;
CREATE TABLE osler.batch_outcomes(
  batch TEXT NOT NULL REFERENCES osler.batches(id),
  line BIGINT NOT NULL,
  request_id TEXT NOT NULL,
  refusal TEXT NOT NULL,
  PRIMARY KEY(batch, line)
);

CREATE TABLE osler.api_keys(
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  prefix TEXT NOT NULL UNIQUE,
  digest BYTEA NOT NULL,
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT,
  revoked_ms BIGINT
);
)sql";

// Patients who were deleted while a batch waited.
constexpr const char* kExclusions = R"sql(
CREATE TABLE osler.batch_exclusions(
  batch TEXT NOT NULL REFERENCES osler.batches(id),
  patient_token TEXT NOT NULL,
  PRIMARY KEY(batch, patient_token)
);
UPDATE osler.schema_version SET version = 3;
)sql";

constexpr SchemaStep kSteps[] = {{2, kEverything}, {3, kExclusions}};

}  // namespace

std::span<const SchemaStep> postgres_steps() { return kSteps; }

}  // namespace osler::cases::sql
