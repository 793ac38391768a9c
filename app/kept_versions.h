// What a server answers with, kept in the archive before the first answer.
#pragma once

#include "app/engine.h"
#include "app/film_engine.h"

namespace osler::app {

/// Keeps the knowledge base and the model directories that were loaded, by hash, in ARCHIVE_DIR; what is there already costs a look. Errors as for
/// models::Archive: without a copy no answer could be made again, so the start is refused.
Result<void> keep_versions(FileSystem& files, const Config& config, const Engine& engine, const FilmEngine& films);

}  // namespace osler::app
