#include "app/engine.h"

#include <charconv>

#include "app/knowledge_folder.h"

namespace osler::app {

Result<clinical::KnowledgeBase> load_knowledge_base(const Config& config) {
  const std::vector<clinical::KnowledgeFile> files = TRY(read_knowledge_folder(config.knowledge_folder));
  std::vector<clinical::KnowledgeFault> faults;
  return clinical::load_knowledge(files, faults);
}

Result<std::string> newest_model_folder(FileSystem& files, const Config& config) {
  const std::string folder = config.models_folder + "/osler-" + config.model_name;
  int newest = 0;
  const Result<std::vector<std::string>> versions = files.list(folder);
  if (!versions) return make_error(ErrorCode::not_found, "MODEL_NAME: there is no model folder at " + folder + ".");
  for (const std::string& name : *versions) {
    int number = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failure == std::errc{} && end == name.data() + name.size() && number > newest) newest = number;
  }
  if (newest == 0) return make_error(ErrorCode::not_found, "There is no version of the model in " + folder + ".");
  return folder + "/" + std::to_string(newest);
}

Engine::Engine(clinical::KnowledgeBase loaded_knowledge, models::NetworkModel loaded_model, const Config& config)
    : knowledge(std::move(loaded_knowledge)),
      model(std::move(loaded_model)),
      reader(knowledge),
      network(knowledge, model.parameters),
      answerer(knowledge, reader, network, model, {config.confidence_threshold, config.default_setting}) {}

Result<std::unique_ptr<Engine>> Engine::load(const Config& config) {
  const std::unique_ptr<FileSystem> files = make_file_system();
  clinical::KnowledgeBase knowledge = TRY(load_knowledge_base(config));
  models::NetworkModel model = TRY(models::load_network_model(*files, TRY(newest_model_folder(*files, config))));
  return std::unique_ptr<Engine>(new Engine(std::move(knowledge), std::move(model), config));
}

}  // namespace osler::app
