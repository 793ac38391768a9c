// What a server answers with, kept in the archive before the first answer.
#pragma once

#include "app/engine.h"
#include "app/film_engine.h"

namespace osler::app {

/// What answers are made with, by hash.
struct Versions {
  struct Model {
    std::string kind;  // network, encoder or image
    models::ModelManifest manifest;
    std::string folder;
  };
  std::string knowledge;
  std::vector<Model> models;
};

/// `encoder` may be null, and the image model may be none.
Versions versions_of(const clinical::KnowledgeBase& knowledge, const models::NetworkModel& network, const models::EncoderModel* encoder, const FilmEngine& films);

/// Keeps the knowledge base and the model directories that were loaded, by hash, in ARCHIVE_DIR; what is there already costs a look. Errors as for
/// models::Archive: without a copy no answer could be made again, so the start is refused.
Result<void> keep_versions(FileSystem& files, const Config& config, const Versions& versions);

}  // namespace osler::app
