#include "train/image/same_division.h"

namespace osler::train {

namespace {

/// {part: {label: films}}, as training.json has it.
Json counts_of(const ImageTrainingConfig& config, std::size_t source, const FilmRecords& records, const std::vector<Part>& parts) {
  std::map<std::string, std::map<std::string, std::size_t>> counts;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (records.films[i].source == source) ++counts[name_of(parts[i])][config.labels[records.films[i].label]];
  return counts;
}

/// Empty when the source is divided as it was.
std::string difference(const Json& trained, const Json& split, const ImageTrainingConfig& config, std::size_t source, const FilmRecords& records, const std::vector<Part>& parts) {
  const Json split_now{{"fit", config.split.fit}, {"selection", config.split.selection}, {"calibration", config.split.calibration}, {"seed", config.split.seed}};
  if (trained.value("sha256", "") != records.hashes[source]) return "its table, or the list of its files";
  if (split != split_now) return "the split";
  return trained.value("films", Json()) == counts_of(config, source, records, parts) ? "" : "the division of its films";
}

}  // namespace

Result<void> check_same_division(const Json& training, const ImageTrainingConfig& config, const FilmRecords& records, const std::vector<Part>& parts) {
  if (!training.is_object() || !training.contains("sources") || !training["sources"].is_array()) return ok();
  for (const Json& trained : training["sources"])
    for (std::size_t i = 0; i < config.sources.size(); ++i) {
      if (!trained.is_object() || trained.value("name", "") != config.sources[i].name) continue;
      const std::string differs = difference(trained, training.value("split", Json()), config, i, records, parts);
      if (!differs.empty())
        return make_error(ErrorCode::configuration, "The model was trained on films of source " + config.sources[i].name + ", and " + differs +
                                                        " changed since, so films that it learned from could pass for held back. Give the configuration that it was trained with; "
                                                        "films that it never saw need a name of their own.");
    }
  return ok();
}

}  // namespace osler::train
