// Identifiers of our own making.
#pragma once

#include <string>
#include <string_view>

namespace osler {

/// A random (version 4) UUID, lower case, RFC 9562. Thread-safe.
std::string make_uuid();

/// True for the 8-4-4-4-12 hexadecimal shape, any version.
bool is_uuid(std::string_view text);

}  // namespace osler
