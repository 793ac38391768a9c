#include <limits>

#include "cases/sql/nearest.h"
#include "cases/sql/summaries.h"
#include "cases/sql/times.h"

namespace osler::cases::sql {

namespace {

#define PASSES                                                                                                          \
  "vector_set = $2 AND request_id <> $8 AND time_ms >= $6 AND time_ms < $7 AND ($3 = '' OR sex = $3)"                   \
  " AND ($4 = '' OR condition = $4) AND ($5 = '' OR age_band = ANY(string_to_array($5, ' ')))"
#define ANSWER(inner)                                                                                                   \
  "SELECT found.request_id, -(found.vector <#> $1::vector) AS similarity, found.time_ms, wrapped_key, found.payload, patient_token" \
  " FROM (" inner ") found JOIN records ON records.request_id = found.request_id"                                           \
  " JOIN sealed_keys ON table_name = 'case_summaries' AND row_id = found.request_id ORDER BY similarity DESC, found.sequence LIMIT $9"
constexpr const char* kKinds = "tribbt";

// The index holds half precision: a few more are taken than were asked for, and ordered by the vectors themselves.
constexpr Query kByIndex{"nearest_by_index",
    ANSWER("SELECT * FROM case_summaries WHERE " PASSES " ORDER BY vector::halfvec(384) <#> $1::halfvec(384) LIMIT $9 + 5"), kKinds, true};
// The sum keeps the planner from the index.
constexpr Query kByAll{"nearest_of_all", ANSWER("SELECT * FROM case_summaries WHERE " PASSES " ORDER BY (vector <#> $1::vector) + 0 LIMIT $9"), kKinds, true};

std::string joined(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
  return text;
}

}  // namespace

Result<std::vector<Neighbour>> NearestByDatabase::find(const NearestQuestion& question) {
  const VectorValue vector = TRY(VectorValue::of(Dialect::postgres, question.vector));
  const CaseFilter& filter = question.filter;
  const std::string age_bands = joined(filter.age_bands);
  const std::int64_t from = filter.from ? to_ms(*filter.from) : std::numeric_limits<std::int64_t>::min();
  const std::int64_t until = filter.until ? to_ms(*filter.until) : std::numeric_limits<std::int64_t>::max();
  return database_.read([&](Connection& connection) -> Result<std::vector<Neighbour>> {
    const auto ask = [&](const Query& query) {
      return connection.run(query, vector.value(), question.vector_set, std::string_view(filter.sex), std::string_view(filter.condition),
                            std::string_view(age_bands), from, until, question.exclude, static_cast<std::int64_t>(question.count));
    };
    Rows rows = TRY(ask(kByIndex));
    if (rows.size() < question.count) rows = TRY(ask(kByAll));
    std::vector<Neighbour> list;
    for (Row& row : rows)
      list.push_back({std::move(row.text(0)), std::move(row.text(5)), row.real(1), from_ms(row.number(2)), {std::move(row.bytes(3)), std::move(row.bytes(4))}});
    return list;
  });
}

}  // namespace osler::cases::sql
