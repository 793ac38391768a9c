// What every handler ends with.
#pragma once

#include <string>

#include "http/message.h"
#include "http/problem.h"
#include "http/routes.h"

namespace osler::http {

inline Response json_answer(std::string json, unsigned status = 200) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(json);
  return response;
}

/// What a service gave at once, or why not.
inline void answer(const Result<Json>& json, const service::RequestContext& context, const Done& done) {
  done(json ? json_answer(json->dump()) : problem_response(json.error(), context.request_id));
}

}  // namespace osler::http
