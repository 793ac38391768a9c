// Dividing films into parts by patient: no patient stands on two sides, and each part has its share of every kind of film.
#pragma once

#include "train/image/film_records.h"

namespace osler::train {

/// The part of each film. A film whose source gives a part keeps it. The others: patients of one source with the same labels and subtypes are brought into an
/// order drawn from the seed and the patient's id, and each goes to the part that is furthest below its share of that kind. What other patients there are
/// therefore changes nothing for those of another source or kind. Thread-safe.
std::vector<Part> split_by_patient(const std::vector<FilmRecord>& films, const SplitSettings& settings);

/// The fold (0 .. folds - 1) of each film of `chosen`, by the same rule with equal shares. Thread-safe.
std::vector<std::size_t> folds_by_patient(const std::vector<FilmRecord>& films, const std::vector<std::size_t>& chosen, std::size_t folds, std::uint64_t seed);

/// Every label must be in every fold, or it could not be judged there: ErrorCode::configuration naming the label. `fold_of` as folds_by_patient() gives it.
Result<void> check_labels_in_folds(const std::vector<FilmRecord>& films, const std::vector<std::size_t>& chosen, const std::vector<std::size_t>& fold_of, std::size_t folds,
                                   const std::vector<std::string>& labels);

/// Every label must be in every part: ErrorCode::configuration naming the label and the part.
Result<void> check_labels_in_parts(const std::vector<FilmRecord>& films, const std::vector<Part>& parts, const std::vector<std::string>& labels);

}  // namespace osler::train
