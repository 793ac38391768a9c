#include "http/handlers/handlers.h"
#include "http/problem.h"

namespace osler::http {

void file(const Parts& parts, const Request& request, const service::RequestContext& context, const Done& done) {
  const StaticFile* found = parts.files.find(request.path);
  if (found != nullptr) return done(file_response(*found, request));
  done(problem_response(make_error(ErrorCode::not_found, "There is nothing at this address."), context.request_id));
}

}  // namespace osler::http
