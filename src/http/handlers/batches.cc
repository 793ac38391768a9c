// /api/v1/batches: many cases at once, sent, looked at, read and cancelled by their owner.
#include "base/limits.h"
#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"
#include "http/problem.h"
#include "http/target.h"

namespace osler::http {

namespace {

constexpr std::string_view kBatchPath = "/api/v1/batches/";

Error wrong(const char* name, const char* problem, std::string allowed) {
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  error.fields.push_back(parameter_error(name, problem, std::move(allowed)));
  return error;
}

Result<std::optional<double>> read_threshold(std::string_view raw_query) {
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"threshold"}));
  const auto text = query.find("threshold");
  if (!text) return std::optional<double>();
  const auto threshold = parse_number(*text, 0, 1);
  if (!threshold) return wrong("threshold", "The query parameter is not a number from 0 to 1.", "0 to 1");
  return threshold;
}

service::BatchFormat format_of(const Request& request) {
  std::string_view type = request.headers.find("content-type").value_or("");
  return equal_ignoring_case(trim(take_until(type, ';')), "text/csv") ? service::BatchFormat::csv : service::BatchFormat::ndjson;
}

Error no_batches() { return make_error(ErrorCode::not_found, "This server takes no batches."); }

/// One upload, piece by piece.
class Upload final : public BodyTaker {
 public:
  Upload(const Parts& parts, const Request& request, const service::RequestContext& context)
      : batches_(parts.batches), format_(format_of(request)), threshold_(read_threshold(request.query)), context_(context) {}

  std::optional<Response> begin() override {
    if (!threshold_) return refusal(threshold_.error());
    if (batches_ == nullptr) return refusal(no_batches());
    auto upload = batches_->receive(format_, *threshold_, context_);
    if (!upload) return refusal(upload.error());
    upload_ = std::move(upload).value();
    return std::nullopt;
  }

  std::optional<Response> take(std::string_view piece) override {
    const Result<void> taken = upload_->take(piece);
    return taken ? std::nullopt : std::optional(refusal(taken.error()));
  }

  Response finish() override {
    const Result<Json> batch = upload_->finish();
    if (!batch) return refusal(batch.error());
    Response response = json_answer(batch->dump(), 201);
    response.set_header("Location", std::string(kBatchPath) + batch->at("id").get<std::string>());
    return response;
  }

 private:
  Response refusal(const Error& error) const { return problem_response(error, context_.request_id); }

  service::BatchService* const batches_;
  const service::BatchFormat format_;
  const Result<std::optional<double>> threshold_;
  const service::RequestContext context_;
  std::unique_ptr<service::BatchUpload> upload_;
};

struct Page {
  std::uint64_t after = 0;
  std::size_t limit = limits::kMaxBatchPageLines;
};

Result<Page> read_page(std::string_view raw_query) {
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"after", "limit"}));
  Page page;
  if (const auto text = query.find("after")) {
    const auto after = parse_count(*text, 0, limits::kMaxBatchBytes);
    if (!after) return wrong("after", "The query parameter is not a line.", "0 to " + std::to_string(limits::kMaxBatchBytes));
    page.after = *after;
  }
  if (const auto text = query.find("limit")) {
    const auto limit = parse_count(*text, 1, limits::kMaxBatchPageLines);
    if (!limit) return wrong("limit", "The query parameter is not a number in range.", "1 to " + std::to_string(limits::kMaxBatchPageLines));
    page.limit = *limit;
  }
  return page;
}

Result<Response> page_of(const Parts& parts, const Request& request, const service::RequestContext& context) {
  const Page page = TRY(read_page(request.query));
  if (parts.batches == nullptr) return no_batches();
  service::BatchPage results = TRY(parts.batches->results(request.id, page.after, page.limit, context));
  Response response;
  response.content_type = "application/x-ndjson";
  response.body = std::move(results.ndjson);
  if (results.more)
    response.set_header("Link", "<" + std::string(kBatchPath) + request.id + "/results?after=" + std::to_string(results.last_line) +
                                    "&limit=" + std::to_string(page.limit) + ">; rel=\"next\"");
  return response;
}

}  // namespace

std::unique_ptr<BodyTaker> batch_upload(const Parts& parts, const Request& request, const service::RequestContext& context) {
  return std::make_unique<Upload>(parts, request, context);
}

void batch_list(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (const auto query = QueryParameters::parse(request.query, {}); !query) return answer(query.error(), context, done);
  answer(parts.batches ? parts.batches->list(context) : no_batches(), context, done);
}

void batch_info(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (const auto query = QueryParameters::parse(request.query, {}); !query) return answer(query.error(), context, done);
  answer(parts.batches ? parts.batches->info(request.id, context) : no_batches(), context, done);
}

void batch_cancel(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  if (const auto query = QueryParameters::parse(request.query, {}); !query) return answer(query.error(), context, done);
  answer(parts.batches ? parts.batches->cancel(request.id, context) : no_batches(), context, done);
}

void batch_results(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  Result<Response> page = page_of(parts, request, context);
  done(page ? std::move(*page) : problem_response(page.error(), context.request_id));
}

}  // namespace osler::http
