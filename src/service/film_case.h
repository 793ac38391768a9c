// An upload to what was read of it, without storing anything: what the server and a replay share.
#pragma once

#include "imaging/decoder_process.h"
#include "service/engine_identity.h"
#include "service/film_reader.h"
#include "service/films.h"

namespace osler::service {

struct FilmCase {
  imaging::Film film;
  FilmReading reading;
};

/// Decodes (waits for a process) and classifies. Errors as for FilmService::predict(). Thread-safe.
Result<FilmCase> read_film(const imaging::FilmDecoder& decoder, const FilmReader& reader, const FilmUpload& upload, std::optional<std::size_t> frame);

/// What gives an answer to a film.
FilmEngineIdentity identity_of(const FilmReader& reader);

}  // namespace osler::service
