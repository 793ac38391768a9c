// Where the dialects differ most: looking for the nearest vectors.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "cases/similar_cases.h"
#include "cases/sql/database.h"
#include "cases/vector_index.h"

namespace osler::cases::sql {

/// What SimilarCases::nearest is asked.
struct NearestQuestion {
  std::string_view vector_set;
  std::span<const float> vector;
  std::size_t count;
  const CaseFilter& filter;
  std::string_view exclude;
};

/// Thread-safe.
class Nearest {
 public:
  virtual ~Nearest() = default;
  virtual Result<std::vector<Neighbour>> find(const NearestQuestion& question) = 0;
  /// Rows may be gone: nothing of them is kept past the next find().
  virtual void forget_removed() = 0;
};

/// The HNSW index of pgvector. Scans on until enough pass the filter; when fewer come than were asked for, all that pass are compared instead, so that
/// fewer are given only where there are no more.
class NearestByDatabase final : public Nearest {
 public:
  explicit NearestByDatabase(Database& database) : database_(database) {}
  Result<std::vector<Neighbour>> find(const NearestQuestion& question) override;
  void forget_removed() override {}

 private:
  Database& database_;
};

/// A VectorIndex a vector set, which follows the table: loaded at the first question (about half a second for 100,000 vectors), then before each question
/// it takes what was added since, by whatever process. What it names is looked up in the table, in the same snapshot, and ordered by the exact inner
/// product; where a row is gone, the index drops all that are gone and is asked again. Exact, but for this: of more than a thousand cases that lie within
/// 1e-4 of the last one given, only the first thousand are compared exactly.
class NearestInMemory final : public Nearest {
 public:
  explicit NearestInMemory(Database& database) : database_(database) {}
  Result<std::vector<Neighbour>> find(const NearestQuestion& question) override;
  void forget_removed() override { must_drop_ = true; }

 private:
  struct SetIndex {
    std::unique_ptr<VectorIndex> vectors;  // null while there are none
    std::int64_t last_sequence = 0;
  };
  Result<std::vector<Neighbour>> find_together(Connection& connection, const NearestQuestion& question, bool& rows_are_gone);
  Result<std::vector<Neighbour>> find_alone(Connection& connection, const NearestQuestion& question);
  static Result<void> follow(Connection& connection, std::string_view vector_set, SetIndex& set);
  static Result<void> drop_removed(Connection& connection, std::string_view vector_set, SetIndex& set);

  Database& database_;
  std::shared_mutex mutex_;
  std::map<std::string, SetIndex, std::less<>> sets_;
  std::atomic<bool> must_drop_ = false;
};

}  // namespace osler::cases::sql
