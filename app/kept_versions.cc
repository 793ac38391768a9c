#include "app/kept_versions.h"

#include "clinical/knowledge_folder.h"

namespace osler::app {

Result<void> keep_versions(FileSystem& files, const Config& config, const Engine& engine, const FilmEngine& films) {
  TRY_VOID(files.make_folders(config.archive_folder));
  models::Archive archive(files, config.archive_folder);
  TRY_VOID(archive.keep_knowledge(engine.knowledge.hash, [&] { return clinical::read_knowledge_folder(config.knowledge_folder); }));
  TRY_VOID(archive.keep_model("network", engine.model.manifest, engine.model.folder));
  if (engine.encoder) TRY_VOID(archive.keep_model("encoder", engine.encoder->manifest(), engine.encoder->folder()));
  if (films.model) TRY_VOID(archive.keep_model("image", films.model->manifest(), films.model->folder()));
  return ok();
}

}  // namespace osler::app
