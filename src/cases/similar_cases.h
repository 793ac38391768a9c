// Vectors and sealed summaries of stored cases: where similar ones are looked for.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cases/record.h"

namespace osler::cases {

/// Tokens as in CaseSummary; empty: any.
struct CaseFilter {
  std::vector<std::string> age_bands{};  // any of them
  std::string sex{};
  std::string condition{};
  std::optional<WallTime> from{}, until{};  // from <= time < until
};

struct Neighbour {
  std::string request_id;
  std::string patient_token;
  double similarity = 0;  // cosine, -1..1
  WallTime time{};
  vault::SealedText content;  // of the summary
};

/// A case in somebody's list.
struct ListedCase {
  RecordSummary record;
  vault::SealedText content;  // of the summary
};

/// Who looks at a list: what they own, and unless `shared_as` is empty what was shared with that reader, as Store::share() was told it, or with everybody
/// ("*").
struct Reader {
  std::string_view name;
  std::string_view shared_as{};
};

/// Thread-safe. Errors as for Store.
class SimilarCases {
 public:
  virtual ~SimilarCases() = default;

  /// The `count` nearest of one vector set that pass the filter, nearest first, except `exclude` (a request id, may be empty); fewer only when there are
  /// no more. `vector` has length 1. Exact in the embedded store; by an index with iterative scan in PostgreSQL.
  virtual Result<std::vector<Neighbour>> nearest(std::string_view vector_set, std::span<const float> vector, std::size_t count, const CaseFilter& filter,
                                                 std::string_view exclude) = 0;
  /// ErrorCode::not_found when there is none.
  virtual Result<CaseSummary> summary(std::string_view request_id) = 0;
  /// Replaces or adds: an outcome that became known, a vector of another set. ErrorCode::not_found when there is no record.
  virtual Result<void> put_summary(std::string_view request_id, const CaseSummary& summary) = 0;
  /// Replaces what still is `before`, by its sealed payload. False, and nothing is changed, when it is another one by now or was removed.
  virtual Result<bool> replace_summary(std::string_view request_id, const CaseSummary& before, const CaseSummary& after) = 0;
  /// Request ids above `after` whose summary is not of this set, in order, at most `limit`: what re-embedding has left to do.
  virtual Result<std::vector<std::string>> of_other_sets(std::string_view vector_set, std::string_view after, std::size_t limit) = 0;
  /// Cases that a reader may see with a sequence below `before`, last stored first, at most `limit`. Records without a summary are not listed.
  virtual Result<std::vector<ListedCase>> visible_to(const Reader& reader, std::uint64_t before, std::size_t limit) = 0;
  virtual Result<std::uint64_t> count() = 0;
};

}  // namespace osler::cases
