// What every answer tells a browser not to do.
#pragma once

#include "http/message.h"

namespace osler::http {

enum class ContentPolicy {
  api,   // never cached
  page,  // the page and its files; caching as the file says
  docs,  // Swagger UI and Redoc: inline styles, data: pictures and blob: workers besides
};

/// Adds Content-Security-Policy (nothing from elsewhere, never framed), X-Content-Type-Options,
/// Referrer-Policy, and Cache-Control: no-store where the response has no Cache-Control of its own. `tls` adds
/// Strict-Transport-Security.
void add_security_headers(Response& response, ContentPolicy policy, bool tls);

}  // namespace osler::http
