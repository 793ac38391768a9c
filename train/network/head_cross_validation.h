// How well a head on frozen features does on patients that it has not seen, by cross-validation.
#pragma once

#include "train/network/feature_cache.h"
#include "train/network/image_judge.h"

namespace osler::train {

struct CrossValidation {
  std::string phase;
  std::vector<Judgement> folds;
};

/// Trains a fresh head for each fold of the cached films on all the others, with the settings of that phase and every one of its epochs: no fold's own films
/// choose when to stop, so the figures are honest. No patient is on both sides. Always the same for a run. `phase` is frozen and has folds.
CrossValidation cross_validate(const ImageRun& run, std::size_t phase, const FeatureCache& cache, const std::function<void(const std::string&)>& say);

/// The same, written to cross_validation.json in the work folder. ErrorCode::unavailable.
Result<void> cross_validate_head(const ImageRun& run, std::size_t phase, const FeatureCache& cache, const std::function<void(const std::string&)>& say);

}  // namespace osler::train
