#include "service/batch_upload.h"

#include "service/batch_csv.h"

namespace osler::service {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::string_view name_of(BatchFormat format) { return format == BatchFormat::csv ? "csv" : "ndjson"; }

std::optional<BatchFormat> parse_batch_format(std::string_view name) {
  for (const BatchFormat format : {BatchFormat::ndjson, BatchFormat::csv})
    if (name == name_of(format)) return format;
  return std::nullopt;
}

class BatchReader::Splitter {
 public:
  virtual ~Splitter() = default;
  virtual Result<void> take(std::string_view bytes, std::vector<BatchRow>& rows) = 0;
  virtual Result<void> finish(std::vector<BatchRow>& rows) = 0;
};

namespace {

class Lines final : public BatchReader::Splitter {
 public:
  explicit Lines(std::size_t max_row_bytes) : max_row_bytes_(max_row_bytes) {}

  Result<void> take(std::string_view bytes, std::vector<BatchRow>& rows) override {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      add(bytes.substr(0, end));
      end_line(rows);
      bytes.remove_prefix(end + 1);
    }
    add(bytes);
    return ok();
  }
  Result<void> finish(std::vector<BatchRow>& rows) override {
    end_line(rows);
    return ok();
  }

 private:
  void add(std::string_view part) {
    too_long_ = too_long_ || row_.size() + part.size() > max_row_bytes_;
    if (too_long_) row_.clear();
    else row_ += part;
  }
  void end_line(std::vector<BatchRow>& rows) {
    if (too_long_) rows.push_back({line_, "", make_error(ErrorCode::too_large, "The row is too long.")});
    else if (row_.find_first_not_of(" \t\r") != std::string::npos) rows.push_back({line_, std::move(row_)});
    row_.clear();
    too_long_ = false;
    ++line_;
  }

  const std::size_t max_row_bytes_;
  std::uint64_t line_ = 1;
  std::string row_;
  bool too_long_ = false;
};

class Table final : public BatchReader::Splitter {
 public:
  explicit Table(std::size_t max_row_bytes) : csv_(max_row_bytes) {}

  Result<void> take(std::string_view bytes, std::vector<BatchRow>& rows) override {
    csv_.take(bytes, found_);
    return translate(rows);
  }
  Result<void> finish(std::vector<BatchRow>& rows) override {
    csv_.finish(found_);
    return translate(rows);
  }

 private:
  Result<void> translate(std::vector<BatchRow>& rows) {
    for (CsvRow& row : found_) {
      if (!columns_ && row.fault) return make_error(ErrorCode::invalid, "The header of the CSV file cannot be used: " + row.fault->external);
      if (!columns_) {
        columns_ = TRY(CsvColumns::read(row.cells));
        continue;
      }
      BatchRow& made = rows.emplace_back(BatchRow{row.line, ""});
      Result<std::string> body = row.fault ? Result<std::string>(std::move(*row.fault)) : columns_->request_of(row.cells);
      if (body) made.body = std::move(*body);
      else made.refusal = std::move(body).error();
    }
    found_.clear();
    return ok();
  }

  CsvSplitter csv_;
  std::vector<CsvRow> found_;
  std::optional<CsvColumns> columns_;
};

std::unique_ptr<BatchReader::Splitter> splitter_for(BatchFormat format, std::size_t max_row_bytes) {
  if (format == BatchFormat::csv) return std::make_unique<Table>(max_row_bytes);
  return std::make_unique<Lines>(max_row_bytes);
}

}  // namespace

BatchReader::BatchReader(BatchFormat format, BatchBounds bounds) : bounds_(bounds), splitter_(splitter_for(format, bounds.row_bytes)) {}
BatchReader::~BatchReader() = default;

Result<void> BatchReader::take(std::string_view bytes, std::vector<BatchRow>& rows) {
  bytes_ += bytes.size();
  if (bytes_ > bounds_.bytes) return make_error(ErrorCode::too_large, "A batch may hold " + std::to_string(bounds_.bytes) + " bytes.");
  while (at_start_ && !bytes.empty()) {
    at_start_ = mark_bytes_ < kByteOrderMark.size() && bytes.front() == kByteOrderMark[mark_bytes_];
    if (!at_start_) break;
    ++mark_bytes_;
    bytes.remove_prefix(1);
  }
  const std::size_t before = rows.size();
  TRY_VOID(splitter_->take(bytes, rows));
  return check(before, rows);
}

Result<void> BatchReader::finish(std::vector<BatchRow>& rows) {
  const std::size_t before = rows.size();
  TRY_VOID(splitter_->finish(rows));
  TRY_VOID(check(before, rows));
  return cases_ > 0 ? ok() : make_error(ErrorCode::invalid, "The batch holds no case.");
}

Result<void> BatchReader::check(std::size_t rows_before, const std::vector<BatchRow>& rows) {
  cases_ += rows.size() - rows_before;
  for (std::size_t i = rows_before; i < rows.size(); ++i) body_bytes_ += rows[i].body.size();
  if (cases_ > bounds_.cases) return make_error(ErrorCode::too_large, "A batch may hold " + std::to_string(bounds_.cases) + " cases.");
  if (body_bytes_ > bounds_.bytes)
    return make_error(ErrorCode::too_large, "The rows of a batch, as requests of the API, may hold " + std::to_string(bounds_.bytes) + " bytes.");
  return ok();
}

}  // namespace osler::service
