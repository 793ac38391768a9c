#include "http/middleware/content_type.h"

namespace osler::http {

namespace {

bool is_utf8_parameter(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos || !equal_ignoring_case(trim(parameter.substr(0, equals)), "charset")) return false;
  std::string_view value = trim(parameter.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return equal_ignoring_case(value, "utf-8");
}

bool fits(std::string_view content_type, std::string_view media_type) {
  const std::size_t semicolon = std::min(content_type.find(';'), content_type.size());
  if (!equal_ignoring_case(trim(content_type.substr(0, semicolon)), media_type)) return false;
  if (media_type.starts_with("multipart/")) return semicolon < content_type.size();  // its handler reads the boundary
  if (semicolon == content_type.size()) return true;
  return is_utf8_parameter(trim(content_type.substr(semicolon + 1)));
}

bool fits_any(std::string_view content_type, std::string_view media_types) {
  while (!media_types.empty())
    if (fits(content_type, trim(take_until(media_types, ',')))) return true;
  return false;
}

}  // namespace

Result<void> check_content_type(const HeaderFields& headers, std::string_view media_types) {
  const auto type = headers.find("content-type");
  if (headers.count("content-type") != 1 || !fits_any(*type, media_types))
    return make_error(ErrorCode::unsupported_media,
                      "The body must be sent as Content-Type: " + std::string(media_types) +
                          (media_types.starts_with("multipart/") ? " with a boundary." : " in UTF-8."));
  const auto encoding = headers.find("content-encoding");
  if (encoding && !equal_ignoring_case(trim(*encoding), "identity"))
    return make_error(ErrorCode::unsupported_media, "The body must not be compressed.");
  return ok();
}

}  // namespace osler::http
