// /api/v1/audit: what an auditor sees.
#include "base/limits.h"
#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"
#include "http/problem.h"
#include "http/target.h"
#include "service/audit_trail.h"

namespace osler::http {

namespace {

constexpr std::size_t kLongestLogName = 255;  // of a folder

Error no_audit() { return make_error(ErrorCode::not_found, "This server shows no audit log."); }

Result<service::AuditPageOptions> read_page(std::string_view raw_query) {
  constexpr std::size_t kLast = std::numeric_limits<std::int64_t>::max();
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"log", "before", "limit"}));
  service::AuditPageOptions options;
  options.log = query.find("log").value_or("");
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  if (options.log.size() > kLongestLogName) error.fields.push_back(parameter_error("log", "The query parameter is too long.", "up to 255 characters"));
  const auto limit = parse_count(query.find("limit").value_or("100"), 1, limits::kMaxAuditEntriesListed);
  if (!limit) error.fields.push_back(parameter_error("limit", "The query parameter is not a number in range.", "1 to 1000"));
  const auto before = query.find("before") ? parse_count(*query.find("before"), 1, kLast) : kLast;
  if (!before) error.fields.push_back(parameter_error("before", "The query parameter is no cursor.", "`next` of the page before"));
  if (!error.fields.empty()) return error;
  options.limit = *limit;
  options.before = *before;
  return options;
}

Result<Json> page_of(const Parts& parts, const Request& request, const service::RequestContext& context) {
  const service::AuditPageOptions options = TRY(read_page(request.query));
  return parts.audit ? parts.audit->page(options, context) : no_audit();
}

Result<Json> accesses_of(const Parts& parts, const Request& request, const service::RequestContext& context) {
  TRY(QueryParameters::parse(request.query, {}));
  return parts.audit ? parts.audit->accesses(request.body, context) : no_audit();
}

}  // namespace

void audit_page(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  answer(page_of(parts, request, context), context, done);
}

void audit_accesses(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  answer(accesses_of(parts, request, context), context, done);
}

}  // namespace osler::http
