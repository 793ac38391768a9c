#include "http/middleware/key_text.h"

#include "base/bytes.h"

namespace osler::http {

namespace {

constexpr std::string_view kStart = "osler_";
constexpr std::size_t kPrefixBytes = 4, kSecretBytes = 32;
constexpr std::size_t kPrefixCharacters = 2 * kPrefixBytes, kSecretCharacters = 43;

}  // namespace

KeyText make_key_text() {
  KeyText key;
  key.prefix = to_hex(random_bytes(kPrefixBytes));
  key.text = std::string(kStart) + key.prefix + "_" + to_base64url(random_bytes(kSecretBytes));
  return key;
}

std::optional<std::string_view> key_prefix(std::string_view text) {
  const std::size_t underscore = kStart.size() + kPrefixCharacters;
  if (text.size() != underscore + 1 + kSecretCharacters || !text.starts_with(kStart) || text[underscore] != '_') return std::nullopt;
  const std::string_view prefix = text.substr(kStart.size(), kPrefixCharacters);
  if (!from_hex(prefix) || !from_base64url(text.substr(underscore + 1))) return std::nullopt;
  return prefix;
}

}  // namespace osler::http
