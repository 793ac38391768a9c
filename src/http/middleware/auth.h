// Who may do what: roles, API keys, and the check of a request's key.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace osler::http {

enum class Role { clinician, integrator, data_scientist, auditor, admin };
std::string_view name_of(Role role);
std::optional<Role> parse_role(std::string_view text);

/// The roles that a route lets in.
class RoleSet {
 public:
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= 1u << static_cast<unsigned>(role);
  }
  static constexpr RoleSet anyone() { return RoleSet(kAnyone); }
  static constexpr RoleSet any_key() {
    return {Role::clinician, Role::integrator, Role::data_scientist, Role::auditor, Role::admin};
  }
  constexpr bool open_to_anyone() const { return bits_ == kAnyone; }
  constexpr bool contains(Role role) const { return (bits_ >> static_cast<unsigned>(role)) & 1u; }

 private:
  static constexpr unsigned kAnyone = ~0u;
  explicit constexpr RoleSet(unsigned bits) : bits_(bits) {}
  unsigned bits_ = 0;
};

/// A key by its SHA-256: the server never holds the key itself.
class ApiKey {
 public:
  /// `name`: 1 to 64 of A-Z a-z 0-9 . _ -, not "trial" (it stands in logs and in the audit). `sha256_hex`: 64 hexadecimal
  /// digits. ErrorCode::configuration otherwise.
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

/// Who sent a request.
struct Principal {
  std::string name;
  Role role = Role::clinician;
};

/// Immutable, thread-safe.
class Authenticator {
 public:
  explicit Authenticator(std::vector<ApiKey> keys) : keys_(std::move(keys)) {}

  /// The owner of the key in `Authorization: Bearer` or `X-API-Key`; none when there is no key, an unknown one, or two
  /// that differ. Takes the same time whichever key matches.
  std::optional<Principal> authenticate(const HeaderFields& headers) const;

 private:
  std::vector<ApiKey> keys_;
};

}  // namespace osler::http
