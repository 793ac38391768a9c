#include "service/record_payload.h"

namespace osler::service {

namespace {

constexpr clinical::Setting kSettings[] = {clinical::Setting::primary_care, clinical::Setting::emergency, clinical::Setting::inpatient};

const char* name_of(clinical::Setting setting) {
  switch (setting) {
    case clinical::Setting::primary_care: return "primary_care";
    case clinical::Setting::emergency: return "emergency";
    case clinical::Setting::inpatient: return "inpatient";
  }
  return "";
}

std::optional<clinical::Setting> setting_called(const std::string& name) {
  for (const clinical::Setting setting : kSettings)
    if (name == name_of(setting)) return setting;
  return std::nullopt;
}

Json write_model(const ModelIdentity& model) { return {{"hash", model.hash}, {"precision", model.precision}}; }

ModelIdentity read_model(const Json& json) { return {json.at("hash").get<std::string>(), json.at("precision").get<std::string>()}; }

Json write_engine(const EngineIdentity& engine) {
  Json json{{"program", engine.program}, {"kernels", engine.kernels}, {"knowledge", engine.knowledge}, {"network", engine.network}};
  if (engine.encoder) {
    json["encoder"] = write_model(*engine.encoder);
    json["encoder"]["alone"] = engine.encoder_alone;
    json["encoder"]["max_sequence_length"] = engine.max_sequence_length;
  }
  json["threshold"] = engine.threshold;
  if (engine.setting) json["setting"] = name_of(*engine.setting);
  return json;
}

EngineIdentity read_engine(const Json& json) {
  EngineIdentity engine{json.at("program"), json.at("kernels"), json.at("knowledge"), json.at("network"), {}, false, 0, json.at("threshold"), {}};
  if (json.contains("encoder")) {
    const Json& encoder = json.at("encoder");
    engine.encoder = read_model(encoder);
    engine.encoder_alone = encoder.at("alone");
    engine.max_sequence_length = encoder.at("max_sequence_length");
  }
  if (json.contains("setting")) engine.setting = setting_called(json.at("setting"));
  return engine;
}

RecordedDiagnosis read_diagnosis(const Json& json) {
  RecordedDiagnosis record;
  if (json.contains("engine")) record.engine = read_engine(json.at("engine"));
  record.request = json.at("request");
  if (json.contains("threshold")) record.options.threshold = json.at("threshold").get<double>();
  if (json.contains("explained")) {
    const Json& explained = json.at("explained");
    record.options.explain = explained.at("method") == "shap" ? ExplanationMethod::shap : ExplanationMethod::lime;
    record.options.explained_condition = explained.at("condition");
    record.evaluations = explained.value("evaluations", std::vector<std::size_t>());
  }
  record.encoder_left_out = json.value("encoder_left_out", "");
  record.also_shown = json.value("also_shown", std::vector<std::string>());
  record.answer = json.at("answer");
  return record;
}

RecordedFilm read_film(const Json& json) {
  RecordedFilm record;
  if (json.contains("engine")) {
    const Json& engine = json.at("engine");
    record.engine = FilmEngineIdentity{engine.at("program"), engine.at("kernels"), read_model(engine.at("image"))};
  }
  const Json& film = json.at("film");
  record.sha256 = film.at("sha256");
  record.bytes = film.at("bytes");
  record.film_record = film.value("record", "");
  if (film.contains("frame")) record.frame = film.at("frame").get<std::size_t>();
  record.age_years = film.value("age_years", "");
  record.answer = json.at("answer");
  return record;
}

}  // namespace

std::string write_payload(const RecordedDiagnosis& record, const std::string& answer) {
  Json json{{"format", kRecordFormat}};
  if (record.engine) json["engine"] = write_engine(*record.engine);
  json["request"] = record.request;
  if (record.options.threshold) json["threshold"] = *record.options.threshold;
  if (record.options.explain != ExplanationMethod::none) {
    json["explained"] = {{"method", record.options.explain == ExplanationMethod::shap ? "shap" : "lime"}, {"condition", record.options.explained_condition}};
    json["explained"]["evaluations"] = record.evaluations;
  }
  if (!record.encoder_left_out.empty()) json["encoder_left_out"] = record.encoder_left_out;
  if (!record.also_shown.empty()) json["also_shown"] = record.also_shown;
  std::string text = json.dump();
  text.pop_back();  // the answer, which is text already, as its last member
  return text.append(",\"answer\":").append(answer).append("}");
}

std::string write_payload(const RecordedFilm& record) {
  Json json{{"format", kRecordFormat}};
  if (record.engine) json["engine"] = {{"program", record.engine->program}, {"kernels", record.engine->kernels}, {"image", write_model(record.engine->image)}};
  json["film"] = {{"bytes", record.bytes}, {"sha256", record.sha256}};
  if (!record.film_record.empty()) json["film"]["record"] = record.film_record;
  if (record.frame) json["film"]["frame"] = *record.frame;
  if (!record.age_years.empty()) json["film"]["age_years"] = record.age_years;
  json["answer"] = record.answer;
  return json.dump();
}

std::string write_emergency(std::string_view case_id, std::string_view reason) {
  return Json{{"format", kRecordFormat}, {"emergency", {{"case", case_id}, {"reason", reason}}}}.dump();
}

bool is_interaction(std::string_view payload) {
  if (!payload.starts_with('{')) return false;  // of a film: every format that is read starts otherwise
  const Json json = Json::parse(payload, nullptr, false);
  return json.is_object() && !json.contains("emergency");
}

Result<RecordedInteraction> parse_payload(std::string_view payload) {
  // Our own bytes, sealed and opened again; a request may be as deep as any, so no limit of depth here.
  const Json json = Json::parse(payload, nullptr, false);
  const Error wrong = make_error(ErrorCode::corrupted, "The record is not of a format that this version reads (1 and 2).");
  if (!json.is_object() || !json.contains("format") || (json["format"] != 1 && json["format"] != kRecordFormat)) return wrong;
  try {
    if (json.contains("film")) return RecordedInteraction(read_film(json));
    return RecordedInteraction(read_diagnosis(json));
  } catch (const Json::exception&) {  // nlohmann's edge: a member that is missing or of another type
    return wrong;
  }
}

}  // namespace osler::service
