#include "cases/sql/summaries.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/limits.h"
#include "cases/sql/times.h"

namespace osler::cases::sql {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr QueryPair kInsert{
    {"insert_summary",
     "INSERT INTO case_summaries(request_id, vector_set, vector, age_band, sex, condition, time_ms, payload) VALUES($1, $2, $3, $4, $5, $6, $7, $8)"},
    {"insert_summary",
     "INSERT INTO case_summaries(request_id, vector_set, vector, age_band, sex, condition, time_ms, payload, dimensions)"
     " VALUES($1, $2, $3::vector, $4, $5, $6, $7, $8, $9)"}};

std::string text_of(std::span<const float> vector) {
  std::string text = "[";
  for (std::size_t i = 0; i < limits::kMaxVectorDimensions; ++i) {
    char number[32];
    const auto [end, failure] = std::to_chars(number, number + sizeof number, i < vector.size() ? vector[i] : 0.0f);
    text.append(number, failure == std::errc() ? end : number).push_back(',');
  }
  text.back() = ']';
  return text;
}

Error damaged() { return make_error(ErrorCode::corrupted, "The store of records is damaged.", "a vector of a case"); }

}  // namespace

Result<VectorValue> VectorValue::of(Dialect dialect, std::span<const float> vector) {
  if (vector.size() > limits::kMaxVectorDimensions)
    return make_error(ErrorCode::too_large, "The vector has too many dimensions: at most " + std::to_string(limits::kMaxVectorDimensions) + ".");
  bool is_good = !vector.empty();
  for (const float number : vector) is_good = is_good && std::isfinite(number);
  if (!is_good) return make_error(ErrorCode::invalid, "A vector must have dimensions, each a finite number.");
  VectorValue value(dialect, static_cast<std::int64_t>(vector.size()));
  if (dialect == Dialect::postgres) {
    value.text_ = text_of(vector);
  } else {
    value.bytes_.resize(vector.size_bytes());
    std::memcpy(value.bytes_.data(), vector.data(), vector.size_bytes());
  }
  return value;
}

Result<std::vector<float>> vector_of_bytes(ByteView bytes) {
  if (bytes.empty() || bytes.size() % sizeof(float) != 0 || bytes.size() > limits::kMaxVectorDimensions * sizeof(float)) return damaged();
  std::vector<float> vector(bytes.size() / sizeof(float));
  std::memcpy(vector.data(), bytes.data(), bytes.size());
  return vector;
}

Result<std::vector<float>> vector_of_text(std::string_view text, std::size_t dimensions) {
  std::vector<float> vector;
  const char* place = text.data();
  const char* end = place + text.size();
  while (vector.size() < dimensions) {
    if (place == end) return damaged();
    float number = 0;
    const auto [after, failure] = std::from_chars(++place, end, number);  // behind [ or ,
    if (failure != std::errc()) return damaged();
    vector.push_back(number);
    place = after;
  }
  return vector;
}

Statement insert_summary(std::string_view request_id, const CaseSummary& summary, const VectorValue& vector, WallTime time) {
  Statement statement{&kInsert.in(vector.dialect()),
                      {request_id, std::string_view(summary.vector_set), vector.value(), std::string_view(summary.age_band), std::string_view(summary.sex),
                       std::string_view(summary.condition), to_ms(time), ByteView(summary.content.payload)}};
  if (vector.dialect() == Dialect::postgres) statement.values.push_back(vector.dimensions());
  return statement;
}

}  // namespace osler::cases::sql
