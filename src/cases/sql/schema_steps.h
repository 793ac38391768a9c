// How the tables came to be what they are: forward only, one list a dialect.
#pragma once

#include <cstdint>
#include <span>

#include "cases/sql/connection.h"

namespace osler::cases::sql {

/// The tables of a database at `version - 1` (0: empty) become those of `version`. A step that was ever released is never changed.
struct SchemaStep {
  std::int64_t version;
  const char* script;
};

/// Ascending, ends with kSchemaVersion.
std::span<const SchemaStep> sqlite_steps();
std::span<const SchemaStep> postgres_steps();

inline constexpr std::int64_t kSchemaVersion = 3;
/// "Oslr" in the header of a SQLite file, and the name of the advisory lock in PostgreSQL: says that it is ours.
inline constexpr std::int64_t kApplicationId = 0x4F736C72;

}  // namespace osler::cases::sql
