#include "service/key_rotation.h"

#include <algorithm>
#include <optional>

namespace osler::service {

namespace {

constexpr std::size_t kAtOnce = 1000;  // data keys a transaction
constexpr int kRounds = 10;

/// How many are wrapped under other versions than the current one.
Result<std::uint64_t> left(cases::KeyTable& table, vault::KeyVersion current) {
  std::uint64_t count = 0;
  for (const cases::KeyVersionUse& use : TRY(table.versions()))
    if (use.version != current) count += use.wrapped_keys;
  return count;
}

/// Rows are named by ids of our making.
Error damaged(const cases::WrappedKey& key, const Error& cause) {
  return make_error(ErrorCode::corrupted, "A data key does not open, so it cannot be wrapped anew: restore the store, or delete what it belongs to.",
                    key.table + " " + key.row + ": " + describe(cause));
}

struct Wrapped {
  std::uint64_t count = 0;
  std::optional<Error> damage;  // of one that did not open
};

Result<Wrapped> wrap_some(cases::KeyTable& table, const vault::KeyRing& keys, vault::KeyVersion version) {
  Wrapped wrapped;
  std::vector<cases::Rewrapped> changes;
  for (cases::WrappedKey& key : TRY(table.wrapped_under(version, kAtOnce))) {
    Result<Bytes> after = vault::rewrap(keys, keys, {key.table, key.row}, key.wrapped);
    if (after) changes.push_back({std::move(key), std::move(*after)});
    else wrapped.damage = damaged(key, after.error());
  }
  if (!changes.empty()) wrapped.count = TRY(table.replace(changes));
  return wrapped;
}

}  // namespace

Result<void> accept_keys(cases::KeyTable& table, const vault::KeyRing& keys) {
  for (const cases::KeyVersionUse& use : TRY(table.versions())) {
    if (!keys.holds(use.version) && use.wrapped_keys > 0)
      return make_error(ErrorCode::conflict, "The store holds records under a key that is not given.", "key version " + std::to_string(use.version));
    if (keys.holds(use.version) && use.check_value != keys.check_value(use.version))
      return make_error(ErrorCode::conflict, "The store knows another key of this version.", "key version " + std::to_string(use.version));
  }
  return table.note(keys.current_version(), keys.check_value(keys.current_version()));
}

Result<std::uint64_t> wrap_all_anew(cases::KeyTable& table, const vault::KeyRing& keys, const RotationProgress& progress) {
  std::uint64_t done = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t remaining = TRY(left(table, keys.current_version()));
    if (remaining == 0) return done;
    for (const vault::KeyVersion version : keys.versions()) {
      if (version == keys.current_version()) continue;
      Wrapped wrapped;
      do {
        wrapped = TRY(wrap_some(table, keys, version));
        done += wrapped.count;
        if (progress) progress(done, std::max(done, remaining));
      } while (wrapped.count > 0);
      if (wrapped.damage) return *wrapped.damage;  // once the others of its version are done
    }
  }
  if (TRY(left(table, keys.current_version())) == 0) return done;
  return make_error(ErrorCode::conflict, "Keys are still wrapped under an older version: a server that does not hold the new one yet goes on writing, or a version is not held here.");
}

}  // namespace osler::service
