#include "http/middleware/cors.h"

#include <algorithm>

namespace osler::http {

namespace {

bool is_origin(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || text.size() == scheme || text != to_lower(text)) return false;
  return text.find_first_of("/?#@*, \t\\", scheme) == std::string_view::npos;
}

}  // namespace

Result<Cors> Cors::create(std::vector<std::string> origins) {
  for (const std::string& origin : origins)
    if (!is_origin(origin))
      return make_error(ErrorCode::configuration,
                        "A CORS origin must be written as https://host or https://host:port, in lower case, without a "
                        "path; * is not allowed.");
  return Cors(std::move(origins));
}

bool Cors::is_preflight(const Request& request) {
  return request.method == "OPTIONS" && request.headers.find("origin") &&
         request.headers.find("access-control-request-method");
}

bool Cors::allows(const Request& request) const {
  const auto origin = request.headers.find("origin");
  return origin && request.headers.count("origin") == 1 &&
         std::find(origins_.begin(), origins_.end(), *origin) != origins_.end();
}

void Cors::decorate(const Request& request, Response& response) const {
  if (origins_.empty()) return;
  response.set_header("Vary", "Origin");
  if (!allows(request)) return;
  response.set_header("Access-Control-Allow-Origin", std::string(*request.headers.find("origin")));
  response.set_header("Access-Control-Expose-Headers", "X-Request-ID, X-Process-Time, Retry-After, Location, Link");
}

Response Cors::preflight(const Request& request, std::string_view methods) const {
  Response response;
  response.status = 204;
  response.set_header("Allow", std::string(methods));
  if (!allows(request)) return response;
  response.set_header("Access-Control-Allow-Methods", std::string(methods));
  response.set_header("Access-Control-Allow-Headers", "Content-Type, Authorization, X-API-Key, X-Break-Glass");
  response.set_header("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace osler::http
