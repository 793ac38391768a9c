#include "http/middleware/auth.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/sha256.h"
#include "http/middleware/jwt.h"
#include "http/middleware/key_text.h"

namespace osler::http {

namespace {

constexpr std::size_t kMaxKeyBytes = 512;

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::optional<std::string_view> bearer_of(const HeaderFields& headers) {
  const auto value = headers.find("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (!value || value->size() <= kScheme.size()) return std::nullopt;
  if (!equal_ignoring_case(value->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return trim(value->substr(kScheme.size()));
}

struct Presented {
  std::string_view text;
  bool bearer = false;
};

/// None when what is sent is of another scheme, or two that differ.
std::optional<Presented> presented(const HeaderFields& headers) {
  if (headers.count("authorization") > 1 || headers.count("x-api-key") > 1) return std::nullopt;
  const auto bearer = bearer_of(headers);
  const auto plain = headers.find("x-api-key");
  if (bearer && plain && *bearer != trim(*plain)) return std::nullopt;
  if (bearer) return Presented{*bearer, true};
  if (plain) return Presented{trim(*plain)};
  return std::nullopt;
}

Login refused() {
  Login login;
  login.refusal = make_error(ErrorCode::unauthenticated, "A valid API key or token is required.");
  login.guess = true;
  return login;
}

}  // namespace

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name != "trial" && name != "anonymous" && name != "system" && std::all_of(name.begin(), name.end(), is_name_character);
}

Result<ApiKey> ApiKey::create(std::string name, std::string_view role, std::string_view sha256_hex) {
  if (!is_key_name(name))
    return make_error(ErrorCode::configuration,
                      "The name of an API key must be 1 to 64 of A-Z a-z 0-9 . _ - and not \"trial\", \"anonymous\" or \"system\".");
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

bool Authenticator::presents(const HeaderFields& headers) { return headers.find("authorization") || headers.find("x-api-key"); }

std::optional<Principal> Authenticator::find_key(std::string_view key, WallTime now) const {
  if (key.empty() || key.size() > kMaxKeyBytes) return std::nullopt;
  const Digest digest = sha256(as_bytes(key));
  const ApiKey* owner = nullptr;
  for (const ApiKey& candidate : keys_)  // no early end: time must not tell which key it was
    if (constant_time_equal(candidate.digest(), digest)) owner = &candidate;
  if (owner != nullptr) return Principal{owner->name(), owner->role()};
  return directory_ == nullptr ? std::nullopt : directory_->find(key, now);
}

Login Authenticator::login(const HeaderFields& headers, WallTime now) const {
  if (!presents(headers)) return {};
  const auto credential = presented(headers);
  if (!credential) return refused();
  if (auto principal = find_key(credential->text, now)) {
    Login login;
    login.principal = std::move(principal);
    return login;
  }
  if (tokens_ != nullptr && credential->bearer && looks_like_token(credential->text)) return tokens_->login(credential->text, now);
  Login login = refused();
  if (const auto prefix = key_prefix(credential->text)) login.key_prefix = std::string(*prefix);
  return login;
}

}  // namespace osler::http
