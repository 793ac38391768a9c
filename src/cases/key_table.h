// Wrapped keys, apart from what they open, and the versions they are wrapped under.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "vault/envelope.h"
#include "vault/key_ring.h"

namespace osler::cases {

/// A key-encryption key that the store knows, and how many data keys are wrapped under it.
struct KeyVersionUse {
  vault::KeyVersion version = 0;
  Digest check_value{};
  std::uint64_t wrapped_keys = 0;
};

/// The data key of one sealed text: table and row as in vault::RowBinding.
struct WrappedKey {
  std::string table;
  std::string row;
  Bytes wrapped;
};

struct Rewrapped {
  WrappedKey before;
  Bytes after;
};

/// Thread-safe. Errors as for Store.
class KeyTable {
 public:
  virtual ~KeyTable() = default;

  /// Ascending.
  virtual Result<std::vector<KeyVersionUse>> versions() = 0;
  /// Makes a version known; idempotent. ErrorCode::conflict when it is known with another check value, or was forgotten.
  virtual Result<void> note(vault::KeyVersion version, const Digest& check_value) = 0;
  /// At most `limit` data keys wrapped under a version.
  virtual Result<std::vector<WrappedKey>> wrapped_under(vault::KeyVersion version, std::size_t limit) = 0;
  /// Replaces each that still is what `before` says, in one transaction; how many were. A key that was destroyed meanwhile stays destroyed.
  virtual Result<std::size_t> replace(std::span<const Rewrapped> keys) = 0;
  /// From now on nothing can be stored under this version. ErrorCode::conflict while a data key is wrapped under it: nothing changes then.
  virtual Result<void> forget(vault::KeyVersion version) = 0;

  /// A secret of the store itself, sealed like a record (table "secrets", row its name). None when there is none.
  virtual Result<std::optional<vault::SealedText>> secret(std::string_view name) = 0;
  /// ErrorCode::conflict when there is one already: of two that start at once one wins, the other reads.
  virtual Result<void> put_secret(std::string_view name, const vault::SealedText& sealed) = 0;
  /// Puts it in the place of the one that is there, if any; the last of two wins.
  virtual Result<void> replace_secret(std::string_view name, const vault::SealedText& sealed) = 0;
};

}  // namespace osler::cases
