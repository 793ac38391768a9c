// A trained text encoder as a model directory that `osler` serves (docs/formats/model_directory.md).
#pragma once

#include <string>

#include "train/network/run_text.h"

namespace osler::train {

/// How weight matrices are stored: as they are, in bfloat16, or as int8 with one scale a row.
enum class Storage { fp32, bf16, int8 };

/// Writes config.json, vocab.txt, tokenizer_config.json, labels.json, findings.json, model.safetensors, training.json and manifest.json into a new
/// folder. Not yet calibrated: `osler fit-encoder` does that. ErrorCode::conflict when the folder exists, unavailable when it cannot be written.
Result<void> export_text(const TextRun& run, const std::string& folder, Storage storage, std::size_t updates);

/// int8 = round(value / scale), scale = the row's largest magnitude / 127 (1 for a row of zeros).
struct QuantisedRows {
  std::vector<std::int8_t> values;
  std::vector<float> scales;
};
QuantisedRows quantise_rows(std::span<const float> values, std::size_t rows);

}  // namespace osler::train
