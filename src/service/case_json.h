// The request of the API as JSON, to a PatientCase: the one parser that HTTP, the command line and batches share.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "clinical/findings.h"
#include "clinical/patient_case.h"

namespace osler::service {

struct ParsedCase {
  clinical::PatientCase patient;
  std::vector<clinical::CaseWarning> warnings;  // members that the contract does not know
  bool patient_id_given = false;
};

/// Checks every rule of the request's contract. ErrorCode::invalid carries one FieldError for each bad field; no
/// text of an error repeats a value of the request. A member that is null counts as not given.
Result<ParsedCase> parse_case(const Json& body);

/// Names that the contract made: members of a request, and of its `vitals`.
bool is_request_member(std::string_view name);
bool is_vital(std::string_view name);

/// Optional members of the request that were not given, by name (for drift monitoring).
std::vector<std::string> missing_fields(const Json& body);

}  // namespace osler::service
