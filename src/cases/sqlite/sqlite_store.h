// The embedded store: one SQLite file in write-ahead mode, synced at every commit.
#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "cases/store.h"
#include "vault/key_ring.h"

namespace osler::cases {

struct SqliteOptions {
  std::string path;
  std::string vfs;  // tests put a failing one here; empty: the default
};

/// Opens or makes the store, and brings an older one forward. ErrorCode::configuration for a file that is another program's, of a newer schema or
/// written under another key; corrupted, and the file is left as it is, for one that is no database, is damaged (as far as half a second's reading finds it),
/// or is missing or empty beside a write-ahead log; unavailable when the disk fails. `keys` is used during the call only.
Result<std::unique_ptr<Store>> open_sqlite_store(FileSystem& files, const vault::KeyRing& keys, const SqliteOptions& options);

}  // namespace osler::cases
