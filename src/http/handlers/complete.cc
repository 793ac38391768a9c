#include "base/limits.h"
#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"
#include "http/problem.h"
#include "http/target.h"

namespace osler::http {

namespace {

constexpr std::size_t kDefaultLimit = 10;
constexpr std::size_t kMaxLimit = 50;

struct Question {
  std::string prefix, kind;
  std::size_t limit = kDefaultLimit;
};

/// What a field of the page asks for; none asks for everything.
bool is_kind(std::string_view text) { return text.empty() || text == "symptom" || text == "history" || text == "lab"; }

Result<Question> read_question(std::string_view raw_query) {
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"q", "kind", "limit"}));
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  Question question;
  question.prefix = query.find("q").value_or("");
  question.kind = query.find("kind").value_or("");
  const auto limit = parse_count(query.find("limit").value_or("10"), 1, kMaxLimit);
  if (question.prefix.size() > limits::kMaxSymptomCharacters)
    error.fields.push_back(parameter_error("q", "The query parameter is too long.", "up to 500 bytes"));
  if (!is_kind(question.kind))
    error.fields.push_back(parameter_error("kind", "The query parameter is not a kind.", "symptom, history or lab"));
  if (!limit) error.fields.push_back(parameter_error("limit", "The query parameter is not a number in range.", "1 to 50"));
  if (!error.fields.empty()) return error;
  question.limit = *limit;
  return question;
}

}  // namespace

void complete(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  const auto question = read_question(request.query);
  if (!question) return done(problem_response(question.error(), context.request_id));
  done(json_answer(parts.service.complete(question->prefix, question->kind, question->limit)));
}

}  // namespace osler::http
