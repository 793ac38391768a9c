// The seam to the store of records, over SQLite and PostgreSQL. docs/formats/record.md describes what stands there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cases/record.h"

namespace osler::cases {

class KeyTable;
class SimilarCases;
class Batches;
class ApiKeys;

/// Thread-safe. Errors of every call: ErrorCode::unavailable when the disk or the database does not work now or not in time, corrupted when its
/// bytes are not what was written.
class Store {
 public:
  virtual ~Store() = default;

  /// Stores all or none, durably, each with its summary: after success no crash loses them. ErrorCode::conflict when a request id is taken;
  /// not_found when a data key is wrapped under a version that the store does not know or has forgotten (KeyTable::forget). After unavailable they may
  /// have been stored all the same, when the connection was lost before the answer: remove() makes sure.
  virtual Result<void> put(std::span<const SealedRecord> records) = 0;
  /// ErrorCode::not_found when there is none. Without its summary (SimilarCases has those). A record whose key was destroyed and whose row was not (it
  /// cannot happen but by hand) is not_found.
  virtual Result<SealedRecord> get(std::string_view request_id) = 0;
  /// Removes records with their keys, summaries, vectors and shares, durably; ids that are not there are no error.
  virtual Result<void> remove(std::span<const std::string> request_ids) = 0;
  virtual Result<std::uint64_t> count() = 0;
  /// At most `limit`, last stored first.
  virtual Result<std::vector<RecordSummary>> newest(std::size_t limit) = 0;
  /// At most `limit` with a sequence above `after`, in order: export, re-embedding.
  virtual Result<std::vector<RecordSummary>> page(std::uint64_t after, std::size_t limit) = 0;
  /// All of the patients of these tokens (one patient has one token; several at once for a search), in order of storing; at most `limit`.
  virtual Result<std::vector<RecordSummary>> of_patient(std::string_view patient_token, std::size_t limit) = 0;
  /// At most `limit` older than `before` whose patient is not under legal hold, oldest first: what retention removes.
  virtual Result<std::vector<RecordSummary>> expired(WallTime before, std::size_t limit) = 0;

  /// Legal hold: what is held is removed neither by age nor with its patient (who asks for either is told). Idempotent.
  virtual Result<void> set_hold(std::string_view patient_token, bool held) = 0;
  virtual Result<bool> is_held(std::string_view patient_token) = 0;
  /// Patient tokens under legal hold.
  virtual Result<std::vector<std::string>> holds() = 0;

  /// Lets `reader` (any text that stands for somebody, or "*" for everybody) see a record beside its owner. Idempotent; not_found when there is no record.
  virtual Result<void> share(std::string_view request_id, std::string_view reader) = 0;
  virtual Result<std::vector<std::string>> readers(std::string_view request_id) = 0;

  /// The other tables of the same database. They live as long as the store.
  virtual KeyTable& keys() = 0;
  virtual SimilarCases& similar_cases() = 0;
  virtual Batches& batches() = 0;
  virtual ApiKeys& api_keys() = 0;

  /// Errors when the store does not answer: for readiness.
  virtual Result<void> probe() = 0;
  /// After it, every call is ErrorCode::unavailable.
  virtual Result<void> close() = 0;
};

}  // namespace osler::cases
