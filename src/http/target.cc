#include "http/target.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/json.h"
#include "base/numbers.h"
#include "http/message.h"
#include "http/problem.h"

namespace osler::http {

namespace {

Error malformed_target() { return make_error(ErrorCode::malformed, "The request target cannot be read."); }

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

Result<Target> split_query(std::string_view raw) {
  const std::size_t mark = raw.find('?');
  Target target;
  target.path = std::string(raw.substr(0, mark));
  if (mark != std::string_view::npos) target.query = std::string(raw.substr(mark + 1));
  return target;
}

Result<Target> parse_absolute(std::string_view rest) {
  const std::size_t end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, end);
  if (authority.empty() || authority.find('@') != std::string_view::npos) return malformed_target();
  std::string path = end == std::string_view::npos ? "/" : std::string(rest.substr(end));
  if (path.front() == '?') path.insert(0, "/");
  Target target = TRY(split_query(path));
  target.authority = std::string(authority);
  return target;
}

/// None when an escape is broken or the text is not UTF-8 without control characters.
std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto byte = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (!byte) return std::nullopt;
    decoded += static_cast<char>(byte->front());
    i += 2;
  }
  for (const char c : decoded)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
  try {
    static_cast<void>(Json(decoded).dump());  // the strict UTF-8 check that answers go through as well
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return decoded;
}

std::string listed(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text.empty() ? "no query parameters" : text;
}

}  // namespace

Result<Target> parse_target(std::string_view raw) {
  if (raw.empty() || !std::all_of(raw.begin(), raw.end(), is_visible)) return malformed_target();
  if (raw.find('#') != std::string_view::npos) return malformed_target();
  if (raw.front() == '/' || raw == "*") return split_query(raw);
  for (const std::string_view scheme : {"http://", "https://"})
    if (raw.size() > scheme.size() && equal_ignoring_case(raw.substr(0, scheme.size()), scheme))
      return parse_absolute(raw.substr(scheme.size()));
  return malformed_target();
}

Result<QueryParameters> QueryParameters::parse(std::string_view raw, std::initializer_list<std::string_view> allowed) {
  QueryParameters query;
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  while (!raw.empty() && error.fields.empty()) {
    std::string_view pair = take_until(raw, '&');
    const auto name = decode(take_until(pair, '='));
    const auto value = decode(pair);
    const auto known = name ? std::find(allowed.begin(), allowed.end(), *name) : allowed.end();
    if (known == allowed.end()) {
      error.fields.push_back(parameter_error({}, "This query parameter is not known here.", listed(allowed)));
    } else if (query.find(*known)) {
      error.fields.push_back(parameter_error(*known, "The query parameter is given twice.", "one value"));
    } else if (!value) {
      error.fields.push_back(parameter_error(*known, "The query parameter is wrongly escaped.",
                                             "UTF-8 without control characters, percent-encoded"));
    } else {
      query.parameters_.emplace_back(*name, *value);
    }
  }
  if (!error.fields.empty()) return error;
  return query;
}

std::optional<std::string_view> QueryParameters::find(std::string_view name) const {
  for (const auto& [known, value] : parameters_)
    if (known == name) return value;
  return std::nullopt;
}

std::optional<double> parse_number(std::string_view text, double low, double high) {
  const std::optional<double> value = number_in_text(text);
  return value && *value >= low && *value <= high ? value : std::nullopt;
}

std::optional<std::size_t> parse_count(std::string_view text, std::size_t low, std::size_t high) {
  std::size_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
  return value;
}

}  // namespace osler::http
