// Requests for the tests of the parser: a good one, and what the parser says of changed ones.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "service/case_json.h"

namespace osler::service {

/// The least that the contract takes.
inline Json least_request() { return Json{{"age", 40}, {"symptoms", {"cough"}}, {"severity", "mild"}}; }

/// The least request with one member set.
inline Json request_with(const std::string& name, Json value) {
  Json request = least_request();
  request[name] = std::move(value);
  return request;
}

/// Pointers of the bad fields, in the order of the error; empty when the request is good.
inline std::vector<std::string> bad_fields(const Json& request) {
  std::vector<std::string> pointers;
  const Result<ParsedCase> parsed = parse_case(request);
  if (parsed) return pointers;
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
  EXPECT_FALSE(parsed.error().fields.empty()) << "a refusal that names no field";
  for (const FieldError& field : parsed.error().fields) {
    EXPECT_FALSE(field.problem.empty()) << field.pointer;
    EXPECT_FALSE(field.allowed.empty()) << field.pointer;
    pointers.push_back(field.pointer);
  }
  return pointers;
}

using Pointers = std::vector<std::string>;

/// The warnings of a good request, as "code pointer".
inline std::vector<std::string> warnings_of(const Json& request) {
  std::vector<std::string> warnings;
  const ParsedCase parsed = parse_case(request).value();
  for (const clinical::CaseWarning& warning : parsed.warnings)
    warnings.push_back(warning.code + " " + warning.pointer);
  return warnings;
}

/// `count` characters of three bytes each, none of them white space.
inline std::string wide_text(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "\u75DB";  // pain
  return text;
}

}  // namespace osler::service
