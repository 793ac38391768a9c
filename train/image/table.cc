#include "train/image/table.h"

#include <fstream>
#include <iterator>

#include "base/limits.h"
#include "base/sha256.h"

namespace osler::train {

namespace {

/// Cuts a text into records.
class Records {
 public:
  Records(std::string_view text, const std::string& path) : text_(text), path_(path) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }

  Result<std::vector<std::string>> next() {
    std::vector<std::string> cells;
    for (;;) {
      cells.push_back(TRY(cell()));
      if (at_end()) return cells;
      const char end = text_[at_++];
      if (end == ',') continue;
      ++line_;
      return cells;
    }
  }

 private:
  /// Leaves the place at the comma or the line feed after it.
  Result<std::string> cell() {
    if (!at_end() && text_[at_] == '"') return quoted();
    const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
    std::string_view cell = text_.substr(at_, end - at_);
    at_ = end;
    if (cell.ends_with('\r') && (end == text_.size() || text_[end] == '\n')) cell.remove_suffix(1);
    return std::string(cell);
  }

  Result<std::string> quoted() {
    const std::size_t opened = line_;
    std::string cell;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        cell += text_[at_];
        continue;
      }
      if (text_.substr(at_).starts_with("\"\"")) {
        cell += text_[++at_];
        continue;
      }
      ++at_;
      if (text_.substr(at_).starts_with("\r\n")) ++at_;
      if (at_end() || text_[at_] == ',' || text_[at_] == '\n') return cell;
      return make_error(ErrorCode::configuration, path_ + ", line " + std::to_string(line_) + ": after a closing quote there must be a comma or the end of the line.");
    }
    return make_error(ErrorCode::configuration, path_ + ", line " + std::to_string(opened) + ": a quote is opened that is never closed.");
  }

  std::string_view text_;
  const std::string& path_;
  std::size_t at_ = 0, line_ = 1;
};

}  // namespace

Result<Table> Table::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return make_error(ErrorCode::not_found, path + " cannot be read.");
  if (static_cast<std::size_t>(file.tellg()) > limits::kMaxTableBytes) return make_error(ErrorCode::too_large, path + " is larger than 256 MiB.");
  file.seekg(0);
  return parse(std::string(std::istreambuf_iterator<char>(file), {}), path);
}

Result<Table> Table::parse(std::string_view text, const std::string& path) {
  Table table;
  table.path_ = path;
  table.hash_ = to_hex(sha256(as_bytes(text)));
  Records records(text, path);
  if (records.at_end()) return make_error(ErrorCode::configuration, path + " is empty: the first line must name the columns.");
  table.header_ = TRY(records.next());
  for (std::size_t i = 0; i < table.header_.size(); ++i)
    if (std::count(table.header_.begin(), table.header_.end(), table.header_[i]) > 1)
      return make_error(ErrorCode::configuration, path + ", line 1: column " + std::to_string(i + 1) + " has the name of another.");
  while (!records.at_end()) {
    const std::size_t line = records.line();
    std::vector<std::string> cells = TRY(records.next());
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() != table.header_.size())
      return make_error(ErrorCode::configuration, path + ", line " + std::to_string(line) + ": has " + std::to_string(cells.size()) + " columns, the first line " +
                                                      std::to_string(table.header_.size()) + ".");
    std::move(cells.begin(), cells.end(), std::back_inserter(table.cells_));
    table.lines_.push_back(line);
  }
  return table;
}

bool Table::has_column(const std::string& name) const { return std::find(header_.begin(), header_.end(), name) != header_.end(); }

Result<std::size_t> Table::column(const std::string& name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found != header_.end()) return static_cast<std::size_t>(found - header_.begin());
  std::string names;
  for (const std::string& one : header_) names += (names.empty() ? "" : ", ") + one;
  return make_error(ErrorCode::configuration, path_ + ", line 1: there is no column " + name + "; there are " + names + ".");
}

Error Table::fault(std::size_t row, std::size_t column, const std::string& problem) const {
  return make_error(ErrorCode::configuration, path_ + ", line " + std::to_string(line(row)) + ", column " + header_[column] + ": " + problem);
}

}  // namespace osler::train
