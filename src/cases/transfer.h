// A store as files, and back: to move between databases and to back up. docs/formats/export.md has the grammar.
//
// What is sealed stays sealed: the files hold nothing that the database does not. Wrapped keys stand in a file of their own, to be kept apart and for a
// shorter time; without it the others open nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "cases/store.h"

namespace osler::cases {

struct TransferCounts {
  std::uint64_t records = 0, summaries = 0, holds = 0, api_keys = 0;
};

/// Called after each page with the records done and how many there were at the start.
using TransferProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Writes a folder that must not exist or be empty; complete only when the manifest stands, which comes last. Records that are removed meanwhile are left
/// out, those that come meanwhile may be. Batches are not written. ErrorCode::conflict for a folder that holds something.
Result<TransferCounts> export_store(FileSystem& files, Store& store, const Clock& clock, const std::string& folder, const TransferProgress& progress);

/// Fills an empty store under the same keys. ErrorCode::conflict for a store that holds records, other names or other API keys of the same
/// name (its own API keys stay, which may have been revoked since); corrupted, with file and line, for files that are not
/// what was written; not_found without a manifest. What was stored until an error stays: empty the database before the next try.
Result<TransferCounts> import_store(FileSystem& files, Store& store, const std::string& folder, const TransferProgress& progress);

}  // namespace osler::cases
