// libFuzzer: any bytes as the body of a request. Whatever parses keeps its promises: bounds hold, texts are folded, and what
// is refused names its fields.
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "service/case_json.h"
#include "service/field_reader.h"

namespace {

using namespace osler;

void check_texts(const std::vector<std::string>& texts, std::size_t most, std::size_t most_characters) {
  CHECK(texts.size() <= most);
  for (const std::string& text : texts) {
    CHECK(!text.empty());
    CHECK(service::count_characters(text) <= most_characters);
    CHECK(service::fold_white_space(text) == text);
  }
}

void check_case(const clinical::PatientCase& patient) {
  CHECK(patient.age_years >= 0 && patient.age_years <= limits::kMaxAgeYears);
  CHECK(!patient.symptoms.empty() && !patient.patient_id.empty());
  check_texts(patient.symptoms, limits::kMaxSymptoms, limits::kMaxSymptomCharacters + 500);  // lower case may lengthen: İ
  check_texts(patient.preexisting_conditions, limits::kMaxListItems, limits::kMaxListItemCharacters);
  check_texts(patient.family_history, limits::kMaxListItems, limits::kMaxListItemCharacters);
  check_texts(patient.absent_findings, limits::kMaxListItems, limits::kMaxListItemCharacters);
  CHECK(service::count_characters(patient.narrative) <= limits::kMaxNarrativeCharacters);
  CHECK(patient.lab_results.size() <= limits::kMaxLabs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<Json> json = parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) {
    CHECK(json.error().code == ErrorCode::malformed);
    return 0;
  }
  const Result<service::ParsedCase> parsed = service::parse_case(*json);
  if (parsed) check_case(parsed->patient);
  else CHECK(parsed.error().code == ErrorCode::invalid && !parsed.error().fields.empty());
  return 0;
}
