#include "service/case_answerer.h"

#include "service/case_json.h"
#include "service/findings_answer.h"
#include "service/next_answer.h"

namespace osler::service {

namespace {

constexpr std::size_t kExplained = 10;        // candidates carry evidence
constexpr double kRounding = 0.00005;         // what rounds up to the threshold is reported, so it needs its evidence too
constexpr std::size_t kKnowledgeHashDigits = 12;

void append(std::vector<clinical::CaseWarning>& to, const std::vector<clinical::CaseWarning>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

CaseAnswerer::CaseAnswerer(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader,
                           const reasoning::Network& network, const models::NetworkModel& model, DiagnoseDefaults defaults)
    : knowledge_(knowledge), reader_(reader), network_(network), model_(model), defaults_(defaults),
      model_version_(model.manifest.name + "-" + model.manifest.version + "+kb." +
                     knowledge.hash.substr(0, kKnowledgeHashDigits)) {}

Result<CaseAnswer> CaseAnswerer::answer(std::string_view body, const std::string& request_id,
                                        const DiagnoseOptions& options) const {
  CaseAnswer result;
  result.request = TRY(parse_json(body));
  ParsedCase parsed = TRY(parse_case(result.request));
  if (!parsed.patient.setting) parsed.patient.setting = defaults_.setting;

  const language::CaseReading reading = reader_.read(parsed.patient);
  const double threshold = options.threshold.value_or(defaults_.threshold);
  const clinical::Differential differential = network_.diagnose(reading.findings, kExplained, threshold - kRounding);

  std::vector<clinical::CaseWarning> warnings = parsed.warnings;
  append(warnings, reading.warnings);
  const AnswerParts parts{knowledge_, parsed.patient, reading, differential, warnings, model_.calibration,
                          model_version_, request_id, threshold};
  result.answer = write_answer(parts);
  result.statistics = statistics_of(parts, result.answer);
  result.statistics.missing_fields = missing_fields(result.request);
  result.patient_id = parsed.patient.patient_id;
  return result;
}

Result<Json> CaseAnswerer::findings(std::string_view body) const { return answer_findings(knowledge_, reader_, body); }

Result<Json> CaseAnswerer::next(std::string_view body, std::size_t count) const {
  ParsedCase parsed = TRY(parse_case(TRY(parse_json(body))));
  if (!parsed.patient.setting) parsed.patient.setting = defaults_.setting;
  const language::CaseReading reading = reader_.read(parsed.patient);
  append(parsed.warnings, reading.warnings);
  Json answer;
  answer["next"] = write_next_steps({knowledge_, reader_, network_, parsed.patient}, count);
  answer["warnings"] = write_warnings(parsed.warnings);
  return answer;
}

}  // namespace osler::service
