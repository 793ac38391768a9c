// A trained image network as a model directory that `osler` serves (docs/formats/model_directory.md).
#pragma once

#include <string>

#include "train/network/run_image.h"
#include "train/network/stored_tensors.h"

namespace osler::train {

/// Writes config.json, model.safetensors, training.json and manifest.json into a new folder, from the run's network as it is. `epoch` says which weights these are
/// (load_best()). Not yet calibrated: `osler fit-image` does that. ErrorCode::conflict when the folder exists, unavailable when it cannot be written.
Result<void> export_image(const ImageRun& run, const std::string& epoch, const std::string& folder, Storage storage);

}  // namespace osler::train
