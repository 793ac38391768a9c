#include "train/text/config.h"

#include <cmath>
#include <cstdio>

#include "base/json.h"

namespace osler::train {

namespace {

std::string written(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", number);
  return text;
}

/// As parse_json, but of a file that somebody wrote by hand: says where it breaks, and what was expected there.
Result<Json> parse_file(std::string_view text, const std::string& path) {
  try {
    const Json lenient = Json::parse(text.begin(), text.end());
  } catch (const Json::exception& problem) {  // the JSON library's edge
    constexpr std::string_view kBefore = "parse error at ";
    const std::string_view what = problem.what();
    const std::size_t at = what.find(kBefore);
    if (at != std::string_view::npos) return make_error(ErrorCode::configuration, path + ", " + std::string(what.substr(at + kBefore.size())) + ".");
  }
  Result<Json> json = parse_json(text);
  if (!json) return make_error(ErrorCode::configuration, path + ": expected one JSON object in UTF-8 that names each setting once. " + json.error().external);
  return json;
}

/// Reads members of one object and remembers what went wrong first.
class Reader {
 public:
  Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) fail("", where_.empty() ? "the whole file is not an object" : "is not an object");
  }

  void number(const char* key, double low, double high, double& out, bool required = false) {
    const Json* value = find(key, required);
    if (!value) return;
    if (!value->is_number() || value->get<double>() < low || value->get<double>() > high) return fail(key, "is not a number from " + written(low) + " to " + written(high));
    out = value->get<double>();
  }
  void count(const char* key, std::size_t low, std::size_t high, std::size_t& out, bool required = false) {
    const Json* value = find(key, required);
    if (!value) return;
    const double read = value->is_number() ? value->get<double>() : -1;
    if (read < static_cast<double>(low) || read > static_cast<double>(high) || read != std::floor(read))
      return fail(key, "is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    out = static_cast<std::size_t>(read);
  }
  void text(const char* key, std::string& out, bool required = false) {
    const Json* value = find(key, required);
    if (value && !value->is_string()) return fail(key, "is not a text");
    if (value) out = value->get<std::string>();
  }
  void texts(const char* key, std::vector<std::string>& out) {
    const Json* value = find(key, false);
    if (!value) return;
    if (!value->is_array()) return fail(key, "is not a list");
    for (const Json& item : *value) {
      if (!item.is_string()) return fail(key, "holds something that is not a text");
      out.push_back(item.get<std::string>());
    }
  }
  void flag(const char* key, bool& out) {
    const Json* value = find(key, false);
    if (value && !value->is_boolean()) return fail(key, "is not true or false");
    if (value) out = value->get<bool>();
  }
  const Json* find(const char* key, bool required) {
    known_.push_back(key);
    if (json_.is_object() && json_.contains(key)) return &json_[key];
    if (required) fail(key, "is missing");
    return nullptr;
  }
  void fail(const std::string& key, const std::string& problem) {
    if (error_.empty()) error_ = where_ + (key.empty() ? "" : "/" + key) + (where_.empty() && key.empty() ? "" : " ") + problem + ".";
  }
  /// Empty, or what is wrong; also a key that nobody asked for.
  std::string finish() {
    if (json_.is_object())
      for (const auto& [key, value] : json_.items())
        if (std::find(known_.begin(), known_.end(), key) == known_.end()) fail(key, "is not a setting");
    return error_;
  }

 private:
  const Json& json_;
  std::string where_, error_;
  std::vector<std::string> known_;
};

std::string read_phase(const Json& json, const std::string& where, TrainingPhase& phase) {
  Reader reader(json, where);
  reader.text("name", phase.name, true);
  reader.count("steps", 1, 10'000'000, phase.steps, true);
  reader.number("learning_rate", 0, 1, phase.learning_rate, true);
  reader.count("warm_up", 0, 1'000'000, phase.warm_up);
  reader.number("final_share", 0, 1, phase.final_share);
  reader.number("written_share", 0, 1, phase.written_share);
  reader.number("masked_words", 0, 0.9, phase.masked_words);
  static const Json kNone = Json::object();
  const Json* weights = reader.find("weights", true);
  Reader inner(weights ? *weights : kNone, where + "/weights");
  for (const auto& [key, place] : {std::pair{"masked", &phase.weights.masked}, {"conditions", &phase.weights.conditions}, {"tags", &phase.weights.tags},
                                   {"findings", &phase.weights.findings}, {"contrast", &phase.weights.contrast}})
    inner.number(key, 0, 100, *place);
  const std::string outer = reader.finish();
  return outer.empty() ? inner.finish() : outer;
}

void read_architecture(Reader& reader, neural::BertConfig& out, std::string& error) {
  static const Json kNone = Json::object();
  const Json* json = reader.find("architecture", true);
  Reader inner(json ? *json : kNone, "/architecture");
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
  const Json json = TRY(parse_file(text, path));
  TextTrainingConfig config;
  Reader reader(json, "");
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
