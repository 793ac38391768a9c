// The tables, whose they are, and under which keys they were written.
#pragma once

#include "base/result.h"
#include "cases/sql/connection.h"
#include "cases/sql/schema_steps.h"
#include "vault/key_ring.h"

namespace osler::cases::sql {

/// Brings the tables to kSchemaVersion and makes the ring's keys known, in one transaction under a lock, so that of two that start at once one works
/// and the other finds it done. ErrorCode::configuration, and nothing is changed, for another program's database, a newer schema, a store that was
/// written under keys this ring does not hold, a current key that the store has forgotten, and PostgreSQL without pgvector.
Result<void> prepare_schema(Connection& connection, const vault::KeyRing& keys);

}  // namespace osler::cases::sql
