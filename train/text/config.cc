#include "train/text/config.h"

#include "train/settings/settings_reader.h"

namespace osler::train {

namespace {

std::string read_phase(const Json& json, const std::string& where, TrainingPhase& phase) {
  SettingsReader reader(json, where);
  reader.text("name", phase.name, true);
  reader.count("steps", 1, 10'000'000, phase.steps, true);
  reader.number("learning_rate", 0, 1, phase.learning_rate, true);
  reader.count("warm_up", 0, 1'000'000, phase.warm_up);
  reader.number("final_share", 0, 1, phase.final_share);
  reader.number("written_share", 0, 1, phase.written_share);
  reader.number("masked_words", 0, 0.9, phase.masked_words);
  static const Json kNone = Json::object();
  const Json* weights = reader.find("weights", true);
  SettingsReader inner(weights ? *weights : kNone, where + "/weights");
  for (const auto& [key, place] : {std::pair{"masked", &phase.weights.masked}, {"conditions", &phase.weights.conditions}, {"tags", &phase.weights.tags},
                                   {"findings", &phase.weights.findings}, {"contrast", &phase.weights.contrast}})
    inner.number(key, 0, 100, *place);
  const std::string outer = reader.finish();
  return outer.empty() ? inner.finish() : outer;
}

void read_architecture(SettingsReader& reader, neural::BertConfig& out, std::string& error) {
  static const Json kNone = Json::object();
  const Json* json = reader.find("architecture", true);
  SettingsReader inner(json ? *json : kNone, "/architecture");
  inner.count("layers", 1, 48, out.layers, true);
  inner.count("heads", 1, 64, out.heads, true);
  inner.count("hidden", 8, 4096, out.hidden, true);
  inner.count("intermediate", 8, 16384, out.intermediate, true);
  inner.count("positions", 16, 4096, out.positions, true);
  if (out.heads > 0 && out.hidden % out.heads != 0) inner.fail("hidden", "is not a multiple of heads");
  out.token_types = 2;
  if (json) error = inner.finish();
}

}  // namespace

Result<TextTrainingConfig> parse_training_config(std::string_view text, const std::string& path) {
  const Json json = TRY(parse_settings_file(text, path));
  TextTrainingConfig config;
  SettingsReader reader(json, "");
  reader.text("name", config.name, true);
  reader.text("version", config.version, true);
  reader.text("work_folder", config.work_folder, true);
  reader.count("seed", 0, 9'000'000'000'000'000, config.seed);
  std::string error;
  read_architecture(reader, config.architecture, error);
  reader.count("vocabulary_size", 500, 200'000, config.vocabulary_size, true);
  reader.text("start_from", config.start_from);
  reader.text("word_vectors", config.word_vectors);
  reader.number("flattening", 0, 1, config.flattening);
  reader.texts("written", config.written);
  reader.texts("held_out", config.held_out);
  reader.texts("plain_texts", config.plain_texts);
  reader.count("tokens_a_batch", 64, 1'000'000, config.tokens_a_batch);
  reader.count("max_length", 16, 4096, config.max_length);
  if (config.max_length > config.architecture.positions) reader.fail("max_length", "is more than the positions, " + std::to_string(config.architecture.positions));
  reader.number("weight_decay", 0, 1, config.weight_decay);
  reader.number("gradient_clip", 0, 1000, config.gradient_clip);
  reader.flag("mixed_precision", config.mixed_precision);
  reader.count("validate_every", 1, 1'000'000, config.validate_every);
  reader.number("checkpoint_minutes", 0, 10, config.checkpoint_minutes);
  const Json* phases = reader.find("phases", true);
  if (phases && (!phases->is_array() || phases->empty())) reader.fail("phases", "is not a list of phases");
  for (std::size_t i = 0; phases && phases->is_array() && i < phases->size() && error.empty(); ++i)
    error = read_phase((*phases)[i], "/phases/" + std::to_string(i), config.phases.emplace_back());
  // What is wrong inside first: a length can only be judged by positions that are right.
  const std::string outer = reader.finish();
  if (!outer.empty() || !error.empty()) return make_error(ErrorCode::configuration, path + ": " + (error.empty() ? outer : error));
  return config;
}

}  // namespace osler::train
