#include "app/engine.h"

#include <algorithm>
#include <charconv>

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

neural::Precision encoder_precision(const Config& config) {
  using neural::Precision;
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8})
    if (config.encoder_precision == neural::name_of(precision)) return precision;
  for (const Precision precision : {Precision::int8, Precision::bf16})
    if (neural::is_fast_here(precision)) return precision;
  return Precision::fp32;
}

namespace {

constexpr const char* kAloneWarning = "The encoder could not be loaded, so the network answers alone; the server's log says why.";

}  // namespace

std::string printable(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

Result<Engine::LoadedEncoder> Engine::load_encoder(FileSystem& files, const Config& config) {
  if (config.model_name == "network") return LoadedEncoder{};
  const auto folder = config.encoder_folder.empty() ? newest_model_folder(files, config, "encoder") : Result<std::string>(config.encoder_folder);
  auto loaded = folder ? models::EncoderModel::load(files, *folder, encoder_precision(config)) : Result<std::unique_ptr<models::EncoderModel>>(folder.error());
  if (loaded && !(*loaded)->ensemble())
    loaded = make_error(ErrorCode::configuration, "The encoder in " + *folder + " has no calibration.json: `osler fit-encoder` makes one from your own cases.");
  if (loaded) return LoadedEncoder{std::move(*loaded), ""};
  // Alone it is all there is; beside the network it is not.
  if (config.model_name == "encoder") return loaded.error();
  return LoadedEncoder{nullptr, printable(describe(loaded.error()))};
}

Engine::Engine(clinical::KnowledgeBase loaded_knowledge, models::NetworkModel loaded_model, LoadedEncoder loaded_encoder, const Config& config)
    : knowledge(std::move(loaded_knowledge)),
      model(std::move(loaded_model)),
      reader(knowledge),
      network(knowledge, model.parameters),
      encoder_refusal(loaded_encoder.refusal),
      encoder(std::move(loaded_encoder.model)),
      encoder_stage(encoder ? std::make_unique<const service::EncoderStage>(*encoder, knowledge, static_cast<std::size_t>(config.max_sequence_length),
                                                                             config.model_name == "encoder", clock)
                            : nullptr),
      answerer(knowledge, reader, network, model, encoder_stage.get(), encoder_refusal.empty() ? "" : kAloneWarning, {config.confidence_threshold, config.default_setting}) {}

Result<std::unique_ptr<Engine>> Engine::load(const Config& config) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  clinical::KnowledgeBase knowledge = TRY(load_knowledge_base(config));
  models::NetworkModel model = TRY(models::load_network_model(*files, TRY(newest_model_folder(*files, config, "network"))));
  LoadedEncoder encoder = TRY(load_encoder(*files, config));
  return std::unique_ptr<Engine>(new Engine(std::move(knowledge), std::move(model), std::move(encoder), config));
}

}  // namespace osler::app
