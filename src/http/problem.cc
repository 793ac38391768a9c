#include "http/problem.h"

#include "base/check.h"
#include "base/json.h"

namespace osler::http {

namespace {

struct Row {
  ErrorCode code;
  unsigned status;
  std::string_view title;
};

constexpr Row kTable[] = {
    {ErrorCode::malformed, 400, "The request cannot be read"},
    {ErrorCode::invalid, 422, "A field breaks its rule"},
    {ErrorCode::too_large, 413, "The request is too large"},
    {ErrorCode::unsupported_media, 415, "This content type is not taken"},
    {ErrorCode::unauthenticated, 401, "Authentication is required"},
    {ErrorCode::forbidden, 403, "This is not allowed"},
    {ErrorCode::not_found, 404, "Nothing is here"},
    {ErrorCode::method_not_allowed, 405, "The method is not allowed here"},
    {ErrorCode::conflict, 409, "The request conflicts with another"},
    {ErrorCode::rate_limited, 429, "Too many requests"},
    {ErrorCode::overloaded, 503, "The server is busy"},
    {ErrorCode::timeout, 504, "The answer took too long"},
    {ErrorCode::unavailable, 503, "Something this needs does not work now"},
    {ErrorCode::corrupted, 500, "The server failed"},
    {ErrorCode::configuration, 500, "The server failed"},
    {ErrorCode::internal, 500, "The server failed"},
};

const Row& row_of(ErrorCode code) {
  for (const Row& row : kTable)
    if (row.code == code) return row;
  CHECK(!"every error code has its row");
  return kTable[0];
}

Json entry_of(const FieldError& field) {
  Json entry;
  if (field.pointer.starts_with('?')) {
    if (field.pointer.size() > 1) entry["parameter"] = field.pointer.substr(1);
  } else {
    entry["pointer"] = field.pointer;
  }
  entry["problem"] = field.problem;
  entry["allowed"] = field.allowed;
  return entry;
}

Json document_of(const Error& error, unsigned status, std::string_view request_id) {
  const Row& row = row_of(error.code);
  Json document;
  document["type"] = "urn:osler:problem:" + std::string(row.status == 500 ? "internal" : name_of(error.code));
  document["title"] = row.title;
  document["status"] = status;
  document["detail"] = row.status == 500 ? "Something went wrong inside. The log has it under the request id."
                                         : error.external;
  document["instance"] = "urn:uuid:" + std::string(request_id);
  document["request_id"] = request_id;
  if (row.status == 500 || error.fields.empty()) return document;
  document["errors"] = Json::array();
  for (const FieldError& field : error.fields) document["errors"].push_back(entry_of(field));
  return document;
}

}  // namespace

unsigned status_of(ErrorCode code) { return row_of(code).status; }

Response problem_response(const Error& error, std::string_view request_id) {
  return problem_response(error, request_id, status_of(error.code));
}

Response problem_response(const Error& error, std::string_view request_id, unsigned status) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = document_of(error, status, request_id).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  response.error = error.code;
  response.log_detail = error.internal;
  if (status == 429 || status == 503) response.set_header("Retry-After", "1");
  if (status == 401) response.set_header("WWW-Authenticate", "Bearer realm=\"osler\"");
  return response;
}

Error body_too_large(std::size_t bound) { return make_error(ErrorCode::too_large, "The body may hold " + std::to_string(bound) + " bytes."); }

FieldError parameter_error(std::string_view name, std::string problem, std::string allowed) {
  return {"?" + std::string(name), std::move(problem), std::move(allowed)};
}

}  // namespace osler::http
