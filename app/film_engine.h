// The image model, its reader and the decoder, loaded and wired.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/files.h"
#include "imaging/decoder_process.h"
#include "models/archive.h"
#include "models/image_model.h"
#include "service/engine_identity.h"
#include "service/film_reader.h"

namespace osler::app {

/// A server without an image model diagnoses all the same, so one that is missing or refused is no error here: every film gets the reason.
struct FilmEngine {
  static FilmEngine load(FileSystem& files, const Config& config);

  /// The model that made an answer, from the archive. Errors as for Engine::load_archived().
  static Result<FilmEngine> load_archived(FileSystem& files, models::Archive& archive, const Config& config, const service::ModelIdentity& identity);

  imaging::FilmDecoder decoder;
  std::unique_ptr<const models::ImageModel> model;  // null: see trouble
  std::unique_ptr<const service::FilmReader> reader;
  std::string trouble;  // for the caller of a film
  std::string refusal;  // for the log; empty where there is simply no model
};

/// IMAGE_PRECISION; none: as the model is best served.
std::optional<neural::Precision> image_precision(const Config& config);

/// DECODER_PROGRAM, or osler-decoder beside this program.
std::string decoder_program(const Config& config);

}  // namespace osler::app
