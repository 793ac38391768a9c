// The store, written once in SQL: it runs on whatever stands behind sql::Database.
#pragma once

#include <memory>

#include "cases/sql/database.h"
#include "cases/sql/sql_api_keys.h"
#include "cases/sql/sql_batches.h"
#include "cases/sql/sql_key_table.h"
#include "cases/sql/sql_similar_cases.h"
#include "cases/store.h"

namespace osler::cases::sql {

class SqlStore final : public Store {
 public:
  /// The tables must be there (prepare_schema).
  explicit SqlStore(std::unique_ptr<Database> database);
  ~SqlStore() override { database_->close(); }

  Result<void> put(std::span<const SealedRecord> records) override;
  Result<SealedRecord> get(std::string_view request_id) override;
  Result<void> remove(std::span<const std::string> request_ids) override;
  Result<std::uint64_t> count() override;
  Result<std::vector<RecordSummary>> newest(std::size_t limit) override;
  Result<std::vector<RecordSummary>> page(std::uint64_t after, std::size_t limit) override;
  Result<std::vector<RecordSummary>> of_patient(std::string_view patient_token, std::size_t limit) override;
  Result<std::vector<RecordSummary>> expired(WallTime before, std::size_t limit) override;
  Result<void> set_hold(std::string_view patient_token, bool held) override;
  Result<bool> is_held(std::string_view patient_token) override;
  Result<std::vector<std::string>> holds() override;
  Result<void> share(std::string_view request_id, std::string_view reader) override;
  Result<std::vector<std::string>> readers(std::string_view request_id) override;
  KeyTable& keys() override { return keys_; }
  SimilarCases& similar_cases() override { return similar_cases_; }
  Batches& batches() override { return batches_; }
  ApiKeys& api_keys() override { return api_keys_; }
  Result<void> probe() override;
  Result<void> close() override;

 private:
  template <typename... Values>
  Result<std::vector<RecordSummary>> list(const Query& query, const Values&... values);
  template <typename... Values>
  Result<std::vector<std::string>> texts(const Query& query, const Values&... values);
  template <typename... Values>
  Result<void> change(const Query& query, const Values&... values);

  const std::unique_ptr<Database> database_;
  SqlKeyTable keys_;
  SqlSimilarCases similar_cases_;
  SqlBatches batches_;
  SqlApiKeys api_keys_;
};

}  // namespace osler::cases::sql
