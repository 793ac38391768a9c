// Rotation of the key-encryption key: data keys are wrapped anew, data are not touched. Servers go on meanwhile.
#pragma once

#include <cstdint>
#include <functional>

#include "cases/key_table.h"
#include "vault/key_source.h"

namespace osler::service {

/// Makes the current version of the ring known to the store, before anything is wrapped under it. ErrorCode::conflict, and the ring is not to be used, when
/// that version was retired, when the store knows a version with another key, or when the ring lacks one that wraps something. Older versions that the
/// store has retired may stay in the ring: they open nothing.
Result<void> accept_keys(cases::KeyTable& table, const vault::KeyRing& keys);

/// Called with how many are done and how many there are, as far as is known.
using RotationProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Wraps everything that is wrapped under another version than the current one, until there is none left; how many. Servers that do not know the
/// current version yet may add more meanwhile, so there is a bound of a few rounds: then ErrorCode::conflict. corrupted, with its row, for a data key that
/// does not open. Safe beside servers and beside itself.
Result<std::uint64_t> wrap_all_anew(cases::KeyTable& table, const vault::KeyRing& keys, const RotationProgress& progress);

}  // namespace osler::service
