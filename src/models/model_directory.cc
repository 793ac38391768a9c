#include "models/model_directory.h"

#include "base/sha256.h"

namespace osler::models {

namespace {

constexpr std::size_t kMaxModelFileBytes = std::size_t{2} << 30;
constexpr std::size_t kMaxMetadataBytes = std::size_t{1} << 20;

Error corrupted(const std::string& folder, const std::string& what) {
  return make_error(ErrorCode::corrupted, "The model directory " + folder + " was refused: " + what + ".");
}

Result<Json> read_json(FileSystem& files, const std::string& folder, const std::string& name) {
  const Result<Bytes> bytes = files.read(folder + "/" + name, kMaxMetadataBytes);
  if (!bytes) return corrupted(folder, name + " cannot be read or is too large");
  Result<Json> json = parse_json(as_text(*bytes));
  if (!json) return corrupted(folder, name + " is not valid JSON");
  return json;
}

Result<std::string> text_member(const Json& json, const char* name, const std::string& folder) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return corrupted(folder, std::string("manifest.json lacks '") + name + "'");
  return member->get<std::string>();
}

Result<void> check_files(FileSystem& files, const std::string& folder, const ModelManifest& manifest) {
  for (const auto& [name, hash] : manifest.files) {
    Result<Bytes> bytes = files.read(folder + "/" + name, kMaxModelFileBytes);
    if (!bytes) return corrupted(folder, name + " is named by manifest.json and cannot be read");
    if (to_hex(sha256(*bytes)) != hash) return corrupted(folder, "the SHA-256 of " + name + " is not the one in manifest.json");
  }
  for (const std::string& name : TRY(files.list(folder)))
    if (name != "manifest.json" && !manifest.files.contains(name))
      return corrupted(folder, name + " is not named by manifest.json");
  return ok();
}

struct ParameterField {
  const char* name;
  double reasoning::NetworkParameters::*member;
  double low, high;
};

/// The one table of what calibration.json holds.
constexpr ParameterField kFields[] = {
    {"alpha", &reasoning::NetworkParameters::alpha, 0, 2},
    {"lambda", &reasoning::NetworkParameters::lambda, 0.01, 2},
    {"group_weight", &reasoning::NetworkParameters::group_weight, 0, 1},
    {"silence", &reasoning::NetworkParameters::silence, 0, 0.99},
    {"pair_weight", &reasoning::NetworkParameters::pair_weight, 0, 1},
    {"nothing_prior", &reasoning::NetworkParameters::nothing_prior, 0.0001, 0.9},
    {"temperature", &reasoning::NetworkParameters::temperature, 0.05, 20},
    {"offset", &reasoning::NetworkParameters::offset, -10, 10},
    {"nothing_slope", &reasoning::NetworkParameters::nothing_slope, 0.01, 5},
    {"nothing_offset", &reasoning::NetworkParameters::nothing_offset, -20, 20},
    {"emergency_threshold", &reasoning::NetworkParameters::emergency_threshold, 0, 1},
    {"urgent_threshold", &reasoning::NetworkParameters::urgent_threshold, 0, 1},
};

}  // namespace

Result<ModelManifest> open_model_directory(FileSystem& files, const std::string& folder) {
  if (!files.exists(folder + "/manifest.json"))
    return make_error(ErrorCode::not_found, "There is no model directory at " + folder + ".");
  const Json json = TRY(read_json(files, folder, "manifest.json"));
  ModelManifest manifest;
  manifest.name = TRY(text_member(json, "name", folder));
  manifest.version = TRY(text_member(json, "version", folder));
  manifest.kind = TRY(text_member(json, "kind", folder));
  const auto listed = json.find("files");
  if (listed == json.end() || !listed->is_object()) return corrupted(folder, "manifest.json lacks 'files'");
  for (const auto& [name, hash] : listed->items()) {
    if (!hash.is_string() || name.find('/') != std::string::npos || name.empty() || name.front() == '.')
      return corrupted(folder, "manifest.json names a file that is not a plain name with a hash");
    manifest.files[name] = hash.get<std::string>();
  }
  TRY_VOID(check_files(files, folder, manifest));
  return manifest;
}

Result<std::pair<reasoning::NetworkParameters, reasoning::CalibrationRecord>> parse_calibration(const Json& json) {
  const auto refuse = [](const std::string& what) {
    return make_error(ErrorCode::corrupted, "calibration.json was refused: " + what + ".");
  };
  if (!json.is_object() || !json.contains("parameters") || !json["parameters"].is_object())
    return refuse("it lacks 'parameters'");
  reasoning::NetworkParameters parameters;
  for (const ParameterField& field : kFields) {
    const auto member = json["parameters"].find(field.name);
    if (member == json["parameters"].end() || !member->is_number()) return refuse(std::string("it lacks '") + field.name + "'");
    const double value = member->get<double>();
    if (!(value >= field.low && value <= field.high)) return refuse(std::string("'") + field.name + "' is out of range");
    parameters.*field.member = value;
  }
  if (json["parameters"].size() != std::size(kFields)) return refuse("it holds a parameter that is not known");
  reasoning::CalibrationRecord record;
  try {
    record.population = json.value("population", "");
    record.cases = json.value("cases", 0);
    record.date = json.value("date", "");
    record.note = json.value("note", "");
  } catch (const Json::exception&) {  // nlohmann's edge: a member of another type
    return refuse("a member has the wrong type");
  }
  if (record.cases < 0) return refuse("'cases' is out of range");
  if (record.population.empty() || record.date.empty()) return refuse("it does not say for whom and when it was fitted");
  return std::pair(parameters, record);
}

Json write_calibration(const reasoning::NetworkParameters& parameters, const reasoning::CalibrationRecord& record) {
  Json json;
  json["population"] = record.population;
  json["cases"] = record.cases;
  json["date"] = record.date;
  json["note"] = record.note;
  for (const ParameterField& field : kFields) json["parameters"][field.name] = parameters.*field.member;
  return json;
}

Result<NetworkModel> load_network_model(FileSystem& files, const std::string& folder) {
  NetworkModel model;
  model.manifest = TRY(open_model_directory(files, folder));
  if (model.manifest.kind != "network") return corrupted(folder, "its kind is not 'network'");
  if (!model.manifest.files.contains("calibration.json")) return corrupted(folder, "it has no calibration.json");
  const Json json = TRY(read_json(files, folder, "calibration.json"));
  std::tie(model.parameters, model.calibration) = TRY(parse_calibration(json));
  return model;
}

}  // namespace osler::models
