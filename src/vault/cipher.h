// AES-256-GCM (NIST SP 800-38D) by OpenSSL.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "vault/secret.h"

namespace osler::vault {

inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

/// Encrypts under a fresh random nonce: nonce | ciphertext | tag. With random nonces one key must not seal more than
/// 2^32 messages; ours seal one (data keys) or one a record (key-encryption keys).
Bytes encrypt(const Secret& key, ByteView associated_data, ByteView plaintext);

/// ErrorCode::corrupted unless `sealed` is what encrypt() made under this key and associated data. Gives nothing of a
/// forged text away. Whoever calls wipes the plaintext when it is a key.
Result<Bytes> decrypt(const Secret& key, ByteView associated_data, ByteView sealed);

}  // namespace osler::vault
