#include "train/network/export_image.h"

#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"

namespace osler::train {

namespace {

Json config_json(const ImageRun& run) {
  const Normalisation normalisation = normalisation_of(run.config.network.architecture);
  return {{"architecture", run.config.network.architecture}, {"side", run.config.side}, {"mean", normalisation.mean}, {"deviation", normalisation.deviation},
          {"padding", run.config.network.architecture == "mobilenet_v2" ? "tensorflow" : "symmetric"}, {"hidden", run.config.network.hidden}, {"labels", run.config.labels}};
}

/// What the model learned from, without a name of a file or a patient.
Json training_json(const ImageRun& run, const std::string& epoch) {
  Json json{{"epoch", epoch}, {"identity", run.identity}, {"configuration_sha256", to_hex(sha256(as_bytes(run.config.text)))}, {"seed", run.config.seed}};
  json["split"] = {{"fit", run.config.split.fit}, {"selection", run.config.split.selection}, {"calibration", run.config.split.calibration}, {"seed", run.config.split.seed}};
  std::map<std::string, std::map<std::string, std::map<std::string, std::size_t>>> films;
  std::map<std::string, std::pair<double, double>> ages;
  for (std::size_t i = 0; i < run.parts.size(); ++i) {
    const FilmRecord& film = run.records.films[i];
    const std::string& source = run.config.sources[film.source].name;
    ++films[source][name_of(run.parts[i])][run.config.labels[film.label]];
    if (!film.age_years || run.parts[i] != Part::fit) continue;
    const auto [at, fresh] = ages.emplace(source, std::pair(*film.age_years, *film.age_years));
    if (!fresh) at->second = {std::min(at->second.first, *film.age_years), std::max(at->second.second, *film.age_years)};
  }
  for (std::size_t i = 0; i < run.config.sources.size(); ++i) {
    const FilmSourceSettings& source = run.config.sources[i];
    Json one{{"name", source.name}, {"kind", source.kind}, {"sha256", run.records.hashes[i]}, {"proportions", source.proportions_lost ? "lost" : "kept"}, {"films", films[source.name]}};
    if (ages.contains(source.name)) one["age_years"] = {ages[source.name].first, ages[source.name].second};
    json["sources"].push_back(std::move(one));
  }
  json["settings"] = Json::parse(run.config.text);
  json["settings"].erase("sources");  // paths of the machine
  json["settings"].erase("work_folder");
  if (json["settings"]["network"].contains("backbone")) json["settings"]["network"]["backbone"] = "sha256:" + run.backbone_hash;
  return json;
}

}  // namespace

Result<void> export_image(const ImageRun& run, const std::string& epoch, const std::string& folder, Storage storage) {
  torch::NoGradGuard guard;
  const std::unique_ptr<FileSystem> files = make_file_system();
  if (files->exists(folder)) return make_error(ErrorCode::conflict, "A model directory is immutable, and " + folder + " exists.");
  TRY_VOID(files->make_folders(folder));
  Json manifest{{"name", run.config.name}, {"version", run.config.version}, {"kind", "image"}};
  const auto put = [&](const char* name, ByteView bytes) -> Result<void> {
    manifest["files"][name] = to_hex(sha256(bytes));
    return files->write_atomically(folder + "/" + name, bytes, 0644);
  };
  TRY_VOID(put("config.json", as_bytes(config_json(run).dump(1) + "\n")));
  TRY_VOID(put("training.json", as_bytes(training_json(run, epoch).dump(1) + "\n")));
  StoredTensors stored(storage);
  for (const auto* tensors : {&run.network->tensors().parameters, &run.network->tensors().buffers})
    for (const auto& [name, tensor] : *tensors) stored.add(name, tensor);
  const std::vector<std::byte> weights = stored.bytes();
  TRY_VOID(put("model.safetensors", ByteView(reinterpret_cast<const std::uint8_t*>(weights.data()), weights.size())));
  return files->write_atomically(folder + "/manifest.json", as_bytes(manifest.dump(2) + "\n"), 0644);
}

}  // namespace osler::train
