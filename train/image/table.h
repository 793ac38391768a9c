// A table in a CSV file (RFC 4180): a header, then records. Quotes, doubled quotes and line breaks inside quotes are read; a byte order mark is skipped.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace osler::train {

class Table {
 public:
  /// ErrorCode::not_found: no such file; configuration: what is wrong with it, with line and column. At most limits::kMaxTableBytes.
  static Result<Table> read(const std::string& path);
  /// Likewise from text; `path` is for messages.
  static Result<Table> parse(std::string_view text, const std::string& path);

  std::size_t rows() const { return lines_.size(); }
  /// The position of the column called so; ErrorCode::configuration with the names that there are.
  Result<std::size_t> column(const std::string& name) const;
  bool has_column(const std::string& name) const;
  const std::string& at(std::size_t row, std::size_t column) const { return cells_[row * header_.size() + column]; }
  /// Of the file, counted from 1.
  std::size_t line(std::size_t row) const { return lines_[row]; }
  /// ErrorCode::configuration: "FILE, line N, column NAME: problem". The problem must not repeat what describes a patient.
  Error fault(std::size_t row, std::size_t column, const std::string& problem) const;
  const std::string& path() const { return path_; }
  /// SHA-256 of the file, in lower-case hexadecimal.
  const std::string& hash() const { return hash_; }

 private:
  std::string path_, hash_;
  std::vector<std::string> header_, cells_;
  std::vector<std::size_t> lines_;
};

}  // namespace osler::train
