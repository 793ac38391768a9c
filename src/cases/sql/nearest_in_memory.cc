#include <algorithm>
#include <mutex>
#include <numeric>
#include <unordered_map>

#include "cases/sql/nearest.h"
#include "cases/sql/summaries.h"
#include "cases/sql/times.h"

namespace osler::cases::sql {

namespace {

constexpr std::int64_t kRowsAtOnce = 2000;
constexpr std::size_t kMostCompared = 1000;  // exactly; and never fewer than were asked for

constexpr Query kNew{"new_vectors",
    "SELECT sequence, vector, age_band, sex, condition, time_ms FROM case_summaries WHERE vector_set = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
    "ibttti"};
constexpr Query kSequences{"sequences_of_set", "SELECT sequence FROM case_summaries WHERE vector_set = $1 ORDER BY sequence", "i"};
constexpr Query kVector{"vector_of_summary", "SELECT vector FROM case_summaries WHERE sequence = $1", "b"};
constexpr Query kSequence{"sequence_of_summary", "SELECT sequence FROM case_summaries WHERE request_id = $1", "i"};
constexpr Query kNeighbour{"neighbour",
    "SELECT summary.request_id, summary.time_ms, wrapped_key, summary.payload, patient_token FROM case_summaries summary"
    " JOIN records ON records.request_id = summary.request_id"
    " JOIN sealed_keys ON table_name = 'case_summaries' AND row_id = summary.request_id WHERE summary.sequence = $1", "tibbt"};

struct Compared {
  std::int64_t sequence;
  double similarity;
};

double product(std::span<const float> left, std::span<const float> right) {
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0, std::plus<>(), [](float a, float b) { return double{a} * b; });
}

bool is_nearer(const Compared& left, const Compared& right) {
  return left.similarity != right.similarity ? left.similarity > right.similarity : left.sequence < right.sequence;
}

/// By the vector of the table; nothing when the row is gone.
Result<std::optional<double>> similarity_of(Connection& connection, const NearestQuestion& question, std::int64_t sequence) {
  Rows rows = TRY(connection.run(kVector, sequence));
  if (rows.empty()) return std::optional<double>();
  const std::vector<float> vector = TRY(vector_of_bytes(rows[0].bytes(0)));
  if (vector.size() != question.vector.size()) return make_error(ErrorCode::corrupted, "The store of records is damaged.", "a vector of other dimensions");
  return std::optional(product(question.vector, vector));
}

/// The nearest of the candidates by the vectors of the table, nearest first; nothing when a row is gone. Short complaints have the same vector again and again:
/// it is read once.
Result<std::optional<std::vector<Compared>>> compare(Connection& connection, const NearestQuestion& question, std::span<const VectorIndex::Candidate> candidates) {
  std::vector<Compared> nearest;
  std::unordered_map<std::uint64_t, double> similarities;  // by the hash of the vector
  for (const VectorIndex::Candidate& candidate : candidates) {
    const bool is_full = nearest.size() == question.count;
    if (is_full && (candidate.at_most < nearest.back().similarity || similarities.size() >= std::max(kMostCompared, question.count))) break;
    auto known = similarities.find(candidate.hash);
    if (known == similarities.end()) {
      const std::optional<double> similarity = TRY(similarity_of(connection, question, candidate.key));
      if (!similarity) return std::optional<std::vector<Compared>>();
      known = similarities.emplace(candidate.hash, *similarity).first;
    }
    const Compared one{candidate.key, known->second};
    nearest.insert(std::upper_bound(nearest.begin(), nearest.end(), one, is_nearer), one);
    if (nearest.size() > question.count) nearest.pop_back();
  }
  return std::optional(std::move(nearest));
}

/// Nothing when a row is gone.
Result<std::optional<std::vector<Neighbour>>> find_in(Connection& connection, const NearestQuestion& question, const VectorIndex* index) {
  if (!index) return std::optional(std::vector<Neighbour>());
  std::int64_t except = -1;
  if (!question.exclude.empty())
    if (Rows rows = TRY(connection.run(kSequence, question.exclude)); !rows.empty()) except = rows[0].number(0);
  const std::vector<VectorIndex::Candidate> candidates = index->candidates(question.vector, question.count, question.filter, except);
  const std::optional<std::vector<Compared>> nearest = TRY(compare(connection, question, candidates));
  if (!nearest) return std::optional<std::vector<Neighbour>>();
  std::vector<Neighbour> list;
  for (const Compared& one : *nearest) {
    Rows rows = TRY(connection.run(kNeighbour, one.sequence));
    if (rows.empty()) return std::optional<std::vector<Neighbour>>();
    Row& row = rows[0];
    list.push_back({std::move(row.text(0)), std::move(row.text(4)), one.similarity, from_ms(row.number(1)), {std::move(row.bytes(2)), std::move(row.bytes(3))}});
  }
  return std::optional(std::move(list));
}

}  // namespace

Result<void> NearestInMemory::follow(Connection& connection, std::string_view vector_set, SetIndex& set) {
  while (true) {
    Rows rows = TRY(connection.run(kNew, vector_set, set.last_sequence, kRowsAtOnce));
    for (Row& row : rows) {
      const std::vector<float> vector = TRY(vector_of_bytes(row.bytes(1)));
      if (!set.vectors) set.vectors = std::make_unique<VectorIndex>(vector.size());
      set.vectors->add(row.number(0), vector, {row.text(2), row.text(3), row.text(4), from_ms(row.number(5))});
      set.last_sequence = row.number(0);
    }
    if (rows.size() < static_cast<std::size_t>(kRowsAtOnce)) return ok();
  }
}

Result<void> NearestInMemory::drop_removed(Connection& connection, std::string_view vector_set, SetIndex& set) {
  if (!set.vectors) return ok();
  std::vector<std::int64_t> sequences;
  Rows rows = TRY(connection.run(kSequences, vector_set));
  for (const Row& row : rows) sequences.push_back(row.number(0));
  set.vectors->keep_only(sequences);
  return ok();
}

/// Beside other questions. A row that the index has and this snapshot has not was removed, or was added by a question with a newer snapshot.
Result<std::vector<Neighbour>> NearestInMemory::find_together(Connection& connection, const NearestQuestion& question, bool& rows_are_gone) {
  const Transaction snapshot = TRY(Transaction::begin(connection));
  {
    const std::lock_guard guard(mutex_);
    TRY_VOID(follow(connection, question.vector_set, sets_[std::string(question.vector_set)]));
  }
  const std::shared_lock guard(mutex_);
  std::optional<std::vector<Neighbour>> found = TRY(find_in(connection, question, sets_.find(question.vector_set)->second.vectors.get()));
  rows_are_gone = !found;
  return found ? std::move(*found) : std::vector<Neighbour>();
}

/// With the index to itself, and a snapshot that is newer than all the index has seen.
Result<std::vector<Neighbour>> NearestInMemory::find_alone(Connection& connection, const NearestQuestion& question) {
  const std::lock_guard guard(mutex_);
  const bool from_all = must_drop_.exchange(false);
  const Transaction snapshot = TRY(Transaction::begin(connection));
  for (auto& [name, set] : sets_)
    if (from_all || name == question.vector_set) TRY_VOID(drop_removed(connection, name, set));
  SetIndex& set = sets_[std::string(question.vector_set)];
  TRY_VOID(follow(connection, question.vector_set, set));
  std::optional<std::vector<Neighbour>> found = TRY(find_in(connection, question, set.vectors.get()));
  if (!found) return make_error(ErrorCode::corrupted, "The store of records is damaged.", "a vector that the table lists, and that it, its record or its key is not there");
  return std::move(*found);
}

Result<std::vector<Neighbour>> NearestInMemory::find(const NearestQuestion& question) {
  return database_.read([&](Connection& connection) -> Result<std::vector<Neighbour>> {
    bool rows_are_gone = must_drop_;
    if (!rows_are_gone) {
      Result<std::vector<Neighbour>> found = find_together(connection, question, rows_are_gone);
      if (!rows_are_gone) return found;
    }
    return find_alone(connection, question);
  });
}

}  // namespace osler::cases::sql
