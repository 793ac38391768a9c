// Whether films are divided as when a model was trained, so that none that it learned from passes for one that was held back.
#pragma once

#include "base/json.h"
#include "train/image/film_records.h"

namespace osler::train {

/// `training`: the model's training.json; `parts`: of `records`, as split_by_patient() gives them now. A source with the name of one that was
/// trained on must have the same table, the same split, and as many films of each label in each part; others were never seen and may be divided in any way.
/// ErrorCode::configuration naming the source and what differs. Thread-safe.
Result<void> check_same_division(const Json& training, const ImageTrainingConfig& config, const FilmRecords& records, const std::vector<Part>& parts);

}  // namespace osler::train
