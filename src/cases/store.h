// The seam to the store of records. docs/formats/record.md describes what stands there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cases/record.h"

namespace osler::cases {

/// Thread-safe. Errors: ErrorCode::unavailable when the disk or the database does not work now, corrupted when its bytes
/// are not what was written.
class Store {
 public:
  virtual ~Store() = default;

  /// Stores all or none, durably: after success no crash loses them. ErrorCode::conflict when a request id is taken.
  virtual Result<void> put(std::span<const SealedRecord> records) = 0;
  /// ErrorCode::not_found when there is none.
  virtual Result<SealedRecord> get(std::string_view request_id) = 0;
  /// Removes records with their keys, durably; ids that are not there are no error.
  virtual Result<void> remove(std::span<const std::string> request_ids) = 0;
  virtual Result<std::uint64_t> count() = 0;
  /// At most `limit`, last stored first.
  virtual Result<std::vector<RecordSummary>> newest(std::size_t limit) = 0;
  /// Errors when the store does not answer: for readiness.
  virtual Result<void> probe() = 0;
  /// After it, every call is ErrorCode::unavailable.
  virtual Result<void> close() = 0;
};

}  // namespace osler::cases
