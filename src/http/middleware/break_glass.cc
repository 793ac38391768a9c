#include "http/middleware/break_glass.h"

#include <algorithm>

#include "base/json.h"
#include "base/limits.h"

namespace osler::http {

namespace {

using Reason = std::shared_ptr<const vault::Phi<std::string>>;

bool is_reason(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (!is_utf8(text) || std::any_of(text.begin(), text.end(), is_control)) return false;
  const auto continues = std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
  const std::size_t characters = text.size() - static_cast<std::size_t>(continues);
  return characters >= limits::kMinBreakGlassCharacters && characters <= limits::kMaxBreakGlassCharacters;
}

}  // namespace

Result<Reason> break_glass_reason(const HeaderFields& headers, Role role, bool route_takes_it) {
  const auto text = headers.find("x-break-glass");
  if (!text) return Reason();
  if (!route_takes_it) return make_error(ErrorCode::invalid, "This address does not take X-Break-Glass.");
  if (role != Role::clinician) return make_error(ErrorCode::forbidden, "Only a clinician may break the glass.");
  if (headers.count("x-break-glass") != 1 || !is_reason(trim(*text)))
    return make_error(ErrorCode::invalid, "X-Break-Glass must give one reason of 10 to 500 characters.");
  return std::make_shared<const vault::Phi<std::string>>(std::string(trim(*text)));
}

}  // namespace osler::http
