#include "http/framing.h"

#include "base/limits.h"
#include "http/problem.h"
#include "http/target.h"

namespace osler::http {

namespace {

FramingFault malformed(std::string external) { return {make_error(ErrorCode::malformed, std::move(external)), 400}; }

std::optional<FramingFault> check_length(const HeaderFields& headers, unsigned http_version, Framing& framing) {
  const auto encoding = headers.find("transfer-encoding");
  const auto length = headers.find("content-length");
  if (encoding) {
    if (length) return malformed("Content-Length and Transfer-Encoding must not both be sent.");
    if (http_version < 11 || headers.count("transfer-encoding") > 1 || !equal_ignoring_case(trim(*encoding), "chunked"))
      return malformed("The only Transfer-Encoding taken is chunked, in HTTP/1.1.");
    framing.chunked = true;
    return std::nullopt;
  }
  if (!length) return std::nullopt;
  const auto bytes = parse_count(*length, 0, SIZE_MAX);
  if (headers.count("content-length") > 1 || !bytes) return malformed("Content-Length must be sent once, as a number.");
  if (*bytes > limits::kMaxBatchBytes) return FramingFault{body_too_large(limits::kMaxBatchBytes), 413};
  framing.content_length = *bytes;
  return std::nullopt;
}

std::optional<FramingFault> check_expect(const HeaderFields& headers, unsigned http_version, Framing& framing) {
  const auto expect = headers.find("expect");
  if (!expect || http_version < 11) return std::nullopt;
  if (!equal_ignoring_case(trim(*expect), "100-continue"))
    return FramingFault{make_error(ErrorCode::malformed, "The only expectation met is 100-continue."), 417};
  framing.expects_continue = true;
  return std::nullopt;
}

std::optional<FramingFault> check_target(std::string_view raw, unsigned http_version, Request& request) {
  if (raw.size() > limits::kMaxTargetBytes)
    return FramingFault{make_error(ErrorCode::too_large, "The request target may hold " + std::to_string(limits::kMaxTargetBytes) + " bytes."), 414};
  auto target = parse_target(raw);
  if (!target) return FramingFault{target.error(), 400};
  const std::size_t hosts = request.headers.count("host");
  if (hosts > 1 || (hosts == 0 && http_version >= 11)) return malformed("Exactly one Host must be sent.");
  if (!target->authority.empty() && !equal_ignoring_case(target->authority, request.headers.find("host").value_or("")))
    return malformed("The host of the target and the Host header differ.");
  if (target->path == "*" && request.method != "OPTIONS") return malformed("The target * is for OPTIONS only.");
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  return std::nullopt;
}

}  // namespace

std::optional<FramingFault> check_framing(std::string_view target, unsigned http_version, Request& request,
                                          Framing& framing) {
  if (auto fault = check_target(target, http_version, request)) return fault;
  if (auto fault = check_length(request.headers, http_version, framing)) return fault;
  return check_expect(request.headers, http_version, framing);
}

}  // namespace osler::http
