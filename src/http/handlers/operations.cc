// What operators and the page ask of the server itself.
#include "base/json.h"
#include "http/handlers/answer.h"
#include "http/handlers/handlers.h"

namespace osler::http {

void metrics(const Parts& parts, const Request&, const service::RequestContext&, const Done& done) {
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = parts.metrics.text(parts.gauges());
  done(std::move(response));
}

void about(const Parts& parts, const Request&, const service::RequestContext&, const Done& done) {
  Json answer;
  answer["name"] = "Osler";
  answer["version"] = parts.version;
  answer["model_version"] = parts.service.model_version();
  answer["films"] = Json::parse(parts.films.readiness().second);
  answer["trial"] = parts.trial;
  answer["authentication"] = parts.trial ? "none" : "api_key";
  answer["intended_use"] = "Decision support for health professionals; never an autonomous diagnosis.";
  done(json_answer(answer.dump()));
}

void live(const Parts&, const Request&, const service::RequestContext&, const Done& done) {
  done(json_answer(R"({"status":"live"})"));
}

void ready(const Parts& parts, const Request&, const service::RequestContext&, const Done& done) {
  const auto [all_ready, body] = parts.service.readiness();
  Json answer = Json::parse(body);
  answer["films"] = Json::parse(parts.films.readiness().second);  // a server without an image model is one that diagnoses alone
  const bool draining = parts.draining && parts.draining();
  if (draining) answer["stopping"] = true;
  done(json_answer(answer.dump(), all_ready && !draining ? 200 : 503));
}

}  // namespace osler::http
