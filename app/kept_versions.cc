#include "app/kept_versions.h"

#include "clinical/knowledge_folder.h"

namespace osler::app {

Versions versions_of(const clinical::KnowledgeBase& knowledge, const models::NetworkModel& network, const models::EncoderModel* encoder, const FilmEngine& films) {
  Versions versions{knowledge.hash, {{"network", network.manifest, network.folder}}};
  if (encoder != nullptr) versions.models.push_back({"encoder", encoder->manifest(), encoder->folder()});
  if (films.model) versions.models.push_back({"image", films.model->manifest(), films.model->folder()});
  return versions;
}

Result<void> keep_versions(FileSystem& files, const Config& config, const Versions& versions) {
  TRY_VOID(files.make_folders(config.archive_folder));
  models::Archive archive(files, config.archive_folder);
  TRY_VOID(archive.keep_knowledge(versions.knowledge, [&] { return clinical::read_knowledge_folder(config.knowledge_folder); }));
  for (const Versions::Model& model : versions.models) TRY_VOID(archive.keep_model(model.kind, model.manifest, model.folder));
  return ok();
}

}  // namespace osler::app
