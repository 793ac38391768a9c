// The answer to a radiograph as the API's JSON.
#pragma once

#include "base/json.h"
#include "service/film_reader.h"
#include "service/films.h"

namespace osler::service {

/// Every member that a caller reads, but request_id, model_version and processing_time_ms. `all_probabilities`: [normal, pneumonia].
Json film_answer(const imaging::Film& film, const FilmReading& reading);

/// The pictures that were asked for, to be added to the answer and not to the record: {"heatmap": {...}, "film": {...}}, empty without.
Json film_pictures(const imaging::Film& film, const FilmReading& reading, const FilmOptions& options);

}  // namespace osler::service
