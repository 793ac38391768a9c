// multipart/form-data (RFC 7578), as a browser or curl sends an upload.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace osler::http {

/// One part of a form. The views live as long as the body.
struct FormPart {
  std::string name;          // of the field
  std::string_view content;  // its bytes as sent
};

/// The boundary parameter of a Content-Type multipart/form-data: 1 to 70 characters (RFC 2046 section 5.1.1). None where it is not one.
std::optional<std::string> multipart_boundary(std::string_view content_type);

/// The parts in their order. ErrorCode::malformed where the body is not what its boundary says, ends early, or has a part without a
/// name, with a transfer encoding, or with a header over limits::kMaxFormPartHeaderBytes; too_large for more than limits::kMaxFormParts.
/// Names of files are not read: they may name a patient.
Result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view boundary);

}  // namespace osler::http
