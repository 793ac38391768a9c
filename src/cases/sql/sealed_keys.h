// The wrapped key of each sealed text, in one table whatever it opens.
#pragma once

#include <string_view>

#include "cases/sql/connection.h"
#include "vault/envelope.h"

namespace osler::cases::sql {

/// Adds the key of a sealed text; views `wrapped_key`. ErrorCode::corrupted when the bytes are no wrapped key. Run under a version that the store does
/// not know, it is not_found.
Result<Statement> insert_key(std::string_view table, std::string_view row, ByteView wrapped_key);
/// No error when there is none.
Statement delete_key(std::string_view table, std::string_view row);

}  // namespace osler::cases::sql
