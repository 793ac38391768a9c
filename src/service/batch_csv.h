// CSV (RFC 4180) as rows of cells, and such rows as requests of the API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace osler::service {

struct CsvRow {
  std::uint64_t line = 0;
  std::vector<std::string> cells;
  std::optional<Error> fault{};  // then there are no cells
};

/// Cuts bytes into rows of cells. Lines end with LF or CR LF; a cell in quotes may hold commas, line ends and doubled quotes. After a fault it goes on with
/// the next line. Not thread-safe.
class CsvSplitter {
 public:
  explicit CsvSplitter(std::size_t max_row_bytes) : max_row_bytes_(max_row_bytes) {}

  void take(std::string_view bytes, std::vector<CsvRow>& rows);
  void finish(std::vector<CsvRow>& rows);

 private:
  enum class State { cell_start, plain, quoted, after_quote, carriage, broken };

  void take(char c, std::vector<CsvRow>& rows);
  State next(char c);
  void end_cell();
  void end_row(std::vector<CsvRow>& rows);
  State fail(ErrorCode code, const char* what);

  const std::size_t max_row_bytes_;
  State state_ = State::cell_start;
  std::uint64_t line_ = 1, row_line_ = 1;
  std::size_t row_bytes_ = 0;
  bool any_quote_ = false;  // in this row
  std::string cell_;
  std::vector<std::string> cells_;
  std::optional<Error> fault_;
};

/// What the columns of a header mean. Immutable.
class CsvColumns {
 public:
  /// ErrorCode::invalid: a column twice, one without a name, none of age, symptoms or severity. Names columns that are the API's; others by their number.
  static Result<CsvColumns> read(const std::vector<std::string>& header);
  /// The row as a request, on one line. ErrorCode::malformed: another number of cells than the header, or bytes that are not UTF-8.
  Result<std::string> request_of(const std::vector<std::string>& cells) const;

 private:
  enum class Kind { text, number, list, truth, weeks, lab, vital };
  struct Column {
    Kind kind = Kind::text;
    std::string name, unit;
  };

  static Column column_called(std::string_view name);
  static void add(const Column& column, std::string_view cell, Json& request);

  std::vector<Column> columns_;
};

}  // namespace osler::service
