// The versioned 256-bit keys that everything else is wrapped, committed and named under.
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
/// its own subkey (HKDF), so that a token never helps to open a record. Immutable once built, then thread-safe; moves.
class KeyRing {
 public:
  /// The value of ENCRYPTION_KEY: 64 hexadecimal digits, which becomes version 1. Anything else is
  /// ErrorCode::configuration, and the error never repeats the value.
  static Result<KeyRing> from_hex_key(std::string_view text);
  /// One key of version 1.
  static KeyRing of(Secret root);

  /// ErrorCode::conflict when the version is 0 or taken.
  Result<void> add(KeyVersion version, Secret root);

  KeyVersion current_version() const { return versions_.rbegin()->first; }
  /// Ascending; at least one.
  std::vector<KeyVersion> versions() const;
  bool holds(KeyVersion version) const { return versions_.count(version) != 0; }

  /// Wraps data keys. The version must be held (CHECK).
  const Secret& wrapping_key(KeyVersion version) const;

  /// `<version>:<64 hexadecimal digits>`: an HMAC that lets whoever holds the key show what a record said, and nobody
  /// else guess it (a plain hash of so guessable a thing as a patient's data could be searched).
  std::string commitment(ByteView content) const;
  /// True when `commitment` was made of `content` under any version held.
  bool commits_to(std::string_view commitment, ByteView content) const;

  /// `<version>:<32 hexadecimal digits>`: the same name of the same kind always gives the same token, and without the key
  /// a token leads to no name. Kinds are apart: token("patient", x) tells nothing about token("actor", x).
  std::string token(std::string_view kind, std::string_view name) const;
  /// The tokens of a name under every version held: to find what was stored before a rotation.
  std::vector<std::string> tokens(std::string_view kind, std::string_view name) const;

  /// Says which key a store belongs to without telling anything about the key. The version must be held (CHECK).
  Digest check_value(KeyVersion version) const;

 private:
  struct Subkeys {
    explicit Subkeys(const Secret& root);
    Secret wrapping, commitments, tokens, check;
  };
  KeyRing() = default;
  const Subkeys& at(KeyVersion version) const;
  std::string token_under(KeyVersion version, std::string_view kind, std::string_view name) const;

  std::map<KeyVersion, Subkeys> versions_;
};

}  // namespace osler::vault
