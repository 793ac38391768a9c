#include "http/middleware/security_headers.h"

#include <algorithm>

namespace osler::http {

namespace {

constexpr std::string_view kOwnOnly =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
// Swagger UI writes style attributes and embeds its icons; Redoc searches in a worker made from a blob.
constexpr std::string_view kDocsToo = "; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:";

}  // namespace

void add_security_headers(Response& response, ContentPolicy policy, bool tls) {
  std::string content_policy(kOwnOnly);
  if (policy == ContentPolicy::docs) content_policy += kDocsToo;
  response.set_header("Content-Security-Policy", std::move(content_policy));
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Cross-Origin-Opener-Policy", "same-origin");
  if (tls) response.set_header("Strict-Transport-Security", "max-age=31536000");
  const bool decided = std::any_of(response.headers.begin(), response.headers.end(),
                                   [](const auto& header) { return equal_ignoring_case(header.first, "Cache-Control"); });
  if (!decided) response.set_header("Cache-Control", "no-store");
}

}  // namespace osler::http
