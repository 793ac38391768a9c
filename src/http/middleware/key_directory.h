// Who owns a presented API key.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/sha256.h"
#include "cases/api_keys.h"
#include "http/middleware/roles.h"

namespace osler::http {

/// What the digest of a stored key is made of: the key, its owner, role and end. With a row that says another role, the key opens nothing.
std::string key_statement(std::string_view key, const cases::StoredApiKey& owner);

/// Thread-safe; never waits.
class KeyDirectory {
 public:
  virtual ~KeyDirectory() = default;
  /// None: no such key, or one that has expired or was revoked by `now`.
  virtual std::optional<Principal> find(std::string_view key, WallTime now) const = 0;
};

/// Keys as the store has them, held in memory. Whoever made it replaces them when the store has others.
class HeldKeys final : public KeyDirectory {
 public:
  /// vault::Names::digest of a key's statement.
  using DigestOf = std::function<Digest(std::string_view statement)>;
  explicit HeldKeys(DigestOf digest_of) : digest_of_(std::move(digest_of)) {}

  void replace(std::vector<cases::StoredApiKey> keys);
  /// Found by prefix; the digest is compared in constant time.
  std::optional<Principal> find(std::string_view key, WallTime now) const override;

 private:
  using ByPrefix = std::map<std::string, cases::StoredApiKey, std::less<>>;
  const DigestOf digest_of_;
  mutable std::mutex mutex_;
  std::shared_ptr<const ByPrefix> keys_ = std::make_shared<ByPrefix>();
};

}  // namespace osler::http
