#include "service/case_requests.h"

#include <algorithm>
#include <array>

#include "base/ids.h"
#include "base/limits.h"
#include "service/case_access.h"
#include "service/field_reader.h"

namespace osler::service {

namespace {

constexpr std::size_t kDefaultCount = 10;
constexpr std::size_t kMaxConditionCharacters = 100;
constexpr const char* kConditionAllowed = "an ICD-10 code such as I21 or S52.5, or a condition_id of a candidate";
constexpr const char* kTimeAllowed = "a date (2026-11-21) or a time (2026-11-21T22:03:25.120Z), UTC";

Error invalid(std::vector<FieldError> errors) {
  Error error = make_error(ErrorCode::invalid, "The request breaks its rules.");
  error.fields = std::move(errors);
  return error;
}

Result<Json> parse_object(std::string_view body) {
  Json json = TRY(parse_json(body));
  if (!json.is_object()) return invalid({{"", "is not an object", "a JSON object"}});
  return json;
}

void refuse_unknown(const Json& object, std::initializer_list<std::string_view> known, const std::string& pointer, std::vector<FieldError>& errors) {
  std::size_t unknown = 0;
  for (const auto& [name, value] : object.items())
    unknown += std::find(known.begin(), known.end(), name) == known.end();
  if (unknown == 0) return;
  std::string allowed;
  for (const std::string_view name : known) allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  errors.push_back({pointer, "has members that are not known here", allowed});
}

/// A date, at its midnight, or a whole time.
std::optional<WallTime> read_time(const FieldReader& reader, const char* name) {
  constexpr std::size_t kDateLength = 10, kTimeLength = 24;
  if (reader.find(name) == nullptr) return std::nullopt;
  const std::string text = reader.text(name, kTimeLength);
  const std::optional<WallTime> time = parse_rfc3339(text.size() == kDateLength ? text + "T00:00:00.000Z" : text);
  if (!time) reader.fail(reader.pointer_to(name), "is not a time", kTimeAllowed);
  return time;
}

std::optional<NamedCondition> read_condition(const FieldReader& reader, const clinical::KnowledgeBase& knowledge, bool required) {
  if (reader.find("condition") == nullptr && !required) return std::nullopt;
  const std::optional<NamedCondition> condition = find_condition(knowledge, reader.text("condition", kMaxConditionCharacters));
  if (!condition) reader.fail(reader.pointer_to("condition"), reader.find("condition") == nullptr ? "is missing" : "is not a condition", kConditionAllowed);
  return condition;
}

CaseQuestion read_filters(const Json& filters, const clinical::KnowledgeBase& knowledge, std::vector<FieldError>& errors) {
  CaseQuestion question;
  const FieldReader reader(filters, "/filters", errors);
  refuse_unknown(filters, {"age_band", "age_from", "age_to", "sex", "from", "until", "condition"}, "/filters", errors);
  question.age_band = reader.text("age_band", 20);
  if (!question.age_band.empty() && !is_age_band(question.age_band))
    reader.fail("/filters/age_band", "is not an age band", "under 1, 1-4, 5-14, 15-24, 25-34, 35-44, 45-54, 55-64, 65-74, 75-84 or 85+");
  question.age_from = reader.number("age_from", 0, limits::kMaxAgeYears, false);
  question.age_to = reader.number("age_to", 0, limits::kMaxAgeYears, false);
  if (!question.age_band.empty() && (question.age_from || question.age_to)) reader.fail("/filters/age_band", "stands beside age_from or age_to", "one or the other");
  if (question.age_from && question.age_to && *question.age_from > *question.age_to) reader.fail("/filters/age_to", "is below age_from", "age_from or more");
  constexpr std::array<std::string_view, 4> kSexes = {"female", "male", "other", "unknown"};
  if (const auto sex = reader.choice("sex", {kSexes[0], kSexes[1], kSexes[2], kSexes[3]}, false)) question.sex = kSexes[*sex];
  question.from = read_time(reader, "from");
  question.until = read_time(reader, "until");
  if (const auto condition = read_condition(reader, knowledge, false)) question.condition_code = condition->code;
  return question;
}

}  // namespace

Result<SearchRequest> parse_search(std::string_view body, const clinical::KnowledgeBase& knowledge) {
  const Json json = TRY(parse_object(body));
  std::vector<FieldError> errors;
  const FieldReader reader(json, "", errors);
  refuse_unknown(json, {"case", "request_id", "k", "filters"}, "", errors);
  SearchRequest request;
  const Json* patient_case = reader.find("case");
  const bool by_id = reader.find("request_id") != nullptr;
  if ((patient_case != nullptr) == by_id) errors.push_back({"", "has neither or both of case and request_id", "one of them"});
  if (patient_case != nullptr) request.patient_case = *patient_case;
  request.request_id = reader.text("request_id", 36);
  if (by_id && !is_uuid(request.request_id)) errors.push_back({"/request_id", "is not a request id", "a UUID, as an answer has it"});
  const double count = reader.number("k", 1, static_cast<double>(limits::kMaxSimilarCases), false).value_or(kDefaultCount);
  request.count = static_cast<std::size_t>(count);
  if (static_cast<double>(request.count) != count) errors.push_back({"/k", "is not a whole number", "1 to 50"});
  if (const Json* filters = reader.find("filters")) {
    if (filters->is_object()) request.question = read_filters(*filters, knowledge, errors);
    else errors.push_back({"/filters", "is not an object", "an object"});
  }
  if (!errors.empty()) return invalid(std::move(errors));
  return request;
}

Result<CaseOutcome> parse_outcome(std::string_view body, const clinical::KnowledgeBase& knowledge, WallTime now) {
  const Json json = TRY(parse_object(body));
  std::vector<FieldError> errors;
  const FieldReader reader(json, "", errors);
  refuse_unknown(json, {"condition", "confirmed_on", "note"}, "", errors);
  CaseOutcome outcome;
  if (const auto condition = read_condition(reader, knowledge, true)) {
    outcome.condition_id = condition->id;
    outcome.code = condition->code;
  }
  outcome.confirmed_on = reader.text("confirmed_on", 10);
  if (!outcome.confirmed_on.empty()) {
    // Whoever is east of Greenwich may be a day ahead.
    const auto date = parse_rfc3339(outcome.confirmed_on + "T00:00:00.000Z");
    if (!date || *date > now + std::chrono::days(1)) errors.push_back({"/confirmed_on", "is not a date, or one to come", "a date such as 2026-11-21"});
  }
  outcome.note = reader.text("note", limits::kMaxOutcomeNoteCharacters);
  if (!errors.empty()) return invalid(std::move(errors));
  return outcome;
}

Result<std::string> parse_share(std::string_view body) {
  const Json json = TRY(parse_object(body));
  std::vector<FieldError> errors;
  const FieldReader reader(json, "", errors);
  refuse_unknown(json, {"with"}, "", errors);
  const std::string name = reader.text("with", limits::kMaxReaderNameCharacters);
  if (errors.empty() && name.empty()) errors.push_back({"/with", "is missing", "the name of a key or a person, or \"*\" for every clinician"});
  if (!errors.empty()) return invalid(std::move(errors));
  return name;
}

Result<PatientRequest> parse_patient(std::string_view body, bool with_held) {
  const Json json = TRY(parse_object(body));
  std::vector<FieldError> errors;
  const FieldReader reader(json, "", errors);
  if (with_held) refuse_unknown(json, {"patient_id", "held"}, "", errors);
  else refuse_unknown(json, {"patient_id"}, "", errors);
  std::string id = reader.text("patient_id", limits::kMaxPatientIdCharacters);
  if (errors.empty() && id.empty()) errors.push_back({"/patient_id", "is missing", "the patient_id of the requests"});
  const bool held = with_held && reader.boolean("held", true).value_or(false);
  if (!errors.empty()) return invalid(std::move(errors));
  return PatientRequest{vault::Phi<std::string>(std::move(id)), held};
}

}  // namespace osler::service
