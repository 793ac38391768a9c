#include "vault/key_ring.h"

#include <charconv>

#include "base/check.h"

namespace osler::vault {

namespace {

constexpr std::size_t kTokenBytes = 16;

std::string versioned(KeyVersion version, ByteView bytes) { return std::to_string(version) + ":" + to_hex(bytes); }

}  // namespace

KeyRing::Subkeys::Subkeys(const Secret& root)
    : wrapping(root.derive("wrap data keys")),
      commitments(root.derive("commitments")),
      tokens(root.derive("tokens")),
      check(root.derive("check value")) {}

Result<KeyRing> KeyRing::from_hex_key(std::string_view text) {
  std::optional<Bytes> bytes = from_hex(text);
  if (text.size() != 2 * kKeyBytes || !bytes)
    return make_error(ErrorCode::configuration, "ENCRYPTION_KEY must be exactly 64 hexadecimal digits (256 bits).");
  const WipeAtExit wiper(*bytes);
  return of(Secret(*bytes));
}

KeyRing KeyRing::of(Secret root) {
  KeyRing ring;
  ring.versions_.emplace(1, Subkeys(root));
  return ring;
}

Result<void> KeyRing::add(KeyVersion version, Secret root) {
  if (version == 0 || holds(version))
    return make_error(ErrorCode::conflict, "A key of this version exists already.", std::to_string(version));
  versions_.emplace(version, Subkeys(root));
  return ok();
}

std::vector<KeyVersion> KeyRing::versions() const {
  std::vector<KeyVersion> list;
  for (const auto& [version, subkeys] : versions_) list.push_back(version);
  return list;
}

const KeyRing::Subkeys& KeyRing::at(KeyVersion version) const {
  const auto found = versions_.find(version);
  CHECK(found != versions_.end());
  return found->second;
}

const Secret& KeyRing::wrapping_key(KeyVersion version) const { return at(version).wrapping; }

std::string KeyRing::commitment(ByteView content) const {
  const KeyVersion version = current_version();
  return versioned(version, hmac_sha256(at(version).commitments.view(), content));
}

bool KeyRing::commits_to(std::string_view commitment, ByteView content) const {
  KeyVersion version = 0;
  const auto [end, failure] = std::from_chars(commitment.data(), commitment.data() + commitment.size(), version);
  if (failure != std::errc() || !holds(version)) return false;
  const std::string expected = versioned(version, hmac_sha256(at(version).commitments.view(), content));
  return constant_time_equal(as_bytes(expected), as_bytes(commitment));
}

std::string KeyRing::token_under(KeyVersion version, std::string_view kind, std::string_view name) const {
  // The length keeps ("ab", "c") apart from ("a", "bc").
  const std::string message = std::to_string(kind.size()) + ":" + std::string(kind) + std::string(name);
  const Digest digest = hmac_sha256(at(version).tokens.view(), as_bytes(message));
  return versioned(version, ByteView(digest).first(kTokenBytes));
}

std::string KeyRing::token(std::string_view kind, std::string_view name) const {
  return token_under(current_version(), kind, name);
}

std::vector<std::string> KeyRing::tokens(std::string_view kind, std::string_view name) const {
  std::vector<std::string> list;
  for (const KeyVersion version : versions()) list.push_back(token_under(version, kind, name));
  return list;
}

Digest KeyRing::check_value(KeyVersion version) const {
  return hmac_sha256(at(version).check.view(), as_bytes("osler key check 1"));
}

}  // namespace osler::vault
