// Where the key ring comes from, and how a running server learns of a new key.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "vault/envelope.h"
#include "vault/key_ring.h"

namespace osler::vault {

/// Thread-safe. A ring that was taken stays whole while it is held, whatever reload() brings.
class KeySource {
 public:
  using Load = std::function<Result<KeyRing>()>;

  /// Loads once; errors as of `load`.
  static Result<std::unique_ptr<KeySource>> create(Load load);

  std::shared_ptr<const KeyRing> ring() const;
  /// The ring that opens what is wrapped like this. Keys may be rotated and retired beside this process: where the present ring lacks the version, the one
  /// before it may hold it still, or loading again brings it. The present ring where none holds it.
  std::shared_ptr<const KeyRing> ring_for(ByteView wrapped_key) const;
  /// From now on a reloaded ring is used only if `accept` takes it: a store must know a key version before anything is wrapped under it.
  void require(std::function<Result<void>(const KeyRing&)> accept);
  /// Loads again; true when versions were added or retired. On an error, also of `accept`, the old ring stays.
  Result<bool> reload();
  /// A data key under the current version, also when it was wrapped under one that the last reload retired. Errors as for vault::rewrap().
  Result<Bytes> rewrapped(const RowBinding& binding, ByteView wrapped_key) const;

 private:
  KeySource(Load load, KeyRing ring);
  Result<bool> load_again() const;
  /// Null where neither the present ring nor the one before it holds the version.
  std::shared_ptr<const KeyRing> holder_of(KeyVersion version) const;

  const Load load_;
  mutable std::mutex reload_mutex_;  // one reload at a time
  std::function<Result<void>(const KeyRing&)> accept_;
  mutable std::mutex mutex_;
  // A copy of what load_ gives, so whoever only reads may renew it.
  mutable std::shared_ptr<const KeyRing> ring_;
  mutable std::shared_ptr<const KeyRing> previous_;  // before the last reload that changed something; null: none
};

}  // namespace osler::vault
