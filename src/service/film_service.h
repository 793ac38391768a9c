// service/films.h, wired from the floors below.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "imaging/decoder_process.h"
#include "service/film_reader.h"
#include "service/films.h"
#include "service/recorder.h"
#include "vault/key_source.h"
#include "vault/names.h"

namespace osler::service {

/// Everything the service works with; the referents outlive it.
struct FilmParts {
  const imaging::FilmDecoder& decoder;
  const FilmReader* reader = nullptr;  // null: there is no model
  std::string trouble;                          // why not, for the caller
  const vault::KeySource& keys;
  const vault::Names& names;
  Recorder& recorder;
  const Clock& clock;
  bool keep_films = false;                      // store the uploaded file beside the answer, sealed like it
};

std::unique_ptr<FilmService> make_film_service(FilmParts parts);

}  // namespace osler::service
