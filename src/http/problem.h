// Every refusal as an RFC 9457 problem document, and the one table from error codes to HTTP statuses.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace osler::http {

unsigned status_of(ErrorCode code);

/// `error` as application/problem+json: type, title, status, detail, instance, request_id, errors. What
/// stands in Error::internal goes to Response::log_detail and never into the document; for the codes that
/// are 500 the document holds none of the error's own words. Adds Retry-After (429, 503) and WWW-Authenticate (401).
Response problem_response(const Error& error, std::string_view request_id);

/// The same with another status than the code's own, for refusals that HTTP has a finer status for (408, 414,
/// 417, 431).
Response problem_response(const Error& error, std::string_view request_id, unsigned status);

/// ErrorCode::too_large, with the bound.
Error body_too_large(std::size_t bound);

/// A bad query parameter as a FieldError: it has no JSON pointer, so its `pointer` is "?" and the name, which
/// the document shows as `parameter`. An empty name: a parameter that is not ours to name.
FieldError parameter_error(std::string_view name, std::string problem, std::string allowed);

}  // namespace osler::http
