// Keys of an identity provider and tokens that they sign, made by OpenSSL and not by the library under test.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"

struct evp_pkey_st;

namespace osler::http::testing {

class SigningKey {
 public:
  static SigningKey rsa(unsigned bits = 2048);
  static SigningKey ec(const char* curve = "P-256");

  /// The public JSON Web Key; `id` empty: without kid.
  Json jwk(const std::string& id = "") const;
  /// RS256 or ES256 over `text`, as a token has it (ES256: 64 bytes).
  std::string signature(std::string_view text) const;
  /// The public key as PEM, as somebody would feed it to HS256.
  std::string public_pem() const;
  std::string algorithm() const { return rsa_ ? "RS256" : "ES256"; }

  /// A signed token.
  std::string token(const Json& header, const Json& claims) const { return token_of(header.dump(), claims.dump()); }
  /// The same of any text.
  std::string token_of(std::string_view header, std::string_view claims) const;

 private:
  SigningKey(evp_pkey_st* key, bool is_rsa);
  std::string number(const char* parameter, std::size_t bytes) const;
  std::shared_ptr<evp_pkey_st> key_;
  bool rsa_;
};

/// {"keys": [...]}
std::string key_set(std::initializer_list<Json> keys);

}  // namespace osler::http::testing
