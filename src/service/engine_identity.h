// What made an answer: enough to make it again from the archive. Stands in every record (docs/formats/record_payload.md).
#pragma once

#include <optional>
#include <string>

#include "clinical/patient_case.h"

namespace osler::service {

/// Of a model directory, by models::ModelManifest::hash.
struct ModelIdentity {
  std::string hash;       // lower-case hexadecimal, 64 digits
  std::string precision;  // neural::name_of
  bool operator==(const ModelIdentity&) const = default;
};

/// Of an answer to a case.
struct EngineIdentity {
  std::string program;                   // kVersion
  std::string kernels;                   // neural::kernels_here()
  std::string knowledge;                 // KnowledgeBase::hash
  std::string network;                   // of its model directory
  std::optional<ModelIdentity> encoder;  // none: there was none, or it was left out
  bool encoder_alone = false;            // MODEL_NAME=encoder
  std::size_t max_sequence_length = 0;   // MAX_SEQUENCE_LENGTH; 0 without an encoder
  double threshold = 0;                  // CONFIDENCE_THRESHOLD
  std::optional<clinical::Setting> setting;  // DEFAULT_SETTING
  bool operator==(const EngineIdentity&) const = default;
};

/// Of an answer to a film.
struct FilmEngineIdentity {
  std::string program, kernels;
  ModelIdentity image;
  bool operator==(const FilmEngineIdentity&) const = default;
};

}  // namespace osler::service
