#include "http/multipart.h"

#include "base/limits.h"
#include "http/message.h"

namespace osler::http {

namespace {

constexpr std::size_t kMaxBoundary = 70;

Error malformed(const char* what) { return make_error(ErrorCode::malformed, std::string("The form cannot be read: ") + what); }

std::string_view unquoted(std::string_view value) {
  value = trim(value);
  return value.size() >= 2 && value.front() == '"' && value.back() == '"' ? value.substr(1, value.size() - 2) : value;
}

/// The value of one parameter of a header field, `text` being what stands behind the first semicolon. Quoted values may hold semicolons.
std::optional<std::string> parameter(std::string_view text, std::string_view wanted) {
  while (!text.empty()) {
    std::size_t end = 0;
    for (bool quoted = false; end < text.size() && (quoted || text[end] != ';'); ++end)
      if (text[end] == '"' && (end == 0 || text[end - 1] != '\\')) quoted = !quoted;
    std::string_view value = text.substr(0, end);
    const std::string_view name = trim(take_until(value, '='));
    if (equal_ignoring_case(name, wanted)) return std::string(unquoted(value));
    text = end < text.size() ? text.substr(end + 1) : std::string_view();
  }
  return std::nullopt;
}

bool is_boundary_character(char c) {
  constexpr std::string_view kOther = "'()+_,-./:=? ";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kOther.find(c) != std::string_view::npos;
}

Result<std::string> name_of_part(std::string_view header) {
  std::optional<std::string> name;
  while (!header.empty()) {
    std::string_view line = take_until(header, '\n');
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    std::string_view rest = line;
    const std::string_view field = trim(take_until(rest, ':'));
    if (equal_ignoring_case(field, "content-transfer-encoding") && !equal_ignoring_case(trim(rest), "binary"))
      return malformed("a part has a transfer encoding; send bytes as they are.");
    if (!equal_ignoring_case(field, "content-disposition")) continue;
    if (name || !equal_ignoring_case(trim(take_until(rest, ';')), "form-data")) return malformed("a part is not form-data.");
    name = parameter(rest, "name");
  }
  if (!name || name->empty()) return malformed("a part has no name.");
  return std::move(*name);
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  if (!equal_ignoring_case(trim(take_until(content_type, ';')), "multipart/form-data")) return std::nullopt;
  std::optional<std::string> boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundary || boundary->back() == ' ') return std::nullopt;
  for (const char c : *boundary)
    if (!is_boundary_character(c)) return std::nullopt;
  return boundary;
}

Result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view boundary) {
  const std::string first = "--" + std::string(boundary), separator = "\r\n" + first;
  if (!body.starts_with(first)) {
    const std::size_t begin = body.find(separator);  // a preamble may stand before
    if (begin == std::string_view::npos) return malformed("its boundary is not in it.");
    body.remove_prefix(begin + 2);
  }
  body.remove_prefix(first.size());
  std::vector<FormPart> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n")) return malformed("a boundary does not end its line.");
    body.remove_prefix(2);
    if (parts.size() == limits::kMaxFormParts) return make_error(ErrorCode::too_large, "The form has more than " + std::to_string(limits::kMaxFormParts) + " parts.");
    const std::size_t header = body.substr(0, limits::kMaxFormPartHeaderBytes).find("\r\n\r\n");
    if (header == std::string_view::npos) return malformed("the header of a part does not end, or is too long.");
    FormPart part{TRY(name_of_part(body.substr(0, header + 2))), {}};
    body.remove_prefix(header + 4);
    const std::size_t end = body.find(separator);
    if (end == std::string_view::npos) return malformed("it ends before its last boundary.");
    part.content = body.substr(0, end);
    parts.push_back(std::move(part));
    body.remove_prefix(end + separator.size());
  }
  return parts;
}

}  // namespace osler::http
