// Films from a table: a manifest whose columns the configuration names, or one of the published tables, whose columns are known.
#pragma once

#include "train/image/film_records.h"

namespace osler::train {

/// Adds the films of source `index`, which is no folder, and returns the SHA-256 of its tables. Errors as read_films(). Thread-safe.
Result<std::string> read_film_table(const ImageTrainingConfig& config, std::size_t index, FilmRecords& out);

/// The position of a label that the configuration has.
std::size_t label_index(const ImageTrainingConfig& config, const std::string& label);

}  // namespace osler::train
