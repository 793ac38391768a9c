// Batches in SQL.
#pragma once

#include "cases/batches.h"
#include "cases/sql/database.h"

namespace osler::cases::sql {

class SqlBatches final : public Batches {
 public:
  explicit SqlBatches(Database& database) : database_(database) {}
  Result<void> create(const BatchInfo& batch) override;
  Result<void> add_chunk(std::string_view batch, std::uint64_t chunk, std::uint64_t first_line, std::uint64_t cases, const vault::SealedText& input) override;
  Result<void> set_state(std::string_view batch, BatchState state) override;
  Result<BatchInfo> info(std::string_view batch) override;
  Result<std::vector<BatchInfo>> list(std::string_view owner, std::size_t limit) override;
  Result<std::optional<ChunkClaim>> claim(std::string_view worker, std::chrono::milliseconds lease) override;
  Result<bool> renew(const ChunkClaim& claim, std::string_view worker, std::chrono::milliseconds lease) override;
  Result<bool> finish(const ChunkClaim& claim, std::string_view worker, const std::vector<ChunkOutcome>& outcomes) override;
  Result<std::uint64_t> cancel_abandoned(WallTime before) override;
  Result<void> exclude_patient(std::string_view patient_token, WallTime deleted) override;
  Result<std::vector<std::string>> excluded_patients(std::string_view batch) override;
  Result<std::vector<ChunkOutcome>> outcomes(std::string_view batch, std::uint64_t after_line, std::size_t limit) override;

 private:
  Database& database_;
};

}  // namespace osler::cases::sql
