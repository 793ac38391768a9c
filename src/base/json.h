// Strict JSON (RFC 8259) from outside: everything a lenient parser would let pass is an error.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.h"

namespace osler {

/// Keeps the order of members, so that answers read in the order they were written.
using Json = nlohmann::ordered_json;

/// Parses one JSON text. Refuses (ErrorCode::malformed, with the place in bytes, never the content):
/// trailing bytes, duplicate member names (with their JSON pointer), more than limits::kMaxJsonDepth levels,
/// NaN and infinities, numbers beyond double, invalid UTF-8, lone surrogates, a byte order mark.
Result<Json> parse_json(std::string_view text);

/// Whether a text is UTF-8, which writing it as JSON takes for granted: what does not come from a parser is asked first.
bool is_utf8(std::string_view text);

/// RFC 6901 escaping of one reference token (`~` and `/`).
std::string escape_pointer_token(std::string_view token);

}  // namespace osler
