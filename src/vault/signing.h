// Ed25519 signatures (RFC 8032) by OpenSSL.
#pragma once

#include <array>

#include "base/bytes.h"
#include "vault/secret.h"

namespace osler::vault {

inline constexpr std::size_t kSignatureBytes = 64;
using PublicKey = std::array<std::uint8_t, 32>;

/// Thread-safe.
class SigningKey {
 public:
  explicit SigningKey(Secret seed);
  Bytes sign(ByteView message) const;
  const PublicKey& public_key() const { return public_key_; }

 private:
  Secret seed_;
  PublicKey public_key_{};
};

/// False for anything that is not the key's signature of the message.
bool signature_is_valid(const PublicKey& key, ByteView message, ByteView signature);

}  // namespace osler::vault
