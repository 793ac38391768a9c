// The tables of the embedded store and whose store it is.
#pragma once

#include "base/result.h"
#include "cases/sqlite/database.h"
#include "vault/key_ring.h"

namespace osler::cases::sqlite {

/// "Oslr" in the file's header: says that a database is ours.
inline constexpr std::int64_t kApplicationId = 0x4F736C72;
inline constexpr std::int64_t kSchemaVersion = 1;

/// Makes the tables in an empty database, or checks that they are ours. ErrorCode::configuration for another program's
/// database, for a newer schema, and for a store that was written under keys this ring does not hold.
Result<void> prepare_schema(Database& database, const vault::KeyRing& keys);

}  // namespace osler::cases::sqlite
