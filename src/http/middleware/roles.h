// Who may do what: roles of people and programs, and scopes that narrow what a token may be used for.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

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

/// What a request is for, written `osler.<name>` in a token: to ask about a patient and to say what became of them, to read what is
/// stored about patients and change nothing, to watch over the server.
enum class Scope { diagnose, read, operate };
std::string_view name_of(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

class ScopeSet {
 public:
  constexpr ScopeSet() = default;
  static constexpr ScopeSet all() {
    ScopeSet set;
    set.bits_ = ~0u;
    return set;
  }
  constexpr void add(Scope scope) { bits_ |= 1u << static_cast<unsigned>(scope); }
  constexpr bool contains(Scope scope) const { return (bits_ >> static_cast<unsigned>(scope)) & 1u; }

 private:
  unsigned bits_ = 0;
};

/// Who sent a request.
struct Principal {
  std::string name;  // of the key, or "user:" and the name that a token gives: no key's name holds a colon
  Role role = Role::clinician;
  ScopeSet scopes = ScopeSet::all();
};

}  // namespace osler::http
