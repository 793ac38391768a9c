// Values on the wire, in PostgreSQL's binary format.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "cases/sql/connection.h"

namespace osler::cases::postgres {

/// Parameters as libpq takes them. Views the values, which must outlive it.
class Parameters {
 public:
  explicit Parameters(std::span<const sql::Value> values);
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  int count() const { return static_cast<int>(types_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(Oid type, const void* bytes, std::size_t size);
  std::vector<std::array<char, 8>> numbers_;  // big-endian
  std::vector<Oid> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_, formats_;
};

/// A cell of a result in binary format; nothing when it is not of the kind that a letter of Query::columns names.
std::optional<sql::Cell> cell_of(const PGresult* result, int row, int column, char kind);

/// What went wrong, by the five characters of SQLSTATE.
ErrorCode code_of(std::string_view sqlstate);

}  // namespace osler::cases::postgres
