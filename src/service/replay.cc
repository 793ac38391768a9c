#include "service/replay.h"

#include <algorithm>
#include <set>

#include "base/sha256.h"
#include "base/version.h"
#include "neural/precision.h"
#include "service/film_answer.h"

namespace osler::service {

namespace {

using SortedJson = nlohmann::json;

SortedJson canonical(const Json& answer) {
  SortedJson json = SortedJson::parse(answer.dump(), nullptr, false);
  json.erase("processing_time_ms");
  return json;
}

std::string text_of(const SortedJson* json) { return json == nullptr ? "" : json->dump(); }

const SortedJson* member_of(const SortedJson& json, const std::string& name) {
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

/// Texts are compared, since two numbers may be equal and yet not have the same bits.
void find_differences(const SortedJson* recorded, const SortedJson* rebuilt, const std::string& pointer, std::vector<ReplayDifference>& found) {
  if (found.size() >= kMaxReplayDifferences || text_of(recorded) == text_of(rebuilt)) return;
  const bool both = recorded != nullptr && rebuilt != nullptr;
  if (both && recorded->is_object() && rebuilt->is_object()) {
    std::set<std::string> names;
    for (const SortedJson* json : {recorded, rebuilt})
      for (const auto& [name, value] : json->items()) names.insert(name);
    for (const std::string& name : names) find_differences(member_of(*recorded, name), member_of(*rebuilt, name), pointer + "/" + escape_pointer_token(name), found);
  } else if (both && recorded->is_array() && rebuilt->is_array()) {
    for (std::size_t i = 0; i < std::max(recorded->size(), rebuilt->size()); ++i)
      find_differences(i < recorded->size() ? &(*recorded)[i] : nullptr, i < rebuilt->size() ? &(*rebuilt)[i] : nullptr, pointer + "/" + std::to_string(i), found);
  } else {
    found.push_back({pointer, text_of(recorded), text_of(rebuilt)});
  }
}

std::optional<neural::Precision> precision_called(const std::string& name) {
  for (const neural::Precision precision : {neural::Precision::fp32, neural::Precision::bf16, neural::Precision::int8})
    if (name == neural::name_of(precision)) return precision;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(ReplayOutcome outcome) {
  switch (outcome) {
    case ReplayOutcome::same: return "same";
    case ReplayOutcome::different: return "different";
    case ReplayOutcome::not_comparable: return "not comparable";
  }
  return "";
}

ReplayReport not_comparable(std::string reason) { return {ReplayOutcome::not_comparable, std::move(reason), {}}; }

Result<Json> rebuild(const CaseAnswerer& answerer, const RecordedDiagnosis& record, const std::string& request_id) {
  TRY_VOID(answerer.check(record.options));
  ReadCase one = TRY(answerer.read(record.request.dump()));
  if (!one.parsed.patient_id_given) one.parsed.patient.patient_id = record.answer.value("patient_id", "");  // one of our own making
  std::optional<reasoning::EncoderOpinion> opinion;
  if (one.for_encoder) opinion = answerer.encoder()->read(*one.for_encoder);
  CaseAnswer made = answerer.write(std::move(one), opinion ? &*opinion : nullptr, record.encoder_left_out, request_id, record.options,
                                   reasoning::EvaluationCounts(record.evaluations));
  if (record.answer.contains("similar_cases")) made.answer["similar_cases"] = record.answer["similar_cases"];
  for (const Json& warning : record.answer.value("warnings", Json::array()))
    if (warning.value("code", "") == kSimilarCasesLeftOut) made.answer["warnings"].push_back(warning);
  return std::move(made.answer);
}

Result<Json> rebuild(const imaging::FilmDecoder& decoder, const FilmReader& reader, const RecordedFilm& record, std::string_view file,
                     const std::string& request_id) {
  if (to_hex(sha256(as_bytes(file))) != record.sha256) return make_error(ErrorCode::corrupted, "The film that was kept is not the one that was answered.");
  const FilmCase one = TRY(read_film(decoder, reader, {file, "", record.age_years}, record.frame));
  Json answer = film_answer(one.film, one.reading);
  answer["request_id"] = request_id;
  answer["model_version"] = reader.model().version();
  return answer;
}

ReplayReport compare(const Json& recorded, const Json& rebuilt, const std::string& program, const std::string& kernels) {
  const SortedJson before = canonical(recorded), after = canonical(rebuilt);
  ReplayReport report;
  if (before.dump() == after.dump()) return report;
  if (kernels != neural::kernels_here())
    return not_comparable("It was made by other arithmetic (" + kernels + ") than this machine has (" + neural::kernels_here() + "), and is not the same here.");
  report.outcome = ReplayOutcome::different;
  report.reason = "The answer made again differs from the recorded one.";
  if (program != kVersion) report.reason += " Osler " + program + " made it; this is " + kVersion + ".";
  find_differences(&before, &after, "", report.differences);
  return report;
}

bool can_repeat(const ModelIdentity& model, const std::string& kernels) {
  const auto precision = precision_called(model.precision);
  return precision && (kernels == neural::kernels_here() || neural::is_fast_here(*precision));
}

}  // namespace osler::service
