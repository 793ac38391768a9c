#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"
#include "http/problem.h"
#include "http/target.h"

namespace osler::http {

namespace {

Error wrong(const char* name, const char* problem, const char* allowed) {
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  error.fields.push_back(parameter_error(name, problem, allowed));
  return error;
}

Result<service::DiagnoseOptions> read_options(std::string_view raw_query) {
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"threshold", "explain", "condition"}));
  service::DiagnoseOptions options;
  if (const auto threshold = query.find("threshold")) {
    options.threshold = parse_number(*threshold, 0, 1);
    if (!options.threshold) return wrong("threshold", "The query parameter is not a number from 0 to 1.", "0 to 1");
  }
  if (const auto method = query.find("explain")) {
    if (*method != "shap" && *method != "lime") return wrong("explain", "The query parameter names no method of explanation.", "shap or lime");
    options.explain = *method == "shap" ? service::ExplanationMethod::shap : service::ExplanationMethod::lime;
  }
  if (const auto condition = query.find("condition")) {
    if (options.explain == service::ExplanationMethod::none) return wrong("condition", "There is no explain beside it.", "explain=shap or explain=lime as well");
    options.explained_condition = std::string(*condition);
  }
  return options;
}

}  // namespace

void diagnose(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  const auto options = read_options(request.query);
  if (!options) return done(problem_response(options.error(), context.request_id));
  parts.service.diagnose(
      request.body, context, *options,
      [done, request_id = context.request_id](Result<service::DiagnoseAnswer> answer) {
        if (!answer) return done(problem_response(answer.error(), request_id));
        Response response = json_answer(std::move(answer->json));
        response.statistics = std::move(answer->statistics);
        done(std::move(response));
      });
}

}  // namespace osler::http
