// The versioned 256-bit keys that everything else is wrapped under.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/sha256.h"
#include "vault/secret.h"

namespace osler::vault {

using KeyVersion = std::uint32_t;

/// Holds one root key a version; the highest version is current. Root keys are never used themselves: each purpose has
/// its own subkey (HKDF). Immutable once built, then thread-safe; moves.
class KeyRing {
 public:
  /// The value of ENCRYPTION_KEY: 64 hexadecimal digits, which becomes version 1. Anything else is
  /// ErrorCode::configuration, and the error never repeats the value.
  static Result<KeyRing> from_hex_key(std::string_view text);
  /// One key.
  static KeyRing of(Secret root, KeyVersion version = 1);

  /// ErrorCode::conflict when the version is 0 or taken.
  Result<void> add(KeyVersion version, Secret root);

  KeyVersion current_version() const { return versions_.rbegin()->first; }
  /// Ascending; at least one.
  std::vector<KeyVersion> versions() const;
  bool holds(KeyVersion version) const { return versions_.count(version) != 0; }

  /// Wraps data keys. The version must be held (CHECK).
  const Secret& wrapping_key(KeyVersion version) const;

  /// What a store of schema 1 made tokens and commitments with (Names::of_first_key). The version must be held (CHECK).
  const Secret& token_key(KeyVersion version) const { return at(version).tokens; }
  const Secret& commitment_key(KeyVersion version) const { return at(version).commitments; }

  /// Says which key a store belongs to without telling anything about the key. The version must be held (CHECK).
  Digest check_value(KeyVersion version) const;

 private:
  struct Subkeys {
    explicit Subkeys(const Secret& root);
    Secret wrapping, commitments, tokens, check;
  };
  KeyRing() = default;
  const Subkeys& at(KeyVersion version) const;

  std::map<KeyVersion, Subkeys> versions_;
};

}  // namespace osler::vault
