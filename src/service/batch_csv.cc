#include "service/batch_csv.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "base/numbers.h"

namespace osler::service {

namespace {

constexpr char kListSeparator = ';';

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// A number where the text is one, else the text: then the contract's own check says what is wrong.
Json number_in(std::string_view text) {
  const std::optional<double> value = number_in_text(text);
  return value ? Json(*value) : Json(std::string(text));
}

Json truth_in(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::string(text);
}

Json list_in(std::string_view text) {
  Json list = Json::array();
  while (true) {
    const std::size_t end = text.find(kListSeparator);
    if (const std::string_view item = trimmed(text.substr(0, end)); !item.empty()) list.push_back(item);
    if (end == std::string_view::npos) return list;
    text.remove_prefix(end + 1);
  }
}

Error bad_header(std::string problem) { return make_error(ErrorCode::invalid, "The header of the CSV file cannot be used: " + std::move(problem)); }

}  // namespace

void CsvSplitter::take(std::string_view bytes, std::vector<CsvRow>& rows) {
  for (const char c : bytes) take(c, rows);
}

void CsvSplitter::take(char c, std::vector<CsvRow>& rows) {
  if (c == '\n') ++line_;
  if (c == '\n' && state_ != State::quoted) return end_row(rows);
  if (state_ != State::broken && ++row_bytes_ > max_row_bytes_) state_ = fail(ErrorCode::too_large, "The row is too long.");
  else state_ = next(c);
}

/// The state after a byte that does not end the row.
CsvSplitter::State CsvSplitter::next(char c) {
  switch (state_) {
    case State::cell_start:
      if (c == '"') {
        any_quote_ = true;
        return State::quoted;
      }
      [[fallthrough]];
    case State::plain:
      if (c == '"') return fail(ErrorCode::malformed, "A quote stands within a cell that has none around it.");
      if (c != ',') return cell_ += c, State::plain;
      end_cell();
      return cells_.size() < limits::kMaxBatchColumns ? State::cell_start : fail(ErrorCode::malformed, "The row has too many cells.");
    case State::quoted:
      if (c == '"') return State::after_quote;
      cell_ += c;
      return State::quoted;
    case State::after_quote:
      if (c == '"') return cell_ += c, State::quoted;
      if (c == '\r') return State::carriage;
      if (c != ',') return fail(ErrorCode::malformed, "Something follows the closing quote of a cell.");
      end_cell();
      return cells_.size() < limits::kMaxBatchColumns ? State::cell_start : fail(ErrorCode::malformed, "The row has too many cells.");
    case State::carriage: return fail(ErrorCode::malformed, "Something follows the closing quote of a cell.");
    case State::broken: return State::broken;
  }
  return State::broken;
}

void CsvSplitter::end_cell() {
  cells_.push_back(std::move(cell_));
  cell_.clear();
}

CsvSplitter::State CsvSplitter::fail(ErrorCode code, const char* what) {
  fault_ = make_error(code, what);
  cells_.clear();
  cell_.clear();
  return State::broken;
}

void CsvSplitter::end_row(std::vector<CsvRow>& rows) {
  const bool quoted_end = state_ == State::after_quote || state_ == State::carriage;
  if (!quoted_end && cell_.ends_with('\r')) cell_.pop_back();
  if (fault_) {
    rows.push_back({row_line_, {}, std::move(*fault_)});
  } else if (!cells_.empty() || any_quote_ || !trimmed(cell_).empty()) {
    end_cell();
    rows.push_back({row_line_, std::move(cells_)});
  }
  fault_.reset();
  cells_.clear();
  cell_.clear();
  any_quote_ = false;
  row_bytes_ = 0;
  row_line_ = line_;
  state_ = State::cell_start;
}

void CsvSplitter::finish(std::vector<CsvRow>& rows) {
  if (state_ == State::quoted) state_ = fail(ErrorCode::malformed, "The file ends within a quoted cell that begins in this row.");
  end_row(rows);
}

CsvColumns::Column CsvColumns::column_called(std::string_view name) {
  constexpr std::string_view kNumbers[] = {"age", "duration_days"};
  constexpr std::string_view kLists[] = {"symptoms", "preexisting_conditions", "family_history", "absent_findings"};
  const auto is_one_of = [&](const auto& names) { return std::find(std::begin(names), std::end(names), name) != std::end(names); };
  if (name.starts_with("lab:")) {
    const std::string_view code = name.substr(4);
    const std::size_t colon = std::min(code.find(':'), code.size());
    return {Kind::lab, std::string(code.substr(0, colon)), colon < code.size() ? std::string(code.substr(colon + 1)) : std::string()};
  }
  if (name.starts_with("vital:")) return {Kind::vital, std::string(name.substr(6)), ""};
  if (is_one_of(kNumbers)) return {Kind::number, std::string(name), ""};
  if (is_one_of(kLists)) return {Kind::list, std::string(name), ""};
  if (name == "pregnant") return {Kind::truth, std::string(name), ""};
  if (name == "gestation_weeks") return {Kind::weeks, std::string(name), ""};
  return {Kind::text, std::string(name), ""};  // one that the contract does not know becomes a warning of each answer, as in the API
}

Result<CsvColumns> CsvColumns::read(const std::vector<std::string>& header) {
  CsvColumns columns;
  std::set<std::pair<Kind, std::string>> seen;
  for (const std::string& cell : header) {
    const std::string number = std::to_string(columns.columns_.size() + 1);
    Column column = column_called(trimmed(cell));
    if (column.name.empty()) return bad_header("column " + number + " has no name.");
    if (!seen.emplace(column.kind, column.name).second) return bad_header("column " + number + " is there twice.");
    if (!column.unit.empty() && column.unit.size() > limits::kMaxUnitCharacters) return bad_header("the unit of column " + number + " is too long.");
    columns.columns_.push_back(std::move(column));
  }
  for (const auto& required : {std::pair(Kind::number, "age"), std::pair(Kind::list, "symptoms"), std::pair(Kind::text, "severity")})
    if (!seen.contains({required.first, required.second})) return bad_header(std::string("the column ") + required.second + " is missing.");
  return columns;
}

void CsvColumns::add(const Column& column, std::string_view cell, Json& request) {
  switch (column.kind) {
    case Kind::text: request[column.name] = cell; return;
    case Kind::number: request[column.name] = number_in(trimmed(cell)); return;
    case Kind::list: request[column.name] = list_in(cell); return;
    case Kind::truth: request["pregnant"]["value"] = truth_in(trimmed(cell)); return;
    case Kind::weeks: request["pregnant"]["gestation_weeks"] = number_in(trimmed(cell)); return;
    case Kind::vital: request["vitals"][column.name] = number_in(trimmed(cell)); return;
    case Kind::lab:
      if (column.unit.empty()) request["lab_results"][column.name] = number_in(trimmed(cell));
      else request["lab_results"][column.name] = {{"value", number_in(trimmed(cell))}, {"unit", column.unit}};
  }
}

Result<std::string> CsvColumns::request_of(const std::vector<std::string>& cells) const {
  if (cells.size() != columns_.size())
    return make_error(ErrorCode::malformed, "The row has " + std::to_string(cells.size()) + " cells and the header " + std::to_string(columns_.size()) + ".");
  Json request = Json::object();
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!trimmed(cells[i]).empty()) add(columns_[i], cells[i], request);
  try {
    return request.dump();
  } catch (const Json::exception&) {
    return make_error(ErrorCode::malformed, "The row is not UTF-8.");
  }
}

}  // namespace osler::service
