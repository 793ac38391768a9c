// Films to evaluate a model on: the file behind `osler evaluate images FILE` (docs/formats/training.md).
#pragma once

#include "train/image/image_config.h"

namespace osler::train {

/// Films that belong together in a report.
struct FilmSetSettings {
  std::string name;          // "internal", "external"
  std::string source;        // whose films, when, where, in a sentence
  std::string outcome;       // how the reference came about
  ImageTrainingConfig films; // its labels, sources and proportions alone
};

struct FilmSetsSettings {
  std::string predictors, training;  // what the network sees, and what it learned from, in a sentence each
  std::vector<FilmSetSettings> sets; // the first is the internal one
};

/// Errors as parse_image_config(). Thread-safe.
Result<FilmSetsSettings> parse_film_sets(std::string_view json, const std::string& path);

}  // namespace osler::train
