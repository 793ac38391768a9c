// A trained text encoder as a model directory that `osler` serves (docs/formats/model_directory.md).
#pragma once

#include <string>

#include "train/network/run_text.h"
#include "train/network/stored_tensors.h"

namespace osler::train {

/// Writes config.json, vocab.txt, tokenizer_config.json, labels.json, findings.json, model.safetensors, training.json and manifest.json into a new
/// folder. Not yet calibrated: `osler fit-encoder` does that. ErrorCode::conflict when the folder exists, unavailable when it cannot be written.
Result<void> export_text(const TextRun& run, const std::string& folder, Storage storage, std::size_t updates);

}  // namespace osler::train
