#include "service/batch_intake.h"

#include <iterator>

namespace osler::service {

Result<void> BatchIntake::take(std::string_view bytes) {
  TRY_VOID(reader_.take(bytes, rows_));
  return store_full_chunks(false);
}

Result<void> BatchIntake::finish() {
  TRY_VOID(reader_.finish(rows_));
  return store_full_chunks(true);
}

/// Where a chunk ends depends on the rows alone, never on the pieces they came in: an upload that is taken up again is cut as before.
Result<void> BatchIntake::store_full_chunks(bool last) {
  std::size_t begin = 0, bytes = 0;
  const auto rows_until = [&](std::size_t end) {
    return std::vector<BatchRow>(std::make_move_iterator(rows_.begin() + static_cast<std::ptrdiff_t>(begin)), std::make_move_iterator(rows_.begin() + static_cast<std::ptrdiff_t>(end)));
  };
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    bytes += rows_[i].body.size();
    if (i + 1 - begin < kChunkCases && bytes < kChunkBytes) continue;
    TRY_VOID(store(rows_until(i + 1)));
    begin = i + 1;
    bytes = 0;
  }
  if (last && begin < rows_.size()) {
    TRY_VOID(store(rows_until(rows_.size())));
    begin = rows_.size();
  }
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(begin));
  return ok();
}

Result<void> BatchIntake::store(std::vector<BatchRow> rows) {
  cases_ += rows.size();
  const std::uint64_t chunk = chunk_++;
  if (chunk < stored_chunks_) return ok();
  const std::string text = write_chunk(rows);
  const auto add = [&] { return batches_.add_chunk(batch_, chunk, rows.front().line, rows.size(), seal_chunk(*keys_.ring(), batch_, chunk, text)); };
  Result<void> added = add();
  if (added || added.error().code != ErrorCode::not_found) return added;
  TRY(keys_.reload());  // the key was retired between sealing and storing
  return add();
}

}  // namespace osler::service
