// A small hospital's files: knowledge, a network, and an encoder of random weights.
#pragma once

#include <filesystem>

#include "../models/tiny_encoder.h"
#include "../service/small_world.h"
#include "app/config.h"

namespace osler::app {

class EncoderSite {
 public:
  explicit EncoderSite(unsigned seed) : random_(seed), encoder(labels(), random_) {
    for (const clinical::KnowledgeFile& file : service::small_world_files()) put("knowledge/" + file.path, file.content);
    std::filesystem::create_directories(at("models"));
    std::filesystem::copy(OSLER_SOURCE_DIR "/models/osler-network", at("models/osler-network"), std::filesystem::copy_options::recursive);
    config.knowledge_folder = at("knowledge");
    config.models_folder = at("models");
    config.encoder_precision = "fp32";
  }

  std::string at(const std::string& name) const { return folder_.at(name); }
  void put(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    models::write_file(at(name), content);
  }
  /// The encoder as models/osler-encoder/<version>, calibrated and with its manifest.
  std::string ship_encoder(const std::string& version) const {
    const std::string folder = at("models/osler-encoder/" + version);
    encoder.write_to(folder);
    models::write_file(folder + "/calibration.json", models::ensemble_calibration());
    models::write_manifest(folder, version);
    return folder;
  }

 private:
  static Json labels() {
    Json all = Json::array();
    for (int i = 0; i < 14; ++i) all.push_back({{"id", "d" + std::to_string(i)}});
    return all;
  }
  const models::TemporaryFolder folder_;
  std::mt19937 random_;

 public:
  models::TinyEncoder encoder;
  Config config;
};

}  // namespace osler::app
