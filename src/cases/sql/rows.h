// What a statement gave back, out of the database's memory.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace osler::cases::sql {

using Cell = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;

/// Whether a cell is of the kind that a letter of Query::columns names.
bool fits(const Cell& cell, char kind);

/// One row. The driver has checked each cell against Query::columns, so asking for another kind is a broken invariant (CHECK).
class Row {
 public:
  explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}
  bool is_null(std::size_t column) const;
  std::int64_t number(std::size_t column) const;
  std::uint64_t count(std::size_t column) const { return static_cast<std::uint64_t>(number(column)); }
  double real(std::size_t column) const;
  /// May be moved from.
  std::string& text(std::size_t column);
  Bytes& bytes(std::size_t column);

 private:
  std::vector<Cell> cells_;
};

struct Rows {
  std::vector<Row> list;
  std::uint64_t changed = 0;  // by an INSERT, UPDATE or DELETE

  bool empty() const { return list.empty(); }
  std::size_t size() const { return list.size(); }
  Row& operator[](std::size_t index) { return list[index]; }
  auto begin() { return list.begin(); }
  auto end() { return list.end(); }
};

}  // namespace osler::cases::sql
