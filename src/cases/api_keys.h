// API keys as they are stored: what is needed to know one again, never the key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/sha256.h"

namespace osler::cases {

struct StoredApiKey {
  std::string name;    // of the actor; unique
  std::string role;
  std::string prefix;  // of the key, shown in lists and logs; unique
  Digest digest{};     // keyed SHA-256 (vault::Names::digest) of the whole key and of what it gives (http::key_statement)
  WallTime created{};
  std::optional<WallTime> expires, revoked;
};

/// Thread-safe. Errors as for Store.
class ApiKeys {
 public:
  virtual ~ApiKeys() = default;
  /// ErrorCode::conflict when name or prefix is taken.
  virtual Result<void> add(const StoredApiKey& key) = 0;
  /// All of them, by name: there are few, and servers hold them in memory.
  virtual Result<std::vector<StoredApiKey>> all() = 0;
  /// Idempotent: the first revocation stays. ErrorCode::not_found when there is none of this name.
  virtual Result<void> revoke(std::string_view name, WallTime when) = 0;
};

}  // namespace osler::cases
