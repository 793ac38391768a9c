// What stands beside a diagnosis: reading a text, and what to ask next.
#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"
#include "http/problem.h"
#include "http/target.h"

namespace osler::http {

namespace {

constexpr std::size_t kMaxSteps = 50;

service::DiagnoseService::JsonDone answer_with(const Done& done, const std::string& request_id) {
  return [done, request_id](Result<std::string> json) {
    done(json ? json_answer(std::move(*json)) : problem_response(json.error(), request_id));
  };
}

Result<std::size_t> read_limit(std::string_view raw_query) {
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"limit"}));
  if (const auto limit = parse_count(query.find("limit").value_or("10"), 1, kMaxSteps)) return *limit;
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  error.fields.push_back(parameter_error("limit", "The query parameter is not a number in range.", "1 to 50"));
  return error;
}

}  // namespace

void findings(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (const auto query = QueryParameters::parse(request.query, {}); !query) return done(problem_response(query.error(), context.request_id));
  parts.service.findings(request.body, context, answer_with(done, context.request_id));
}

void next(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  const auto limit = read_limit(request.query);
  if (!limit) return done(problem_response(limit.error(), context.request_id));
  parts.service.next(request.body, context, *limit, answer_with(done, context.request_id));
}

}  // namespace osler::http
