#include "vault/key_ring.h"

#include "base/check.h"

namespace osler::vault {

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

KeyRing KeyRing::of(Secret root, KeyVersion version) {
  CHECK(version != 0);
  KeyRing ring;
  ring.versions_.emplace(version, Subkeys(root));
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

Digest KeyRing::check_value(KeyVersion version) const {
  return hmac_sha256(at(version).check.view(), as_bytes("osler key check 1"));
}

}  // namespace osler::vault
