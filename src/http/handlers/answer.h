// What every handler ends with.
#pragma once

#include <string>

#include "http/message.h"

namespace osler::http {

inline Response json_answer(std::string json, unsigned status = 200) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(json);
  return response;
}

}  // namespace osler::http
