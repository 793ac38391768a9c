#include "cases/sql/rows.h"

#include <cctype>

#include "base/check.h"

namespace osler::cases::sql {

namespace {

template <typename T, typename Cells>
auto& cell_as(Cells& cells, std::size_t column) {
  CHECK(column < cells.size());
  auto* value = std::get_if<T>(&cells[column]);
  CHECK(value != nullptr);
  return *value;
}

}  // namespace

bool fits(const Cell& cell, char kind) {
  switch (kind) {
    case 'i': return std::holds_alternative<std::int64_t>(cell);
    case 'r': return std::holds_alternative<double>(cell);
    case 't': return std::holds_alternative<std::string>(cell);
    case 'b': return std::holds_alternative<Bytes>(cell);
    default:
      CHECK(std::isupper(static_cast<unsigned char>(kind)));
      return std::holds_alternative<std::monostate>(cell) || fits(cell, static_cast<char>(std::tolower(kind)));
  }
}

bool Row::is_null(std::size_t column) const {
  CHECK(column < cells_.size());
  return std::holds_alternative<std::monostate>(cells_[column]);
}

std::int64_t Row::number(std::size_t column) const { return cell_as<std::int64_t>(cells_, column); }
double Row::real(std::size_t column) const { return cell_as<double>(cells_, column); }
std::string& Row::text(std::size_t column) { return cell_as<std::string>(cells_, column); }
Bytes& Row::bytes(std::size_t column) { return cell_as<Bytes>(cells_, column); }

}  // namespace osler::cases::sql
