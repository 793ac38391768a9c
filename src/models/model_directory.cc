#include "models/model_directory.h"

#include "base/limits.h"
#include "base/sha256.h"

namespace osler::models {

namespace {

constexpr std::size_t kMaxMetadataBytes = std::size_t{1} << 20;

}  // namespace

Error model_refused(const std::string& folder, const std::string& what) {
  return make_error(ErrorCode::corrupted, "The model directory " + folder + " was refused: " + what + ".");
}

namespace {

Result<Bytes> read_metadata(FileSystem& files, const std::string& folder, const std::string& name) {
  Result<Bytes> bytes = files.read(folder + "/" + name, kMaxMetadataBytes);
  return bytes ? std::move(bytes) : model_refused(folder, name + " cannot be read or is too large");
}

Result<Json> parse_metadata(const Bytes& bytes, const std::string& folder, const std::string& name) {
  Result<Json> json = parse_json(as_text(bytes));
  return json ? std::move(json) : model_refused(folder, name + " is not valid JSON");
}

}  // namespace

Result<Json> read_model_json(FileSystem& files, const std::string& folder, const std::string& name) {
  return parse_metadata(TRY(read_metadata(files, folder, name)), folder, name);
}

namespace {

Result<std::string> text_member(const Json& json, const char* name, const std::string& folder) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return model_refused(folder, std::string("manifest.json lacks '") + name + "'");
  return member->get<std::string>();
}

Result<void> check_files(FileSystem& files, const std::string& folder, const ModelManifest& manifest) {
  for (const auto& [name, hash] : manifest.files) {
    Result<Bytes> bytes = files.read(folder + "/" + name, limits::kMaxModelFileBytes);
    if (!bytes) return model_refused(folder, name + " is named by manifest.json and cannot be read");
    if (to_hex(sha256(*bytes)) != hash) return model_refused(folder, "the SHA-256 of " + name + " is not the one in manifest.json");
  }
  for (const std::string& name : TRY(files.list(folder)))
    if (name != "manifest.json" && !manifest.files.contains(name))
      return model_refused(folder, name + " is not named by manifest.json");
  return ok();
}

}  // namespace

Result<ModelManifest> open_model_directory(FileSystem& files, const std::string& folder) {
  if (!files.exists(folder + "/manifest.json"))
    return make_error(ErrorCode::not_found, "There is no model directory at " + folder + ".");
  const Bytes bytes = TRY(read_metadata(files, folder, "manifest.json"));
  const Json json = TRY(parse_metadata(bytes, folder, "manifest.json"));
  ModelManifest manifest;
  manifest.hash = to_hex(sha256(bytes));
  manifest.name = TRY(text_member(json, "name", folder));
  manifest.version = TRY(text_member(json, "version", folder));
  manifest.kind = TRY(text_member(json, "kind", folder));
  const auto listed = json.find("files");
  if (listed == json.end() || !listed->is_object()) return model_refused(folder, "manifest.json lacks 'files'");
  for (const auto& [name, hash] : listed->items()) {
    if (!hash.is_string() || name.find('/') != std::string::npos || name.empty() || name.front() == '.')
      return model_refused(folder, "manifest.json names a file that is not a plain name with a hash");
    manifest.files[name] = hash.get<std::string>();
  }
  TRY_VOID(check_files(files, folder, manifest));
  return manifest;
}

Result<NetworkModel> load_network_model(FileSystem& files, const std::string& folder) {
  NetworkModel model;
  model.folder = folder;
  model.manifest = TRY(open_model_directory(files, folder));
  if (model.manifest.kind != "network") return model_refused(folder, "its kind is not 'network'");
  if (!model.manifest.files.contains("calibration.json")) return model_refused(folder, "it has no calibration.json");
  const Json json = TRY(read_model_json(files, folder, "calibration.json"));
  std::tie(model.parameters, model.calibration) = TRY(parse_calibration(json));
  return model;
}

}  // namespace osler::models
