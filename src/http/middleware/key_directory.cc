#include "http/middleware/key_directory.h"

#include "http/middleware/key_text.h"

namespace osler::http {

std::string key_statement(std::string_view key, const cases::StoredApiKey& owner) {
  const std::string end = owner.expires ? std::to_string(owner.expires->time_since_epoch().count()) : "never";
  return std::string(key) + "\n" + owner.name + "\n" + owner.role + "\n" + end;  // names and roles have no line breaks
}

void HeldKeys::replace(std::vector<cases::StoredApiKey> keys) {
  auto by_prefix = std::make_shared<ByPrefix>();
  for (cases::StoredApiKey& key : keys) by_prefix->emplace(key.prefix, std::move(key));
  const std::lock_guard lock(mutex_);
  keys_ = std::move(by_prefix);
}

std::optional<Principal> HeldKeys::find(std::string_view key, WallTime now) const {
  const auto prefix = key_prefix(key);
  if (!prefix) return std::nullopt;
  std::shared_ptr<const ByPrefix> keys;
  {
    const std::lock_guard lock(mutex_);
    keys = keys_;
  }
  const auto entry = keys->find(*prefix);
  const cases::StoredApiKey nobody;
  const cases::StoredApiKey& owner = entry == keys->end() ? nobody : entry->second;  // an unknown prefix takes as long as a known one
  const Digest digest = digest_of_(key_statement(key, owner));
  if (!constant_time_equal(owner.digest, digest) || &owner == &nobody) return std::nullopt;
  if (owner.revoked || (owner.expires && *owner.expires <= now)) return std::nullopt;
  const auto role = parse_role(owner.role);
  if (!role) return std::nullopt;  // of a later version
  return Principal{owner.name, *role};
}

}  // namespace osler::http
