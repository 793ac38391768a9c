// The part of JSON Schema 2020-12 that web/openapi.json uses.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace osler::http::testing {

/// What of `value` breaks `schema`, one line each; empty when nothing does. `root` is the document that "#/..." refers to.
/// A keyword that this does not know is a fault, so that no rule goes unchecked.
std::string schema_faults(const Json& root, const Json& schema, const Json& value, const std::string& where = "");

/// The value a "#/a/b" reference names; null when there is none.
const Json* resolve_reference(const Json& root, std::string_view reference);

}  // namespace osler::http::testing
