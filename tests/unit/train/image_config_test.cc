#include "train/image/image_config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.h"

namespace osler::train {
namespace {

/// Every key there is, each with a value that is right.
Json complete() {
  return parse_json(R"({"name": "n", "version": "2", "work_folder": "w", "seed": 9, "labels": ["normal", "pneumonia"], "side": 256,
      "sources": [{"name": "s", "kind": "manifest", "path": "m.csv", "images": "i", "patient_until": "_",
        "columns": {"path": "file", "label": "class", "patient": "who", "subtype": "kind", "age": "age", "sex": "sex", "view": "view", "site": "where", "equipment": "by", "split": "part", "weight": "w"},
        "keep": {"part": ["a", "b"]}, "keep_whole_patients": true, "labels": {"ok": "normal", "ill": "pneumonia"}, "leave_out_other_labels": true,
        "parts": {"a": "fit", "b": "selection"}, "proportions": "lost", "weight": 0.5},
        {"name": "r", "kind": "rsna", "path": "l.csv", "classes": "c.csv", "patients": "p.json", "labels": {"Normal": "normal", "Lung Opacity": "pneumonia"}}],
      "split": {"fit": 0.5, "selection": 0.25, "calibration": 0.25, "seed": 11},
      "proportions": {"lowest": 0.9, "highest": 1.5, "evaluation": 1.2},
      "augmentation": {"rotation": 5, "shift": 0.01, "scale": 0.02, "brightness": 0.03, "contrast": 0.04, "gamma": 0.06, "blur": 0.07, "noise": 0.08,
        "erasing": 0.09, "noise_deviation": 0.011},
      "network": {"architecture": "densenet121", "backbone": "b.safetensors", "hidden": 64, "dropout": 0.1, "mixed_precision": false},
      "loss": {"kind": "focal", "gamma": 1.5, "class_weights": "balanced", "label_smoothing": 0.02, "sampling": "as_is"},
      "weight_decay": 0.03, "gradient_clip": 2, "average": 0.9, "checkpoint_minutes": 3,
      "phases": [{"name": "a", "base": "frozen", "copies": 3, "folds": 4, "epochs": 5, "batch": 16, "learning_rate": 0.002, "warm_up": 1, "final_share": 0.1, "patience": 2},
        {"name": "b", "base": "trained", "base_rate": 0.25, "epochs": 6, "learning_rate": 0.001}]})")
      .value();
}

std::string fault_of(const Json& json) {
  const auto config = parse_image_config(json.dump(), "run.json");
  EXPECT_FALSE(config) << json;
  EXPECT_TRUE(config || config.error().code == ErrorCode::configuration);
  return config ? "" : config.error().external;
}

Json with(const std::string& pointer, const Json& value) {
  Json json = complete();
  json[Json::json_pointer(pointer)] = value;
  return json;
}

TEST(ImageConfigTest, ReadsEverySetting) {
  const auto read = parse_image_config(complete().dump(), "run.json");
  ASSERT_TRUE(read) << describe(read.error());
  const ImageTrainingConfig& config = *read;
  EXPECT_EQ(config.side, 256u);
  EXPECT_EQ(config.labels, (std::vector<std::string>{"normal", "pneumonia"}));
  const FilmSourceSettings& source = config.sources[0];
  EXPECT_EQ(source.columns.at("weight"), "w");
  EXPECT_EQ(source.keep.at("part"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(source.keep_whole_patients && source.leave_out_other_labels && source.proportions_lost);
  EXPECT_EQ(source.labels.at("ill"), "pneumonia");
  EXPECT_EQ(source.parts.at("b"), "selection");
  EXPECT_EQ(source.patient_until, "_");
  EXPECT_EQ(source.weight, 0.5);
  EXPECT_EQ(config.sources[1].classes + config.sources[1].patients, "c.csvp.json");
  EXPECT_FALSE(config.sources[1].proportions_lost);
  EXPECT_EQ(config.split.calibration, 0.25);
  EXPECT_EQ(config.split.seed, 11u);
  EXPECT_EQ(config.proportions.evaluation, 1.2);
  const AugmentationSettings& a = config.augmentation;
  EXPECT_EQ(std::vector<double>({a.rotation, a.shift, a.scale, a.brightness, a.contrast, a.gamma, a.blur, a.noise, a.erasing, a.noise_deviation}),
            std::vector<double>({5, 0.01, 0.02, 0.03, 0.04, 0.06, 0.07, 0.08, 0.09, 0.011}));
  EXPECT_EQ(config.network.architecture, "densenet121");
  EXPECT_EQ(config.network.hidden, 64u);
  EXPECT_FALSE(config.network.mixed_precision);
  EXPECT_EQ(config.loss.kind, "focal");
  EXPECT_TRUE(config.loss.balanced_classes);
  EXPECT_EQ(config.loss.sampling, "as_is");
  EXPECT_EQ(config.average, 0.9);
  EXPECT_TRUE(config.phases[0].frozen);
  EXPECT_EQ(config.phases[0].folds, 4u);
  EXPECT_EQ(config.phases[0].patience, 2u);
  EXPECT_FALSE(config.phases[1].frozen);
  EXPECT_EQ(config.phases[1].base_rate, 0.25);
}

TEST(ImageConfigTest, ShippedConfigurationsAreRightAndDivideTheFilmsAlike) {
  std::size_t seen = 0;
  std::optional<SplitSettings> split;
  for (const auto& entry : std::filesystem::directory_iterator(OSLER_SOURCE_DIR "/train/configurations")) {
    const std::string path = entry.path().string();
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("osler-cxr-") || name == "osler-cxr-evaluation.json") continue;  // that one is of `osler evaluate images`
    std::ifstream file(path, std::ios::binary);
    const auto config = parse_image_config(std::string(std::istreambuf_iterator<char>(file), {}), path);
    ASSERT_TRUE(config) << describe(config.error());
    ++seen;
    EXPECT_EQ(config->sources[0].keep.at("split"), std::vector<std::string>{"train"}) << path << ": val is for the final report alone";
    if (!split) split = config->split;
    EXPECT_EQ(config->split.seed, split->seed);
    EXPECT_EQ(config->split.fit, split->fit);
  }
  EXPECT_GE(seen, 5u);
}

TEST(ImageConfigTest, WithoutAMapLabelsAreTheModelsOwn) {
  Json json = complete();
  json["sources"][0].erase("labels");
  const auto config = parse_image_config(json.dump(), "run.json");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->sources[0].labels.at("pneumonia"), "pneumonia");
}

TEST(ImageConfigTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(fault_of(with("/sid", 1)), "run.json: /sid is not a setting.");
  EXPECT_EQ(fault_of(with("/side", 100)), "run.json: /side is not a whole number from 224 to 512.");
  EXPECT_EQ(fault_of(with("/side", 225)), "run.json: /side is not a multiple of 32.");
  EXPECT_EQ(fault_of(with("/labels", {"one"})), "run.json: /labels is not a list of 2 to 100 different labels.");
  EXPECT_EQ(fault_of(with("/sources/0/labels/ill", "flu")), "run.json: /sources/0/labels/ill is not one of the model's labels.");
  EXPECT_EQ(fault_of(with("/sources/0/kind", "zip")), "run.json: /sources/0/kind is not one of folder, manifest, nih, rsna.");
  EXPECT_EQ(fault_of(with("/sources/0/columns/name", "n")), "run.json: /sources/0/columns/name is not one of path, label, patient, subtype, age, sex, view, site, equipment, split, weight.");
  EXPECT_EQ(fault_of(with("/sources/0/keep/part", "a")), "run.json: /sources/0/keep/part is not a list of the values to keep.");
  EXPECT_EQ(fault_of(with("/sources/0/parts/a", "val")), "run.json: /sources/0/parts/a is not one of fit, selection, calibration.");
  EXPECT_EQ(fault_of(with("/sources/1/name", "s")), "run.json: /sources has two sources of the same name, whose patients could not be told apart.");
  EXPECT_EQ(fault_of(with("/split/fit", 0.9)), "run.json: /split has shares of fit, selection and calibration that do not sum to 1.");
  EXPECT_EQ(fault_of(with("/proportions/lowest", 1.8)), "run.json: /proportions/lowest is more than highest.");
  EXPECT_EQ(fault_of(with("/augmentation/flip", true)), "run.json: /augmentation/flip is not a setting.");
  EXPECT_EQ(fault_of(with("/network/architecture", "vgg")), "run.json: /network/architecture is not one of mobilenet_v2, densenet121.");
  EXPECT_EQ(fault_of(with("/network", {{"architecture", "mobilenet_v2"}})), "run.json: /network/backbone is missing: with its batch norm folded, mobilenet_v2 does not learn from scratch.");
  EXPECT_EQ(fault_of(with("/loss/sampling", "some")), "run.json: /loss/sampling is not one of as_is, over, under.");
  EXPECT_EQ(fault_of(with("/phases/0/folds", 1)), "run.json: /phases/0/folds is 1: a cross-validation has at least 2, and 0 is none.");
  EXPECT_EQ(fault_of(with("/loss/sampling", "over")), "run.json: /loss/class_weights is balanced beside sampling that balances already: films of rarer labels would count twice.");
  EXPECT_EQ(fault_of(with("/phases/1/copies", 2)), "run.json: /phases/1/copies is not a setting.");
  EXPECT_EQ(fault_of(with("/phases", Json::array())), "run.json: /phases is not a list with at least one entry.");
  Json json = complete();
  json["phases"] = {json["phases"][1], json["phases"][0]};
  EXPECT_EQ(fault_of(json), "run.json: /phases/1/folds follows a phase that trained the base, on films that a fold would be judged by: it can only be 0.");
  json = complete();
  json["sources"][0]["columns"].erase("patient");
  EXPECT_EQ(fault_of(json), "run.json: /sources/0/columns/patient is missing: the column that holds it.");
}

}  // namespace
}  // namespace osler::train
