// JSON Web Tokens (RFC 7519, RFC 8725) as bearer tokens: RS256 and ES256, signed by a key of the configured set and by nothing that the token brings.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "http/middleware/auth.h"
#include "http/middleware/jwks_source.h"

namespace osler::http {

struct TokenRules {
  std::string issuer;    // `iss`, byte for byte
  std::string audience;  // is, or is among, `aud`
  std::string roles_claim = "roles";  // a member, or a path such as realm_access.roles; a text or an array of texts
  std::string name_claim = "sub";     // who it is: 1 to 128 of A-Z a-z 0-9 . _ - @ | + / = :
  std::vector<std::pair<std::string, Role>> roles{};  // what a role is called there; the first that a token has counts. Empty: as here
  std::chrono::seconds clock_skew{60};
};

/// Whether a text is written like a token; no more than that.
bool looks_like_token(std::string_view text);

/// For one thread at a time.
class TokenVerifier {
 public:
  /// `keys` outlives it.
  TokenVerifier(TokenRules rules, KeySetSource& keys);

  /// Somebody, or why not. A token that was well signed and is not valid (now, here) is no guess.
  Login login(std::string_view token, WallTime now) const;

 private:
  Result<Principal> accept(const Json& claims, WallTime now) const;
  Result<void> check_times(const Json& claims, WallTime now) const;
  Result<Role> role_of(const Json& claims) const;

  TokenRules rules_;
  KeySetSource& keys_;
};

}  // namespace osler::http
