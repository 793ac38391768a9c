// What kind of body a request says it has.
#pragma once

#include "base/result.h"
#include "http/message.h"

namespace osler::http {

/// ErrorCode::unsupported_media unless the one Content-Type is one of `media_types` (commas between), with charset=utf-8 or no parameter (multipart: with
/// parameters), and the
/// body is not compressed.
Result<void> check_content_type(const HeaderFields& headers, std::string_view media_types);

}  // namespace osler::http
