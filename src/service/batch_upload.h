// A batch as it is uploaded: NDJSON or CSV to rows, whatever pieces the bytes come in. docs/batches.md is the grammar.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace osler::service {

enum class BatchFormat { ndjson, csv };
std::string_view name_of(BatchFormat format);
std::optional<BatchFormat> parse_batch_format(std::string_view name);

struct BatchRow {
  std::uint64_t line = 0;        // where the row begins, from 1; the header of a CSV file is a line too
  std::string body;              // a request in the API's JSON that nobody looked at yet, on one line; PHI
  std::optional<Error> refusal{};  // then there is no body. Its words are ours alone
};

/// The bounds of base/limits.h, here so that a test can shrink them.
struct BatchBounds {
  std::uint64_t bytes = limits::kMaxBatchBytes;
  std::uint64_t cases = limits::kMaxBatchCases;
  std::size_t row_bytes = limits::kMaxBatchRowBytes;
};

/// Not thread-safe. Holds no more than one row. Rows of nothing but white space are none; a byte order mark at the beginning is skipped.
class BatchReader {
 public:
  /// What reads one of the formats.
  class Splitter;

  explicit BatchReader(BatchFormat format, BatchBounds bounds = {});
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// Adds the rows that are complete. A bad row is one with a refusal; what is wrong with all of the upload is an error, after which nothing more may be
  /// taken: ErrorCode::too_large over the bounds on bytes (of the upload, and of the requests made of it) and cases, invalid for a CSV header that cannot be used.
  Result<void> take(std::string_view bytes, std::vector<BatchRow>& rows);
  /// The bytes are at their end: adds the last row. ErrorCode::invalid when there was none at all.
  Result<void> finish(std::vector<BatchRow>& rows);

 private:
  Result<void> check(std::size_t rows_before, const std::vector<BatchRow>& rows);

  const BatchBounds bounds_;
  std::unique_ptr<Splitter> splitter_;
  std::uint64_t bytes_ = 0, cases_ = 0;
  std::uint64_t body_bytes_ = 0;  // of requests: those of a table repeat its header in each row
  std::size_t mark_bytes_ = 0;  // of a byte order mark that have been skipped
  bool at_start_ = true;
};

}  // namespace osler::service
