// Knowledge, language, reasoning and model, loaded and wired: what every command that answers cases needs.
#pragma once

#include <memory>

#include "app/config.h"
#include "base/clock.h"
#include "models/archive.h"
#include "models/encoder_model.h"
#include "service/case_answerer.h"

namespace osler::app {

/// What an engine is made of: read and checked, so that nothing of it can be refused any more.
struct EngineParts {
  struct Encoder {
    std::unique_ptr<models::EncoderModel> model;   // null: MODEL_NAME=network, or it was refused
    std::string refusal;                           // why there is none although there should be
  };
  struct Settings {
    std::size_t max_length = 0;
    bool encoder_alone = false;
    service::DiagnoseDefaults defaults;
  };

  /// Loads the knowledge base and the newest version of each model that MODEL_NAME asks for. ErrorCode::configuration, corrupted or not_found; where
  /// several are refused, the knowledge base's error before the network's before the encoder's. An encoder that is refused does not stop the network: it
  /// answers alone, and every answer says why.
  static Result<EngineParts> load(const Config& config);

  clinical::KnowledgeBase knowledge;
  models::NetworkModel model;
  Encoder encoder;
  Settings settings;
};

/// Owns the parts in the order they depend on each other. Immovable, since they refer to one another.
class Engine {
 public:
  /// Wires the parts and builds the reader's lexicon: the longest part of a start, and it cannot fail.
  explicit Engine(EngineParts parts);

  /// An engine of EngineParts::load(), with its errors.
  static Result<std::unique_ptr<Engine>> load(const Config& config);

  /// Exactly what made an answer, from the archive. ErrorCode::not_found or corrupted where a copy is missing or damaged, configuration where this
  /// processor cannot do the encoder's precision.
  static Result<std::unique_ptr<Engine>> load_archived(FileSystem& files, models::Archive& archive, const service::EngineIdentity& identity);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const SystemClock clock;
  const clinical::KnowledgeBase knowledge;
  const models::NetworkModel model;
  const language::CaseReader reader;
  const reasoning::Network network;
  const std::string encoder_refusal;                           // why there is no encoder although there should be, for the log; else empty
  const std::unique_ptr<const models::EncoderModel> encoder;   // null: MODEL_NAME=network, or it was refused
  const std::unique_ptr<const service::EncoderStage> encoder_stage;
  const service::CaseAnswerer answerer;
};

/// Refuses a model directory that is not of this hash: ErrorCode::corrupted.
Result<void> check_archived(const models::ModelManifest& manifest, const std::string& hash, const std::string& folder);

/// The precision of this name; fp32 for one that is unknown.
neural::Precision precision_called(const std::string& name);

/// The knowledge base alone.
Result<clinical::KnowledgeBase> load_knowledge_base(const Config& config);

/// models/osler-<kind>/<highest version number>
Result<std::string> newest_model_folder(FileSystem& files, const Config& config, const std::string& kind);

/// A path may hold any byte, and the log is UTF-8.
std::string printable(std::string text);

/// ENCODER_PRECISION, or the fastest that this CPU has instructions for.
neural::Precision encoder_precision(const Config& config);

}  // namespace osler::app
