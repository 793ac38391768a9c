// Stored cases as a test of the edge wants them: what was asked comes back as JSON, or is refused.
#pragma once

#include <string>

#include "base/json.h"
#include "service/cases.h"

namespace osler::http::testing {

class FakeCases final : public service::CaseService {
 public:
  std::optional<Error> refusal;

  void search(std::string_view body, const service::RequestContext&, JsonDone done) override { tell("search", "", body, done); }
  void list(const service::CaseListOptions& options, const service::RequestContext&, JsonDone done) override {
    tell("list", std::to_string(options.limit) + " before " + std::to_string(options.before), "", done);
  }
  void read(std::string_view id, const service::RequestContext&, JsonDone done) override { tell("read", id, "", done); }
  void record_outcome(std::string_view id, std::string_view body, const service::RequestContext&, JsonDone done) override { tell("outcome", id, body, done); }
  void share(std::string_view id, std::string_view body, const service::RequestContext&, JsonDone done) override { tell("share", id, body, done); }
  void delete_patient(std::string_view body, const service::RequestContext&, JsonDone done) override { tell("delete", "", body, done); }
  void hold_patient(std::string_view body, const service::RequestContext&, JsonDone done) override { tell("hold", "", body, done); }

 private:
  void tell(const char* what, std::string_view which, std::string_view body, const JsonDone& done) const {
    if (refusal) return done(*refusal);
    done(Json{{"what", what}, {"which", which}, {"body_bytes", body.size()}}.dump());
  }
};

}  // namespace osler::http::testing
