#include "train/image/image_config.h"

#include <cmath>
#include <set>

#include "base/limits.h"
#include "train/settings/settings_reader.h"

namespace osler::train {

namespace {

void read_words(SettingsReader& reader, const char* key, std::map<std::string, std::string>& out) {
  for (const auto& [name, value] : reader.object(key).items()) {
    if (!value.is_string()) return reader.fail(std::string(key) + "/" + escape_pointer_token(name), "is not a text");
    out[name] = value.get<std::string>();
  }
}

void read_keep(SettingsReader& reader, std::map<std::string, std::vector<std::string>>& out) {
  for (const auto& [column, values] : reader.object("keep").items()) {
    const std::string key = "keep/" + escape_pointer_token(column);
    if (!values.is_array() || values.empty()) return reader.fail(key, "is not a list of the values to keep");
    for (const Json& value : values) {
      if (!value.is_string()) return reader.fail(key, "holds something that is not a text");
      out[column].push_back(value.get<std::string>());
    }
  }
}

void check_columns(SettingsReader& reader, const FilmSourceSettings& source) {
  static const std::set<std::string> kKnown = {"path", "label", "patient", "subtype", "age", "sex", "view", "site", "equipment", "split", "weight"};
  for (const auto& [name, column] : source.columns)
    if (!kKnown.contains(name)) return reader.fail("columns/" + escape_pointer_token(name), "is not one of path, label, patient, subtype, age, sex, view, site, equipment, split, weight");
  if (source.kind != "manifest") return;
  for (const char* needed : {"path", "label", "patient"})
    if (!source.columns.contains(needed)) return reader.fail(std::string("columns/") + needed, "is missing: the column that holds it");
}

std::string read_source(const Json& json, const std::string& where, const std::vector<std::string>& labels, FilmSourceSettings& source) {
  SettingsReader reader(json, where);
  reader.text("name", source.name, true);
  reader.one_of("kind", {"folder", "manifest", "nih", "rsna"}, source.kind, true);
  reader.text("path", source.path, true);
  reader.text("images", source.images);
  reader.text("classes", source.classes, source.kind == "rsna");
  reader.text("patients", source.patients, source.kind == "rsna");
  reader.text("patient_until", source.patient_until);
  read_words(reader, "columns", source.columns);
  read_keep(reader, source.keep);
  reader.flag("keep_whole_patients", source.keep_whole_patients);
  read_words(reader, "labels", source.labels);
  if (source.labels.empty())
    for (const std::string& label : labels) source.labels[label] = label;
  for (const auto& [found, label] : source.labels)
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) reader.fail("labels/" + escape_pointer_token(found), "is not one of the model's labels");
  reader.flag("leave_out_other_labels", source.leave_out_other_labels);
  read_words(reader, "parts", source.parts);
  for (const auto& [value, part] : source.parts)
    if (part != "fit" && part != "selection" && part != "calibration") reader.fail("parts/" + escape_pointer_token(value), "is not one of fit, selection, calibration");
  std::string proportions = "kept";
  reader.one_of("proportions", {"kept", "lost"}, proportions);
  source.proportions_lost = proportions == "lost";
  reader.number("weight", 0.001, 1000, source.weight);
  check_columns(reader, source);
  return reader.finish();
}

std::string read_split(const Json& json, SplitSettings& split) {
  SettingsReader reader(json, "/split");
  reader.number("fit", 0, 1, split.fit);
  reader.number("selection", 0, 1, split.selection);
  reader.number("calibration", 0, 1, split.calibration);
  reader.count("seed", 0, 9'000'000'000'000'000, split.seed);
  if (std::abs(split.fit + split.selection + split.calibration - 1) > 1e-9) reader.fail("", "has shares of fit, selection and calibration that do not sum to 1");
  return reader.finish();
}

std::string read_proportions(const Json& json, ProportionSettings& proportions) {
  SettingsReader reader(json, "/proportions");
  reader.number("lowest", 0.2, 5, proportions.lowest);
  reader.number("highest", 0.2, 5, proportions.highest);
  reader.number("evaluation", 0.2, 5, proportions.evaluation);
  if (proportions.lowest > proportions.highest) reader.fail("lowest", "is more than highest");
  return reader.finish();
}

std::string read_augmentation(const Json& json, AugmentationSettings& augmentation) {
  SettingsReader reader(json, "/augmentation");
  reader.number("rotation", 0, 45, augmentation.rotation);
  reader.number("shift", 0, 0.5, augmentation.shift);
  reader.number("scale", 0, 1, augmentation.scale);
  reader.number("brightness", 0, 0.5, augmentation.brightness);
  reader.number("contrast", 0, 1, augmentation.contrast);
  reader.number("gamma", 0, 1, augmentation.gamma);
  reader.number("blur", 0, 1, augmentation.blur);
  reader.number("noise", 0, 1, augmentation.noise);
  reader.number("erasing", 0, 1, augmentation.erasing);
  reader.number("noise_deviation", 0, 0.2, augmentation.noise_deviation);
  return reader.finish();
}

std::string read_network(const Json& json, ImageNetworkSettings& network) {
  SettingsReader reader(json, "/network");
  reader.one_of("architecture", {"mobilenet_v2", "densenet121"}, network.architecture, true);
  reader.text("backbone", network.backbone);
  if (network.architecture == "mobilenet_v2" && network.backbone.empty()) reader.fail("backbone", "is missing: with its batch norm folded, mobilenet_v2 does not learn from scratch");
  reader.count("hidden", 1, limits::kMaxImageHidden, network.hidden);
  reader.number("dropout", 0, 0.9, network.dropout);
  reader.flag("mixed_precision", network.mixed_precision);
  return reader.finish();
}

std::string read_loss(const Json& json, ImageLossSettings& loss) {
  SettingsReader reader(json, "/loss");
  reader.one_of("kind", {"cross_entropy", "focal"}, loss.kind);
  reader.number("gamma", 0, 10, loss.gamma);
  std::string weights = "none";
  reader.one_of("class_weights", {"none", "balanced"}, weights);
  loss.balanced_classes = weights == "balanced";
  reader.number("label_smoothing", 0, 0.5, loss.label_smoothing);
  reader.one_of("sampling", {"as_is", "over", "under"}, loss.sampling);
  if (loss.balanced_classes && loss.sampling != "as_is") reader.fail("class_weights", "is balanced beside sampling that balances already: films of rarer labels would count twice");
  return reader.finish();
}

std::string read_phase(const Json& json, const std::string& where, ImagePhase& phase) {
  SettingsReader reader(json, where);
  reader.text("name", phase.name, true);
  std::string mode;
  reader.one_of("base", {"frozen", "trained"}, mode, true);
  phase.frozen = mode == "frozen";
  if (phase.frozen) {
    phase.batch = 128;
    reader.count("copies", 1, 100, phase.copies);
    reader.count("folds", 0, 100, phase.folds);
    if (phase.folds == 1) reader.fail("folds", "is 1: a cross-validation has at least 2, and 0 is none");
  } else {
    reader.number("base_rate", 0, 1, phase.base_rate);
  }
  reader.count("epochs", 1, 100'000, phase.epochs, true);
  reader.count("batch", 2, 4096, phase.batch);
  reader.number("learning_rate", 1e-9, 1, phase.learning_rate, true);
  reader.number("warm_up", 0, 1000, phase.warm_up);
  reader.number("final_share", 0, 1, phase.final_share);
  reader.count("patience", 0, 100'000, phase.patience);
  return reader.finish();
}

template <typename Item, typename Read>
void read_list(SettingsReader& reader, const char* key, std::vector<Item>& out, const Read& read) {
  const Json* list = reader.find(key, true);
  if (!list) return;
  if (!list->is_array() || list->empty()) return reader.fail(key, "is not a list with at least one entry");
  for (std::size_t i = 0; i < list->size(); ++i) reader.adopt(read((*list)[i], reader.where() + "/" + std::string(key) + "/" + std::to_string(i), out.emplace_back()));
}

/// A base that was trained has seen the labels of the films that a fold is judged by.
void check_folds(SettingsReader& reader, const std::vector<ImagePhase>& phases) {
  bool trained = false;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (trained && phases[i].folds > 0) reader.fail("phases/" + std::to_string(i) + "/folds", "follows a phase that trained the base, on films that a fold would be judged by: it can only be 0");
    trained = trained || !phases[i].frozen;
  }
}

void read_labels(SettingsReader& reader, std::vector<std::string>& labels) {
  reader.texts("labels", labels);
  if (labels.size() < 2 || labels.size() > 100 || std::set(labels.begin(), labels.end()).size() != labels.size())
    reader.fail("labels", "is not a list of 2 to 100 different labels");
}

}  // namespace

void read_film_sources(SettingsReader& reader, ImageTrainingConfig& config) {
  read_list(reader, "sources", config.sources, [&](const Json& one, const std::string& where, FilmSourceSettings& source) { return read_source(one, where, config.labels, source); });
  std::set<std::string> names;
  for (const FilmSourceSettings& source : config.sources)
    if (!names.insert(source.name).second) reader.fail("sources", "has two sources of the same name, whose patients could not be told apart");
  reader.adopt(read_proportions(reader.object("proportions"), config.proportions));
}

Result<ImageTrainingConfig> parse_image_config(std::string_view text, const std::string& path) {
  const Json json = TRY(parse_settings_file(text, path));
  ImageTrainingConfig config;
  config.text = std::string(text);
  SettingsReader reader(json, "");
  reader.text("name", config.name, true);
  reader.text("version", config.version, true);
  reader.text("work_folder", config.work_folder, true);
  reader.count("seed", 0, 9'000'000'000'000'000, config.seed);
  read_labels(reader, config.labels);
  reader.count("side", limits::kMinImageSide, limits::kMaxImageSide, config.side);
  if (config.side % 32 != 0) reader.fail("side", "is not a multiple of 32");
  read_film_sources(reader, config);
  reader.adopt(read_split(reader.object("split"), config.split));
  reader.adopt(read_augmentation(reader.object("augmentation"), config.augmentation));
  reader.adopt(read_network(reader.object("network", true), config.network));
  reader.adopt(read_loss(reader.object("loss"), config.loss));
  reader.number("weight_decay", 0, 1, config.weight_decay);
  reader.number("gradient_clip", 0, 1000, config.gradient_clip);
  reader.number("average", 0, 0.99999, config.average);
  reader.number("checkpoint_minutes", 0, 10, config.checkpoint_minutes);
  read_list(reader, "phases", config.phases, read_phase);
  check_folds(reader, config.phases);
  if (const std::string fault = reader.finish(); !fault.empty()) return make_error(ErrorCode::configuration, path + ": " + fault);
  return config;
}

}  // namespace osler::train
