// The public keys that tokens are signed with: a JSON Web Key Set (RFC 7517), by libcjose.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct _cjose_jwk_int;

namespace osler::http {

/// An RSA key for RS256, or one on P-256 for ES256; nothing else.
class TokenKey {
 public:
  /// Which algorithm it verifies follows from its type and from nothing that a token says.
  const std::string& algorithm() const { return algorithm_; }
  const std::string& id() const { return id_; }  // `kid`; may be empty

  /// Whether this key signed `token` (three parts of base64url) by its algorithm. False too when the token names another.
  bool signed_token(const std::string& token) const;

 private:
  friend class KeySet;
  struct Release {
    void operator()(_cjose_jwk_int* key) const;
  };
  std::string id_, algorithm_;
  std::unique_ptr<_cjose_jwk_int, Release> key_;
};

/// Immutable. Verifying is for one thread at a time.
class KeySet {
 public:
  /// Keys that cannot verify RS256 or ES256 signatures (another type, curve, use or algorithm) are left out. ErrorCode::configuration when it is no key
  /// set, holds a private or secret key, an RSA key of under 2048 or over 8192 bits or with an exponent that is none, two of one id and type, or no key that is of use; too_large over
  /// limits::kMaxKeySetBytes or kMaxKeySetKeys.
  static Result<KeySet> parse(std::string_view json);

  /// The key of this id, which may be left out when the set has one key alone; null when it is not there or is not of this algorithm.
  const TokenKey* find(const std::optional<std::string>& id, std::string_view algorithm) const;
  bool has(std::string_view id) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<TokenKey> keys_;
};

}  // namespace osler::http
