// Names without names: tokens, commitments and digests under secrets of the store that no rotation changes.
//
// They are made once, sealed under the key ring like a record, and rewrapped with it: so what was found by a token before a rotation is found by the same
// token after it, and a key version can be retired without a look at the data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/sha256.h"
#include "vault/envelope.h"
#include "vault/key_ring.h"
#include "vault/secret.h"

namespace osler::vault {

/// Immutable, thread-safe; moves.
class Names {
 public:
  /// Fresh ones.
  static Names random();
  /// Those that a store of schema 1 used: tokens and commitments of key version 1, which must be held (CHECK); the others follow from it.
  static Names of_first_key(const KeyRing& keys);
  /// Opens what sealed() gave. Errors as for vault::open().
  static Result<Names> open(const KeyRing& keys, const SealedText& sealed);
  SealedText sealed(const KeyRing& keys) const;

  /// `1:<32 hexadecimal digits>`: the same name of the same kind always gives the same token, and without the secret a token leads to no name. Kinds
  /// are apart: token("patient", x) tells nothing about token("actor", x).
  std::string token(std::string_view kind, std::string_view name) const;

  /// `1:<base64url>`: like a token, but whoever holds the secret can read the name in it, for what is both looked up and shown. Its length tells that of
  /// the name.
  std::string sealed_name(std::string_view kind, std::string_view name) const;
  /// The name in it. ErrorCode::corrupted for any text that sealed_name() did not give for this kind.
  Result<std::string> open_name(std::string_view kind, std::string_view text) const;

  /// `1:<64 hexadecimal digits>`: an HMAC that lets whoever holds the secret show what a record said, and nobody else guess it.
  std::string commitment(ByteView content) const;
  bool commits_to(std::string_view commitment, ByteView content) const;

  /// Keyed SHA-256 (HMAC) of an API key and what it gives: whoever reads the table can neither use it nor try guesses, whoever writes it cannot give a key more.
  Digest digest(std::string_view key_statement) const;

  /// A UUID (version 8, RFC 9562) that follows from a batch and a line of it: what is answered twice has one number.
  std::string request_id(std::string_view batch, std::uint64_t line) const;

  /// For the secret rotation of vectors of one set and number of dimensions.
  Secret rotation_seed(std::string_view vector_set) const;

 private:
  Names(Secret tokens, Secret commitments, Secret digests, Secret rotations);
  Bytes mask(ByteView synthetic_iv, ByteView text) const;
  Secret tokens_, commitments_, digests_, rotations_;
};

}  // namespace osler::vault
