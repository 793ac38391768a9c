// SimilarCases in SQL.
#pragma once

#include <memory>

#include "cases/similar_cases.h"
#include "cases/sql/database.h"
#include "cases/sql/nearest.h"

namespace osler::cases::sql {

class SqlSimilarCases final : public SimilarCases {
 public:
  explicit SqlSimilarCases(Database& database);
  Result<std::vector<Neighbour>> nearest(std::string_view vector_set, std::span<const float> vector, std::size_t count, const CaseFilter& filter,
                                         std::string_view exclude) override;
  Result<CaseSummary> summary(std::string_view request_id) override;
  Result<void> put_summary(std::string_view request_id, const CaseSummary& summary) override;
  Result<bool> replace_summary(std::string_view request_id, const CaseSummary& before, const CaseSummary& after) override;
  Result<std::vector<std::string>> of_other_sets(std::string_view vector_set, std::string_view after, std::size_t limit) override;
  Result<std::vector<ListedCase>> visible_to(const Reader& reader, std::uint64_t before, std::size_t limit) override;
  Result<std::uint64_t> count() override;

  /// Records were removed: no vector of theirs stays in memory past the next search.
  void forget_removed() { nearest_->forget_removed(); }

 private:
  /// What put_summary() does; with `before`, only where that still stands.
  Result<bool> put(std::string_view request_id, const CaseSummary& summary, const CaseSummary* before);

  Database& database_;
  const std::unique_ptr<Nearest> nearest_;
};

}  // namespace osler::cases::sql
