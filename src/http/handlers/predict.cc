// POST /predict and /api/v1/images/predict.
#include "base/limits.h"
#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"
#include "http/multipart.h"
#include "http/problem.h"
#include "http/target.h"

namespace osler::http {

namespace {

Result<bool> read_switch(const QueryParameters& query, const char* name) {
  const auto value = query.find(name);
  if (!value || *value == "0" || *value == "false") return false;
  if (*value == "1" || *value == "true") return true;
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  error.fields.push_back(parameter_error(name, "The query parameter is neither on nor off.", "0 or 1"));
  return error;
}

Result<service::FilmOptions> read_options(std::string_view raw_query) {
  const QueryParameters query = TRY(QueryParameters::parse(raw_query, {"frame", "heatmap", "film"}));
  service::FilmOptions options;
  options.heat_map = TRY(read_switch(query, "heatmap"));
  options.film = TRY(read_switch(query, "film"));
  if (const auto frame = query.find("frame")) {
    options.frame = parse_count(*frame, 0, limits::kMaxFrames - 1);
    if (options.frame) return options;
    Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
    error.fields.push_back(parameter_error("frame", "The query parameter is not a number in range.", "0 to " + std::to_string(limits::kMaxFrames - 1)));
    return error;
  }
  return options;
}

/// Where the value of a field of this name goes; none: it is not ours.
std::string_view* member_of(service::FilmUpload& upload, std::string_view name) {
  if (name == "file") return &upload.file;
  if (name == "patient_id") return &upload.patient_id;
  if (name == "age_years") return &upload.age_years;
  return nullptr;
}

Result<service::FilmUpload> read_upload(const Request& request) {
  const auto boundary = multipart_boundary(request.headers.find("content-type").value_or(""));
  if (!boundary) return make_error(ErrorCode::unsupported_media, "The body must be sent as Content-Type: multipart/form-data with a boundary.");
  service::FilmUpload upload;
  Error error = make_error(ErrorCode::invalid, "The form breaks its rule.");
  for (const FormPart& part : TRY(parse_multipart(request.body, *boundary))) {
    std::string_view* member = member_of(upload, part.name);
    if (member == nullptr) error.fields.push_back({"", "The form has a field that is not known.", "file, patient_id, age_years"});
    else if (member->data() != nullptr) error.fields.push_back({"/" + part.name, "The field is there twice.", "one"});
    else *member = part.content;
  }
  if (upload.file.empty()) error.fields.push_back({"/file", "The film is missing or empty.", "a DICOM, PNG or JPEG file"});
  if (!error.fields.empty()) return error;
  return upload;
}

}  // namespace

void predict(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  const auto options = read_options(request.query);
  if (!options) return done(problem_response(options.error(), context.request_id));
  const auto upload = read_upload(request);
  if (!upload) return done(problem_response(upload.error(), context.request_id));
  parts.films.predict(*upload, context, *options, [done, request_id = context.request_id](Result<service::FilmAnswer> answer) {
    if (!answer) return done(problem_response(answer.error(), request_id));
    Response response = json_answer(std::move(answer->json));
    response.film_statistics = std::move(answer->statistics);
    done(std::move(response));
  });
}

}  // namespace osler::http
