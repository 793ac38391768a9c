// What several tests ask of an answer or need for a key.
#pragma once

#include <openssl/sha.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/message.h"

namespace osler::http::testing {

/// The value of a header, "(none)" without it.
inline std::string header(const Response& response, std::string_view name) {
  for (const auto& [field, value] : response.headers)
    if (field == name) return value;
  return "(none)";
}

/// SHA-256 in hexadecimal, as the list of keys holds it.
inline std::string sha256(std::string_view text) {
  Bytes digest(32);
  SHA256(as_bytes(text).data(), text.size(), digest.data());
  return to_hex(digest);
}

}  // namespace osler::http::testing
