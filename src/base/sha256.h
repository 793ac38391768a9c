// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), by OpenSSL. Thread-safe.
#pragma once

#include <array>

#include "base/bytes.h"

namespace osler {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(ByteView bytes);
/// Hash of the pieces one after the other.
Digest sha256(std::initializer_list<ByteView> pieces);
Digest hmac_sha256(ByteView key, ByteView message);

}  // namespace osler
