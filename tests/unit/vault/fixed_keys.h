// A key source for tests that do not rotate.
#pragma once

#include <memory>

#include "vault/key_source.h"

namespace osler::vault {

/// One fresh key of version 1, the same at each reload.
inline std::unique_ptr<KeySource> fixed_keys() {
  const auto root = std::make_shared<const Secret>(Secret::random());
  return KeySource::create([root]() -> Result<KeyRing> { return KeyRing::of(root->copy()); }).value();
}

}  // namespace osler::vault
