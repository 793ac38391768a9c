// An upload on its way into the store: rows are cut into chunks, sealed, and stored as they come.
#pragma once

#include <string>
#include <vector>

#include "cases/batches.h"
#include "cases/store.h"
#include "service/batch_chunk.h"
#include "vault/key_source.h"

namespace osler::service {

/// The size of a chunk: cases, and bytes of text above which no case is added.
inline constexpr std::size_t kChunkCases = 100;
inline constexpr std::size_t kChunkBytes = 1024 * 1024;

/// Not thread-safe; the referents outlive it. Each call may wait for the store. One that goes without finish() leaves the batch as it is, receiving.
class BatchIntake {
 public:
  /// Chunks before `stored_chunks` are there already, of an intake of the same bytes that was cut off: they are read and not stored again.
  BatchIntake(cases::Batches& batches, vault::KeySource& keys, std::string batch, BatchFormat format, std::uint64_t stored_chunks = 0, BatchBounds bounds = {})
      : batches_(batches), keys_(keys), batch_(std::move(batch)), reader_(format, bounds), stored_chunks_(stored_chunks) {}

  /// Errors as for BatchReader and Batches::add_chunk.
  Result<void> take(std::string_view bytes);
  /// Stores the last chunk. The batch is complete, but nobody works on it before it is `ready`.
  Result<void> finish();

  std::uint64_t cases() const { return cases_; }

 private:
  Result<void> store_full_chunks(bool last);
  Result<void> store(std::vector<BatchRow> rows);

  cases::Batches& batches_;
  vault::KeySource& keys_;
  const std::string batch_;
  BatchReader reader_;
  const std::uint64_t stored_chunks_;
  std::vector<BatchRow> rows_;
  std::uint64_t chunk_ = 0, cases_ = 0;
};

}  // namespace osler::service
