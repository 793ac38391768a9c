#include "app/engine.h"

#include <algorithm>
#include <charconv>
#include <future>

#include "clinical/knowledge_folder.h"

namespace osler::app {

Result<clinical::KnowledgeBase> load_knowledge_base(const Config& config) {
  const std::vector<clinical::KnowledgeFile> files = TRY(clinical::read_knowledge_folder(config.knowledge_folder));
  std::vector<clinical::KnowledgeFault> faults;
  return clinical::load_knowledge(files, faults);
}

Result<std::string> newest_model_folder(FileSystem& files, const Config& config, const std::string& kind) {
  const std::string folder = config.models_folder + "/osler-" + kind;
  int newest = 0;
  const Result<std::vector<std::string>> versions = files.list(folder);
  if (!versions) return make_error(ErrorCode::not_found, "There is no model folder at " + folder + ".");
  for (const std::string& name : *versions) {
    int number = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failure == std::errc{} && end == name.data() + name.size() && number > newest) newest = number;
  }
  if (newest == 0) return make_error(ErrorCode::not_found, "There is no version of the model in " + folder + ".");
  return folder + "/" + std::to_string(newest);
}

neural::Precision precision_called(const std::string& name) {
  using neural::Precision;
  for (const Precision precision : {Precision::bf16, Precision::int8})
    if (name == neural::name_of(precision)) return precision;
  return Precision::fp32;
}

neural::Precision encoder_precision(const Config& config) {
  using neural::Precision;
  if (config.encoder_precision != "auto") return precision_called(config.encoder_precision);
  for (const Precision precision : {Precision::int8, Precision::bf16})
    if (neural::is_fast_here(precision)) return precision;
  return Precision::fp32;
}

std::string printable(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

namespace {

constexpr const char* kAloneWarning = "The encoder could not be loaded, so the network answers alone; the server's log says why.";

Result<EngineParts::Encoder> load_encoder(FileSystem& files, const Config& config) {
  if (config.model_name == "network") return EngineParts::Encoder{};
  const auto folder = config.encoder_folder.empty() ? newest_model_folder(files, config, "encoder") : Result<std::string>(config.encoder_folder);
  auto loaded = folder ? models::EncoderModel::load(files, *folder, encoder_precision(config)) : Result<std::unique_ptr<models::EncoderModel>>(folder.error());
  if (loaded && !(*loaded)->ensemble())
    loaded = make_error(ErrorCode::configuration, "The encoder in " + *folder + " has no calibration.json: `osler fit-encoder` makes one from your own cases.");
  if (loaded) return EngineParts::Encoder{std::move(*loaded), ""};
  // Alone it is all there is; beside the network it is not.
  if (config.model_name == "encoder") return loaded.error();
  return EngineParts::Encoder{nullptr, printable(describe(loaded.error()))};
}

Result<EngineParts::Encoder> load_archived_encoder(FileSystem& files, models::Archive& archive, const service::ModelIdentity& identity) {
  const std::string folder = TRY(archive.model_folder("encoder", identity.hash));
  EngineParts::Encoder encoder{TRY(models::EncoderModel::load(files, folder, precision_called(identity.precision))), ""};
  TRY_VOID(check_archived(encoder.model->manifest(), identity.hash, folder));
  return encoder;
}

}  // namespace

Result<EngineParts> EngineParts::load(const Config& config) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  auto loading_encoder = std::async(std::launch::async, [&] { return load_encoder(*files, config); });  // beside the knowledge base, which it does not need
  clinical::KnowledgeBase knowledge = TRY(load_knowledge_base(config));
  models::NetworkModel model = TRY(models::load_network_model(*files, TRY(newest_model_folder(*files, config, "network"))));
  Encoder encoder = TRY(loading_encoder.get());
  const Settings settings{static_cast<std::size_t>(config.max_sequence_length), config.model_name == "encoder", {config.confidence_threshold, config.default_setting}};
  return EngineParts{std::move(knowledge), std::move(model), std::move(encoder), settings};
}

Engine::Engine(EngineParts parts)
    : knowledge(std::move(parts.knowledge)),
      model(std::move(parts.model)),
      reader(knowledge),
      network(knowledge, model.parameters),
      encoder_refusal(std::move(parts.encoder.refusal)),
      encoder(std::move(parts.encoder.model)),
      encoder_stage(encoder ? std::make_unique<const service::EncoderStage>(*encoder, knowledge, parts.settings.max_length, parts.settings.encoder_alone, clock) : nullptr),
      answerer(knowledge, reader, network, model, encoder_stage.get(), encoder_refusal.empty() ? "" : kAloneWarning, parts.settings.defaults) {}

Result<std::unique_ptr<Engine>> Engine::load(const Config& config) { return std::make_unique<Engine>(TRY(EngineParts::load(config))); }

Result<void> check_archived(const models::ModelManifest& manifest, const std::string& hash, const std::string& folder) {
  return manifest.hash == hash ? ok() : models::model_refused(folder, "it is not the one of the hash that it is kept under");
}

Result<std::unique_ptr<Engine>> Engine::load_archived(FileSystem& files, models::Archive& archive, const service::EngineIdentity& identity) {
  std::vector<clinical::KnowledgeFault> faults;
  clinical::KnowledgeBase knowledge = TRY(clinical::load_knowledge(TRY(archive.knowledge(identity.knowledge)), faults));
  models::NetworkModel model = TRY(models::load_network_model(files, TRY(archive.model_folder("network", identity.network))));
  TRY_VOID(check_archived(model.manifest, identity.network, model.folder));
  EngineParts::Encoder encoder;
  if (identity.encoder) encoder = TRY(load_archived_encoder(files, archive, *identity.encoder));
  const EngineParts::Settings settings{identity.max_sequence_length, identity.encoder_alone, {identity.threshold, identity.setting}};
  return std::make_unique<Engine>(EngineParts{std::move(knowledge), std::move(model), std::move(encoder), settings});
}

}  // namespace osler::app
