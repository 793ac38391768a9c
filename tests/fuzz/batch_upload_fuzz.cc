// libFuzzer: any bytes as an upload of a batch, cut where the input says. The cutting changes nothing, bounds hold, and what a table becomes is JSON on one line.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "base/json.h"
#include "service/batch_chunk.h"

namespace {

using namespace osler;

constexpr std::size_t kRowBytes = 200;

struct Read {
  std::vector<service::BatchRow> rows;
  bool refused = false;
};

Read read(service::BatchFormat format, std::string_view text, std::size_t piece) {
  service::BatchBounds bounds;
  bounds.row_bytes = kRowBytes;
  service::BatchReader reader(format, bounds);
  Read result;
  for (std::size_t begin = 0; begin < text.size() && !result.refused; begin += piece) result.refused = !reader.take(text.substr(begin, piece), result.rows);
  if (!result.refused) result.refused = !reader.finish(result.rows);
  return result;
}

void check(const std::vector<service::BatchRow>& rows, service::BatchFormat format) {
  std::uint64_t last = 0;
  for (const service::BatchRow& row : rows) {
    CHECK(row.line > last);
    last = row.line;
    CHECK(row.refusal.has_value() == row.body.empty());
    CHECK(row.body.find('\n') == std::string::npos);
    if (format == service::BatchFormat::csv && !row.refusal) CHECK(parse_json(row.body).has_value());
  }
  const auto chunk = service::parse_chunk(service::write_chunk(rows));
  CHECK(chunk && chunk->size() == rows.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto format = data[0] % 2 == 0 ? service::BatchFormat::csv : service::BatchFormat::ndjson;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Read whole = read(format, text, std::max<std::size_t>(1, text.size()));
  const Read cut = read(format, text, std::max<std::size_t>(1, data[1]));
  CHECK(whole.refused == cut.refused);
  if (whole.refused) return 0;  // how many rows came before the refusal is nobody's business
  CHECK(whole.rows.size() == cut.rows.size());
  for (std::size_t i = 0; i < whole.rows.size(); ++i) CHECK(whole.rows[i].line == cut.rows[i].line && whole.rows[i].body == cut.rows[i].body);
  check(whole.rows, format);
  return 0;
}
