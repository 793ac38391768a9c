// Logging in: what a request presents, and whose it is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "http/middleware/key_directory.h"
#include "http/middleware/roles.h"

namespace osler::http {

class TokenVerifier;

/// 1 to 64 of A-Z a-z 0-9 . _ -: it stands in logs and in the audit, so not "trial", "anonymous" or "system", who are others there.
bool is_key_name(std::string_view name);

/// A key of API_KEYS_FILE by its SHA-256: the server never holds the key itself.
class ApiKey {
 public:
  /// `sha256_hex`: 64 hexadecimal digits. ErrorCode::configuration for that, another role, or what is_key_name() refuses.
  static Result<ApiKey> create(std::string name, std::string_view role, std::string_view sha256_hex);

  const std::string& name() const { return name_; }
  Role role() const { return role_; }
  const std::array<std::uint8_t, 32>& digest() const { return digest_; }

 private:
  ApiKey() = default;
  std::string name_;
  Role role_ = Role::clinician;
  std::array<std::uint8_t, 32> digest_{};
};

/// What a request's credentials came to. Neither a principal nor a refusal: it had none.
struct Login {
  std::optional<Principal> principal{};
  std::optional<Error> refusal{};  // ErrorCode::unauthenticated, or forbidden for somebody known who has no role here
  bool guess = false;              // of a refusal: it may have been a try at a key, and counts for the lock-out
  std::string key_prefix{};        // of a key in our form that was refused
};

/// Immutable, thread-safe.
class Authenticator {
 public:
  /// `directory` and `tokens` may be null; they outlive the authenticator.
  explicit Authenticator(std::vector<ApiKey> keys, const KeyDirectory* directory = nullptr, const TokenVerifier* tokens = nullptr)
      : keys_(std::move(keys)), directory_(directory), tokens_(tokens) {}

  /// Whether there is anything to look at: some hundred bytes of text, not whether it opens anything.
  static bool presents(const HeaderFields& headers);

  /// By the key in `Authorization: Bearer` or `X-API-Key`, or by the JSON Web Token in `Authorization: Bearer`. Two that differ are refused.
  Login login(const HeaderFields& headers, WallTime now) const;

 private:
  std::optional<Principal> find_key(std::string_view key, WallTime now) const;

  std::vector<ApiKey> keys_;
  const KeyDirectory* directory_;
  const TokenVerifier* tokens_;
};

}  // namespace osler::http
