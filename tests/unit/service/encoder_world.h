// The small world with an encoder of random weights beside the network.
#pragma once

#include <functional>

#include "../http/manual_clock.h"
#include "../models/tiny_encoder.h"
#include "small_world.h"

namespace osler::service {

/// One label for each of the fourteen conditions, by id.
inline Json small_world_labels() {
  Json labels = Json::array();
  for (int i = 0; i < 14; ++i) labels.push_back({{"id", "d" + std::to_string(i)}});
  return labels;
}

/// A model of random weights, read from a directory that is gone again.
inline std::unique_ptr<models::EncoderModel> random_encoder(unsigned seed, const Json& labels, const std::function<void(models::TinyEncoder&)>& change = {}) {
  std::mt19937 random(seed);
  models::TinyEncoder tiny(labels, random);
  if (change) change(tiny);
  const models::TemporaryFolder folder;
  tiny.write_to(folder.at("tiny"));
  models::write_file(folder.at("tiny") + "/calibration.json", models::ensemble_calibration());
  const auto files = make_file_system();
  return models::EncoderModel::load(*files, folder.at("tiny"), neural::Precision::fp32).value();
}

/// Immovable, since its parts refer to one another.
struct EncoderWorld {
  explicit EncoderWorld(unsigned seed, const Clock& clock, bool alone = false, neural::BatchLimits limits = {}, std::size_t max_length = 512)
      : encoder(random_encoder(seed, small_world_labels())), stage(*encoder, knowledge, max_length, alone, clock, limits) {}
  EncoderWorld(const EncoderWorld&) = delete;
  EncoderWorld& operator=(const EncoderWorld&) = delete;

  /// A request as the encoder reads it.
  EncoderCase prepare(const Json& request) const {
    const clinical::PatientCase patient = parse_case(request).value().patient;
    return stage.prepare(patient, reader.read(patient).findings);
  }

  const clinical::KnowledgeBase knowledge = small_world_knowledge();
  const language::CaseReader reader{knowledge};
  const models::NetworkModel model{{"osler-network", "7", "network", {}}, {}, {"Nobody", 3, "2026-01-02", ""}};
  const reasoning::Network network{knowledge, model.parameters};
  const std::unique_ptr<const models::EncoderModel> encoder;
  const EncoderStage stage;
  const CaseAnswerer answerer{knowledge, reader, network, model, &stage, "", {}};
};

}  // namespace osler::service
