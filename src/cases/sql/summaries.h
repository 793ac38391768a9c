// Rows of case_summaries: a vector and a sealed summary each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cases/record.h"
#include "cases/sql/connection.h"

namespace osler::cases::sql {

/// A vector as its database takes it: float32, the lowest byte first, in SQLite; a text of the shortest numbers that give the same floats in PostgreSQL,
/// filled up with zeros to kMaxVectorDimensions.
class VectorValue {
 public:
  /// ErrorCode::too_large above kMaxVectorDimensions; invalid for an empty one, or one with a number that is none.
  static Result<VectorValue> of(Dialect dialect, std::span<const float> vector);
  Value value() const { return dialect_ == Dialect::sqlite ? Value(ByteView(bytes_)) : Value(std::string_view(text_)); }
  Dialect dialect() const { return dialect_; }
  std::int64_t dimensions() const { return dimensions_; }

 private:
  VectorValue(Dialect dialect, std::int64_t dimensions) : dialect_(dialect), dimensions_(dimensions) {}
  Dialect dialect_;
  std::int64_t dimensions_;
  Bytes bytes_;
  std::string text_;
};

/// The vector of a row, of what SQLite holds. ErrorCode::corrupted when the bytes are no floats.
Result<std::vector<float>> vector_of_bytes(ByteView bytes);
/// The same of PostgreSQL's text, cut to `dimensions`.
Result<std::vector<float>> vector_of_text(std::string_view text, std::size_t dimensions);

/// Views all its arguments.
Statement insert_summary(std::string_view request_id, const CaseSummary& summary, const VectorValue& vector, WallTime time);

}  // namespace osler::cases::sql
