#include "service/batch_chunk.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "service/case_json.h"

namespace osler::service {

namespace {

constexpr std::string_view kCase = "case ", kRefused = "refused ";
constexpr std::size_t kMaxErrorsKept = 20;
constexpr std::size_t kMaxPlaceDigits = 3;

Error damaged() { return make_error(ErrorCode::corrupted, "A chunk of the batch is damaged."); }

Result<ChunkCase> parse_line(std::string_view text) {
  ChunkCase one;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), one.line);
  if (failure != std::errc() || end == text.data() + text.size() || *end != ' ') return damaged();
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  if (text.starts_with(kCase)) one.body = text.substr(kCase.size());
  else if (text.starts_with(kRefused)) one.refusal = text.substr(kRefused.size());
  else return damaged();
  return one;
}

/// The place of an item in a list. Longer numbers, and those in place of a LOINC code, are names that somebody made up.
bool is_place(std::string_view text) {
  return !text.empty() && text.size() <= kMaxPlaceDigits && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// As much of a JSON pointer, from its beginning, as the contract made.
std::string known_part(std::string_view pointer) {
  if (pointer.empty()) return {};
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  const std::string_view member = pointer.substr(1, end - 1), rest = pointer.substr(std::min(end + 1, pointer.size()));
  if (!is_request_member(member)) return {};
  const bool keeps_rest = (is_place(rest) && member != "lab_results") || (member == "vitals" && is_vital(rest)) || (member == "pregnant" && (rest == "value" || rest == "gestation_weeks"));
  return std::string(keeps_rest ? pointer : pointer.substr(0, end));
}

}  // namespace

std::string write_chunk(std::span<const BatchRow> rows) {
  std::string text;
  for (const BatchRow& row : rows) {
    text += std::to_string(row.line) + " ";
    if (row.refusal) text.append(kRefused).append(refusal_json(*row.refusal)) += "\n";
    else text.append(kCase).append(row.body) += "\n";
  }
  return text;
}

Result<std::vector<ChunkCase>> parse_chunk(std::string_view text) {
  std::vector<ChunkCase> cases;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return damaged();
    cases.push_back(TRY(parse_line(text.substr(0, end))));
    text.remove_prefix(end + 1);
  }
  return cases;
}

std::string chunk_row(std::string_view batch, std::uint64_t chunk) { return std::string(batch) + "/" + std::to_string(chunk); }

vault::SealedText seal_chunk(const vault::KeyRing& keys, std::string_view batch, std::uint64_t chunk, std::string_view text) {
  return vault::seal(keys, {cases::kChunkTable, chunk_row(batch, chunk)}, as_bytes(text));
}

Result<std::vector<ChunkCase>> open_chunk(const vault::KeyRing& keys, const cases::ChunkClaim& claim) {
  const Bytes text = TRY(vault::open(keys, {cases::kChunkTable, chunk_row(claim.batch, claim.chunk)}, claim.input));
  return parse_chunk(as_text(text));
}

std::string refusal_json(const Error& error) {
  Json json{{"code", name_of(error.code)}, {"detail", error.external}};
  for (const FieldError& field : error.fields) {
    if (json.contains("errors") && json["errors"].size() == kMaxErrorsKept) break;
    json["errors"].push_back({{"pointer", known_part(field.pointer)}, {"problem", field.problem}, {"allowed", field.allowed}});
  }
  return json.dump();
}

std::string write_options(const BatchOptions& options) {
  Json json{{"role", options.role}, {"client", options.client_address}};
  if (options.threshold) json["threshold"] = *options.threshold;
  return json.dump();
}

Result<BatchOptions> parse_options(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    BatchOptions options{{}, json.at("role"), json.at("client")};
    if (json.contains("threshold")) options.threshold = json.at("threshold").get<double>();
    return options;
  } catch (const Json::exception&) {
    return make_error(ErrorCode::corrupted, "The options of the batch are damaged.");
  }
}

}  // namespace osler::service
