// Where a request's body begins and ends, and which host it is for: the questions on which two servers in a row must
// never disagree (request smuggling, RFC 9112 section 11.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace osler::http {

struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// What is wrong with a header before anything else is looked at; the connection must end after the answer.
struct FramingFault {
  Error error;
  unsigned status;
};

/// Refuses, beyond what the parser does: two Content-Length fields, Content-Length beside Transfer-Encoding, any
/// Transfer-Encoding but "chunked", any at all in HTTP/1.0, no Host or two, a target's authority that is not the Host, an
/// Expect that is not 100-continue (417), a target over limits::kMaxTargetBytes (414), a Content-Length over
/// limits::kMaxBatchBytes (413); a route's own bound is the edge's.
/// On success `request.path` and `request.query` are set from `target`.
std::optional<FramingFault> check_framing(std::string_view target, unsigned http_version, Request& request,
                                          Framing& framing);

}  // namespace osler::http
