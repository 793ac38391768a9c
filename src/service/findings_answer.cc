#include "service/findings_answer.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "service/field_reader.h"

namespace osler::service {

using namespace clinical;

namespace {

constexpr double kAdultAge = 30;
constexpr std::array<std::string_view, 3> kMembers = {"text", "age", "sex"};

struct TextRequest {
  PatientCase patient;
  bool age_given = false;
  std::vector<CaseWarning> warnings;
};

Result<TextRequest> parse(std::string_view body) {
  const Json json = TRY(parse_json(body));
  Error error = make_error(ErrorCode::invalid, "The request breaks the contract in the fields listed.");
  if (!json.is_object()) {
    error.fields.push_back({"", "is not an object", "a JSON object with text"});
    return error;
  }
  TextRequest request;
  const FieldReader fields(json, "", error.fields);
  request.patient.narrative = fields.text("text", limits::kMaxNarrativeCharacters);
  if (request.patient.narrative.empty() && error.fields.empty()) fields.fail("/text", "is missing or empty", "1 to 20,000 characters");
  if (const auto age = fields.number("age", 0, limits::kMaxAgeYears, false)) {
    request.patient.age_years = *age;
    request.age_given = true;
  }
  constexpr Sex kSexes[] = {Sex::female, Sex::male, Sex::other, Sex::unknown};
  if (const auto sex = fields.choice("sex", {"female", "male", "other", "unknown"}, false)) request.patient.sex = kSexes[*sex];
  for (const auto& [name, value] : json.items())
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end() && request.warnings.size() < limits::kMaxUnknownFieldWarnings)
      request.warnings.push_back({"unknown_field", "/" + escape_pointer_token(name), "This member is not part of the contract and was not used."});
  if (!error.fields.empty()) return error;
  return request;
}

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::string_view name_of_grade(Grade grade) {
  constexpr std::string_view kNames[] = {"markedly_low", "low", "normal", "high", "markedly_high"};
  return kNames[static_cast<std::size_t>(grade)];
}

Json write_measurements(const KnowledgeBase& knowledge, const std::vector<ObservedQuantity>& observed) {
  Json list = Json::array();
  for (const ObservedQuantity& one : observed) {
    const Quantity& quantity = knowledge.quantities[one.quantity];
    list.push_back({{"quantity", quantity.name}, {"quantity_id", quantity.id}, {"value", one.value}, {"unit", quantity.unit},
                    {"grade", name_of_grade(one.grade)}, {"begin", one.span.begin}, {"end", one.span.end}});
  }
  return list;
}

Json write_person(const language::CaseReading& reading) {
  Json person;
  person["age"] = optional_number(reading.person.age_years);
  person["sex"] = reading.person.sex ? Json(*reading.person.sex == Sex::female ? "female" : "male") : Json(nullptr);
  person["pregnant"] = reading.person.pregnant ? Json(*reading.person.pregnant) : Json(nullptr);
  person["duration_days"] = optional_number(reading.findings.duration_days);
  person["onset"] = reading.findings.onset ? Json(*reading.findings.onset == Onset::sudden ? "sudden" : "gradual") : Json(nullptr);
  return person;
}

}  // namespace

Json object_of(std::size_t members) {
  Json json = Json::object();
  json.get_ref<Json::object_t&>().reserve(members);
  return json;
}

Json write_mentions(const KnowledgeBase& knowledge, const std::vector<language::Mention>& mentions) {
  Json list = Json::array();
  for (const language::Mention& mention : mentions) {
    const Finding& finding = knowledge.findings[mention.finding];
    Json json = object_of(10);
    json["finding"] = finding.name;
    json["finding_id"] = finding.id;
    json["polarity"] = mention.polarity == Polarity::present ? "present" : "absent";
    json["subject"] = mention.subject == language::Subject::patient ? "patient" : "relative";
    json["past"] = mention.past;
    json["uncertain"] = mention.uncertain;
    json["field"] = name_of(mention.span.field);
    json["item"] = mention.span.item;
    json["begin"] = mention.span.begin;
    json["end"] = mention.span.end;
    list.push_back(std::move(json));
  }
  return list;
}

Json write_warnings(const std::vector<CaseWarning>& warnings) {
  Json list = Json::array();
  for (const CaseWarning& warning : warnings)
    list.push_back({{"code", warning.code}, {"pointer", warning.pointer}, {"text", warning.text}});
  return list;
}

Result<Json> answer_findings(const KnowledgeBase& knowledge, const language::CaseReader& reader, std::string_view body) {
  TextRequest request = TRY(parse(body));
  if (!request.age_given) {
    request.patient.age_years = kAdultAge;
    const auto stated = reader.read(request.patient).person.age_years;  // grades depend on the age, so it comes first
    request.patient.age_years = stated.value_or(kAdultAge);
    if (!stated) request.warnings.push_back({"age_unknown", "/age", "No age was given or stated: measurements were graded as for an adult of 30."});
  }
  const language::CaseReading reading = reader.read(request.patient);
  request.warnings.insert(request.warnings.end(), reading.warnings.begin(), reading.warnings.end());
  Json answer;
  answer["text"] = request.patient.narrative;  // as spans count it: white space folded
  answer["findings"] = write_mentions(knowledge, reading.mentions);
  answer["measurements"] = write_measurements(knowledge, reading.findings.quantities);
  answer["conditions"] = Json::array();
  for (const StatedCondition& stated : reading.findings.known) {
    const Condition& condition = knowledge.conditions[stated.condition];
    answer["conditions"].push_back({{"condition", condition.name}, {"condition_id", condition.id}, {"condition_code", condition.code},
                                    {"begin", stated.span.begin}, {"end", stated.span.end}});
  }
  answer["person"] = write_person(reading);
  answer["warnings"] = write_warnings(request.warnings);
  return answer;
}

}  // namespace osler::service
