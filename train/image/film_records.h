// Which films there are and what is known of each, from a folder, a manifest, or the published tables of NIH ChestX-ray14 and RSNA/Kaggle pneumonia.
#pragma once

#include <optional>

#include "train/image/image_config.h"

namespace osler::train {

enum class Part { fit, selection, calibration };
inline constexpr std::size_t kParts = 3;
const char* name_of(Part part);

struct FilmRecord {
  std::string path;
  std::string patient;              // "SOURCE/ID"
  std::size_t label = 0;            // of the model's labels
  std::size_t source = 0;
  std::string subtype, sex, view, site, equipment;   // empty: not known
  std::optional<double> age_years;
  double weight = 1;                // of the source, times the row's own
  std::optional<Part> given_part;   // where the source says so
};

struct FilmRecords {
  std::vector<FilmRecord> films;          // by source, then as they stand there; of a folder by name
  std::vector<std::string> hashes;        // of each source: SHA-256 of its table, or of the list of its files
  std::vector<std::size_t> left_out;      // of each source: rows that were not kept, or whose label is no label here
};

/// Reads every source of the configuration. ErrorCode::not_found for a table, a folder or films that are not there (the first few, and how many);
/// configuration with file, line and column for what is wrong in a table, for a patient in two parts, for a film that stands there twice, and for a source
/// without films. Thread-safe.
Result<FilmRecords> read_films(const ImageTrainingConfig& config);

}  // namespace osler::train
