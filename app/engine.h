// Knowledge, language, reasoning and model, loaded and wired: what every command that answers cases needs.
#pragma once

#include <memory>

#include "app/config.h"
#include "service/case_answerer.h"

namespace osler::app {

/// Owns the parts in the order they depend on each other. Immovable, since they refer to one another.
class Engine {
 public:
  /// Loads the knowledge base and the newest version of the model. ErrorCode::configuration, corrupted or not_found.
  static Result<std::unique_ptr<Engine>> load(const Config& config);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const clinical::KnowledgeBase knowledge;
  const models::NetworkModel model;
  const language::CaseReader reader;
  const reasoning::Network network;
  const service::CaseAnswerer answerer;

 private:
  Engine(clinical::KnowledgeBase loaded_knowledge, models::NetworkModel loaded_model, const Config& config);
};

/// The knowledge base alone.
Result<clinical::KnowledgeBase> load_knowledge_base(const Config& config);

/// models/osler-<kind>/<highest version number>
Result<std::string> newest_model_folder(FileSystem& files, const Config& config);

}  // namespace osler::app
