#include "http/middleware/auth.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/bytes.h"

namespace osler::http {

namespace {

constexpr std::string_view kRoleNames[] = {"clinician", "integrator", "data_scientist", "auditor", "admin"};
constexpr std::size_t kMaxKeyBytes = 512;

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::optional<std::string_view> bearer_token(const HeaderFields& headers) {
  const auto value = headers.find("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (!value || value->size() <= kScheme.size()) return std::nullopt;
  if (!equal_ignoring_case(value->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return trim(value->substr(kScheme.size()));
}

/// None when no key is sent, or when two are sent that differ.
std::optional<std::string_view> presented_key(const HeaderFields& headers) {
  if (headers.count("authorization") > 1 || headers.count("x-api-key") > 1) return std::nullopt;
  const auto bearer = bearer_token(headers);
  const auto plain = headers.find("x-api-key");
  if (bearer && plain && *bearer != trim(*plain)) return std::nullopt;
  if (bearer) return bearer;
  if (plain) return trim(*plain);
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kRoleNames); ++i)
    if (kRoleNames[i] == text) return static_cast<Role>(i);
  return std::nullopt;
}

Result<ApiKey> ApiKey::create(std::string name, std::string_view role, std::string_view sha256_hex) {
  if (name.empty() || name.size() > 64 || name == "trial" || !std::all_of(name.begin(), name.end(), is_name_character))
    return make_error(ErrorCode::configuration,
                      "The name of an API key must be 1 to 64 of A-Z a-z 0-9 . _ - and not \"trial\".");
  const auto parsed = parse_role(role);
  if (!parsed)
    return make_error(ErrorCode::configuration,
                      "The role of an API key must be clinician, integrator, data_scientist, auditor or admin.");
  const auto digest = from_hex(sha256_hex);
  if (!digest || digest->size() != 32)
    return make_error(ErrorCode::configuration, "The SHA-256 of an API key must be 64 hexadecimal digits.");
  ApiKey key;
  key.name_ = std::move(name);
  key.role_ = *parsed;
  std::copy(digest->begin(), digest->end(), key.digest_.begin());
  return key;
}

std::optional<Principal> Authenticator::authenticate(const HeaderFields& headers) const {
  const auto key = presented_key(headers);
  if (!key || key->empty() || key->size() > kMaxKeyBytes) return std::nullopt;
  std::array<std::uint8_t, 32> digest{};
  SHA256(as_bytes(*key).data(), key->size(), digest.data());
  const ApiKey* owner = nullptr;
  for (const ApiKey& candidate : keys_)  // no early end: time must not tell which key it was
    if (constant_time_equal(candidate.digest(), digest)) owner = &candidate;
  if (owner == nullptr) return std::nullopt;
  return Principal{owner->name(), owner->role()};
}

}  // namespace osler::http
