// Envelope encryption: every record has its own data key, which is wrapped by the key ring. Rotation rewraps keys and
// touches no data; destroying the wrapped key destroys the record. Byte grammar: docs/formats/record.md.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "vault/key_ring.h"

namespace osler::vault {

/// Where a sealed text belongs. All of it is authenticated, so that a text moved to another row or table does not open.
struct RowBinding {
  std::string_view table;
  std::string_view row;
  std::string_view beside = {};  // what stands in clear beside a payload and must stay as it is; the data key is not bound to it
};

struct SealedText {
  Bytes wrapped_key;  // kWrappedKeyBytes
  Bytes payload;      // plaintext length + kNonceBytes + kTagBytes + 1
};

inline constexpr std::size_t kWrappedKeyBytes = 1 + 4 + 12 + kKeyBytes + 16;

/// Seals under a fresh data key, wrapped by the current version.
SealedText seal(const KeyRing& keys, const RowBinding& binding, ByteView plaintext);

/// ErrorCode::corrupted when anything was changed or moved; ErrorCode::not_found when the key version is not held (retired
/// or another ring's).
Result<Bytes> open(const KeyRing& keys, const RowBinding& binding, const SealedText& sealed);

/// The version a data key is wrapped under; ErrorCode::corrupted when the bytes are not a wrapped key.
Result<KeyVersion> version_of(ByteView wrapped_key);

/// The same data key under the current version of `to`: what rotation does. Errors as for open() with `from`.
Result<Bytes> rewrap(const KeyRing& from, const KeyRing& to, const RowBinding& binding, ByteView wrapped_key);

}  // namespace osler::vault
