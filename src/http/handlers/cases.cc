// Stored cases: looking for similar ones, reading back, outcomes, sharing; and what an administrator does to a patient's records.
#include <limits>

#include "base/limits.h"
#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"
#include "http/problem.h"
#include "http/target.h"

namespace osler::http {

namespace {

service::CaseService::JsonDone answer_with(const Done& done, const std::string& request_id) {
  return [done, request_id](Result<std::string> json) {
    done(json ? json_answer(std::move(*json)) : problem_response(json.error(), request_id));
  };
}

/// Refuses every query parameter. True when there is none, and the request may go on.
bool takes_no_query(const Request& request, const service::RequestContext& context, const Done& done) {
  const auto query = QueryParameters::parse(request.query, {});
  if (!query) done(problem_response(query.error(), context.request_id));
  return query.has_value();
}

Result<service::CaseListOptions> read_page(std::string_view raw_query) {
  constexpr std::size_t kLast = std::numeric_limits<std::int64_t>::max();
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"limit", "before"}));
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  const auto limit = parse_count(query.find("limit").value_or("20"), 1, limits::kMaxCasesListed);
  const auto before = query.find("before") ? parse_count(*query.find("before"), 1, kLast) : kLast;
  if (!limit) error.fields.push_back(parameter_error("limit", "The query parameter is not a number in range.", "1 to 100"));
  if (!before) error.fields.push_back(parameter_error("before", "The query parameter is no cursor.", "`next` of the page before"));
  if (!error.fields.empty()) return error;
  return service::CaseListOptions{*before, *limit};
}

}  // namespace

void search_cases(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (takes_no_query(request, context, done)) parts.cases.search(request.body, context, answer_with(done, context.request_id));
}

void list_cases(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  const auto page = read_page(request.query);
  if (!page) return done(problem_response(page.error(), context.request_id));
  parts.cases.list(*page, context, answer_with(done, context.request_id));
}

void read_case(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (takes_no_query(request, context, done)) parts.cases.read(request.id, context, answer_with(done, context.request_id));
}

void record_outcome(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (takes_no_query(request, context, done)) parts.cases.record_outcome(request.id, request.body, context, answer_with(done, context.request_id));
}

void share_case(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (takes_no_query(request, context, done)) parts.cases.share(request.id, request.body, context, answer_with(done, context.request_id));
}

void delete_patient(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (takes_no_query(request, context, done)) parts.cases.delete_patient(request.body, context, answer_with(done, context.request_id));
}

void hold_patient(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (takes_no_query(request, context, done)) parts.cases.hold_patient(request.body, context, answer_with(done, context.request_id));
}

}  // namespace osler::http
