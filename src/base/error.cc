#include "base/error.h"

namespace osler {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::unsupported_media: return "unsupported_media";
    case ErrorCode::unauthenticated: return "unauthenticated";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::method_not_allowed: return "method_not_allowed";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::rate_limited: return "rate_limited";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::corrupted: return "corrupted";
    case ErrorCode::configuration: return "configuration";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error make_error(ErrorCode code, std::string external, std::string internal) {
  return Error{code, std::move(external), std::move(internal), {}};
}

std::string describe(const Error& error) {
  std::string text = error.external;
  if (!error.internal.empty()) text += " (" + error.internal + ")";
  for (const FieldError& field : error.fields)
    text += "; " + field.pointer + ": " + field.problem + ", allowed: " + field.allowed;
  return text;
}

}  // namespace osler
