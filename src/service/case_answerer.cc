#include "service/case_answerer.h"

#include "base/version.h"
#include "neural/precision.h"
#include "service/case_json.h"
#include "service/explanation.h"
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

CaseAnswerer::CaseAnswerer(const clinical::KnowledgeBase& knowledge, const language::CaseReader& reader, const reasoning::Network& network,
                           const models::NetworkModel& model, const EncoderStage* encoder, std::string encoder_trouble, DiagnoseDefaults defaults)
    : knowledge_(knowledge), reader_(reader), network_(network), model_(model), encoder_(encoder), encoder_trouble_(std::move(encoder_trouble)), defaults_(defaults) {
  const std::string base = "+kb." + knowledge.hash.substr(0, kKnowledgeHashDigits);
  network_version_ = model.manifest.name + "-" + model.manifest.version;
  model_version_ = network_version_ + (encoder ? "+" + encoder->model().version() : "") + base;
  network_version_ += base;
}

EngineIdentity CaseAnswerer::identity(bool with_encoder) const {
  EngineIdentity engine{kVersion, kernels_, knowledge_.hash, model_.manifest.hash, {}, false, 0, defaults_.threshold, defaults_.setting};
  if (!with_encoder) return engine;
  engine.encoder = ModelIdentity{encoder_->model().manifest().hash, std::string(neural::name_of(encoder_->model().encoder().precision()))};
  engine.encoder_alone = encoder_->alone();
  engine.max_sequence_length = encoder_->max_length();
  return engine;
}

std::string CaseAnswerer::vector_set() const {
  if (encoder_ == nullptr) return findings_vector(knowledge_, {}).set;
  return embedding_vector(encoder_->model().version(), std::vector<float>(encoder_->model().encoder().config().hidden)).set;
}

Result<ReadCase> CaseAnswerer::read(std::string_view body) const {
  ReadCase one;
  one.request = TRY(parse_json(body));
  one.parsed = TRY(parse_case(one.request));
  if (!one.parsed.patient.setting) one.parsed.patient.setting = defaults_.setting;
  one.reading = reader_.read(one.parsed.patient);
  if (encoder_ != nullptr) one.for_encoder = encoder_->prepare(one.parsed.patient, one.reading.findings);
  return one;
}

CaseAnswer CaseAnswerer::write(ReadCase one, const reasoning::EncoderOpinion* opinion, const std::string& why, const std::string& request_id,
                               const DiagnoseOptions& options, reasoning::EvaluationCounts counts) const {
  const double threshold = options.threshold.value_or(defaults_.threshold);
  const clinical::Differential differential = network_.diagnose(one.reading.findings, kExplained, threshold - kRounding, opinion);
  std::vector<clinical::CaseWarning> warnings = std::move(one.parsed.warnings);
  append(warnings, one.reading.warnings);
  if (opinion != nullptr && one.for_encoder)
    if (const auto cut = encoder_->cut_warning(*one.for_encoder)) warnings.push_back(*cut);
  if (!why.empty()) warnings.push_back({"encoder_left_out", "", why});
  CaseAnswer result;
  result.model_version = opinion != nullptr ? model_version_ : network_version_;
  const reasoning::CalibrationRecord& calibration = opinion != nullptr ? encoder_->model().calibration() : model_.calibration;
  const EncoderStage* spoke = opinion != nullptr ? encoder_ : nullptr;
  const AnswerParts parts{knowledge_, one.parsed.patient, one.reading, differential, warnings, calibration, result.model_version, request_id, threshold};
  result.answer = write_answer(parts);
  const auto explained = condition_to_explain(differential, options);
  if (explained) result.answer["explanation"] = explain({knowledge_, reader_, network_, spoke, one.parsed.patient, one.reading, clock_, &counts}, *explained, options.explain);
  result.engine = identity(opinion != nullptr);
  result.encoder_left_out = why;
  result.evaluations = counts.made();
  result.vector = opinion != nullptr ? embedding_vector(encoder_->model().version(), opinion->embedding) : findings_vector(knowledge_, one.reading.findings);
  result.summary = summarise(knowledge_, one.reading.findings, differential);
  result.statistics = statistics_of(parts, result.answer);
  result.statistics.missing_fields = missing_fields(one.request);
  result.statistics.encoder_left_out = !why.empty();
  result.patient_id = one.parsed.patient.patient_id;
  result.request = std::move(one.request);
  return result;
}

std::optional<clinical::ConditionIndex> CaseAnswerer::condition_to_explain(const clinical::Differential& differential, const DiagnoseOptions& options) const {
  if (options.explain == ExplanationMethod::none || differential.suspected.empty()) return std::nullopt;
  if (options.explained_condition.empty()) return differential.suspected.front().condition;
  const clinical::ConditionIndex wanted = knowledge_.condition_by_id.at(options.explained_condition);
  const bool suspected = std::any_of(differential.suspected.begin(), differential.suspected.end(), [&](const auto& one) { return one.condition == wanted; });
  return suspected ? std::optional(wanted) : std::nullopt;
}

Result<void> CaseAnswerer::check(const DiagnoseOptions& options) const {
  if (options.explained_condition.empty() || knowledge_.condition_by_id.contains(options.explained_condition)) return ok();
  Error error = make_error(ErrorCode::invalid, "A query parameter breaks its rule.");
  error.fields.push_back({"", "The query parameter condition names nothing in the knowledge base.", "a condition_id of a candidate"});
  return error;
}

Result<CaseAnswer> CaseAnswerer::answer(std::string_view body, const std::string& request_id, const DiagnoseOptions& options) const {
  TRY_VOID(check(options));
  ReadCase one = TRY(read(body));
  if (!one.for_encoder) return write(std::move(one), nullptr, encoder_trouble_, request_id, options);
  const reasoning::EncoderOpinion opinion = encoder_->read(*one.for_encoder);
  return write(std::move(one), &opinion, "", request_id, options);
}

Result<Json> CaseAnswerer::findings(std::string_view body) const { return answer_findings(knowledge_, reader_, body); }

Result<Json> CaseAnswerer::next(std::string_view body, std::size_t count) const {
  ParsedCase parsed = TRY(parse_case(TRY(parse_json(body))));
  if (!parsed.patient.setting) parsed.patient.setting = defaults_.setting;
  const language::CaseReading reading = reader_.read(parsed.patient);
  append(parsed.warnings, reading.warnings);
  Json answer;
  answer["next"] = write_next_steps({knowledge_, reader_, network_, encoder_, parsed.patient}, count);
  answer["warnings"] = write_warnings(parsed.warnings);
  return answer;
}

}  // namespace osler::service
