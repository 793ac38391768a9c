#include "train/text/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/json.h"

namespace osler::train {
namespace {

std::string shipped() {
  std::ifstream file(std::string(OSLER_SOURCE_DIR) + "/train/configurations/osler-encoder-1.json", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every key there is, each with a value that is right.
Json complete() {
  return parse_json(R"({"name": "n", "version": "2", "work_folder": "w", "seed": 9,
      "architecture": {"layers": 2, "heads": 4, "hidden": 64, "intermediate": 128, "positions": 200},
      "vocabulary_size": 1000, "word_vectors": "v", "flattening": 0.5, "written": ["a", "b"], "held_out": ["c"], "plain_texts": ["d"],
      "tokens_a_batch": 512, "max_length": 100, "weight_decay": 0.02, "gradient_clip": 2, "mixed_precision": false, "validate_every": 50,
      "checkpoint_minutes": 3, "phases": [{"name": "p", "steps": 70, "learning_rate": 0.002, "warm_up": 7, "final_share": 0.1,
      "written_share": 0.25, "masked_words": 0.05, "weights": {"masked": 1, "conditions": 2, "tags": 3, "findings": 4, "contrast": 5}}]})")
      .value();
}

Error fault_of(const Json& json) {
  const auto config = parse_training_config(json.dump(), "run.json");
  EXPECT_FALSE(config) << json;
  return config ? Error{} : config.error();
}

Json with(const std::string& pointer, const Json& value) {
  Json json = complete();
  json[Json::json_pointer(pointer)] = value;
  return json;
}

Json without(const std::string& pointer) {
  Json json = complete();
  const Json::json_pointer at(pointer);
  json[at.parent_pointer()].erase(at.back());
  return json;
}

/// What stands in the file of a run, called "run.json" in errors.
Result<TextTrainingConfig> parsed(std::string_view text) { return parse_training_config(text, "run.json"); }

const std::vector<std::string> kTexts = {"/name", "/version", "/work_folder", "/word_vectors", "/phases/0/name"};
const std::vector<std::string> kLists = {"/written", "/held_out", "/plain_texts"};
const std::vector<std::string> kNumbers = {"/seed", "/architecture/layers", "/architecture/heads", "/architecture/hidden", "/architecture/intermediate",
                                           "/architecture/positions", "/vocabulary_size", "/flattening", "/tokens_a_batch", "/max_length", "/weight_decay",
                                           "/gradient_clip", "/validate_every", "/checkpoint_minutes", "/phases/0/steps", "/phases/0/learning_rate",
                                           "/phases/0/warm_up", "/phases/0/final_share", "/phases/0/written_share", "/phases/0/masked_words",
                                           "/phases/0/weights/masked", "/phases/0/weights/conditions", "/phases/0/weights/tags",
                                           "/phases/0/weights/findings", "/phases/0/weights/contrast"};

void expect_named(const Json& json, const std::string& pointer) {
  const Error error = fault_of(json);
  EXPECT_EQ(error.code, ErrorCode::configuration) << pointer;
  EXPECT_NE(error.external.find(pointer + " "), std::string::npos) << pointer << ": " << error.external;
}

TEST(TrainingConfig, TheShippedOneIsRight) {
  const auto config = parse_training_config(shipped(), "run.json");
  ASSERT_TRUE(config) << describe(config.error());
  EXPECT_EQ(config->name, "osler-encoder");
  EXPECT_EQ(config->architecture.hidden % config->architecture.heads, 0u);
  EXPECT_LE(config->max_length, config->architecture.positions);
  ASSERT_FALSE(config->phases.empty());
  EXPECT_GT(config->phases[0].steps, config->phases[0].warm_up);
  EXPECT_GT(config->phases[0].weights.conditions, 0);
}

TEST(TrainingConfig, EveryKeyIsRead) {
  const auto read = parsed(complete().dump());
  ASSERT_TRUE(read) << describe(read.error());
  const TextTrainingConfig& config = *read;
  EXPECT_EQ(config.name + config.version + config.work_folder + config.word_vectors, "n2wv");
  EXPECT_EQ(config.seed, 9u);
  const neural::BertConfig& architecture = config.architecture;
  EXPECT_EQ((std::vector<std::size_t>{architecture.layers, architecture.heads, architecture.hidden, architecture.intermediate, architecture.positions}),
            (std::vector<std::size_t>{2, 4, 64, 128, 200}));
  EXPECT_EQ((std::vector<std::size_t>{config.vocabulary_size, config.tokens_a_batch, config.max_length, config.validate_every}),
            (std::vector<std::size_t>{1000, 512, 100, 50}));
  EXPECT_EQ((std::vector<double>{config.flattening, config.weight_decay, config.gradient_clip, config.checkpoint_minutes}),
            (std::vector<double>{0.5, 0.02, 2, 3}));
  EXPECT_EQ(config.written, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.held_out, std::vector<std::string>{"c"});
  EXPECT_EQ(config.plain_texts, std::vector<std::string>{"d"});
  EXPECT_FALSE(config.mixed_precision);
  ASSERT_EQ(config.phases.size(), 1u);
  const TrainingPhase& phase = config.phases[0];
  EXPECT_EQ(phase.name, "p");
  EXPECT_EQ(phase.steps, 70u);
  EXPECT_EQ(phase.warm_up, 7u);
  EXPECT_EQ((std::vector<double>{phase.learning_rate, phase.final_share, phase.written_share, phase.masked_words}), (std::vector<double>{0.002, 0.1, 0.25, 0.05}));
  const LossWeights& weights = phase.weights;
  EXPECT_EQ((std::vector<double>{weights.masked, weights.conditions, weights.tags, weights.findings, weights.contrast}), (std::vector<double>{1, 2, 3, 4, 5}));
}

TEST(TrainingConfig, AKeyOfTheWrongTypeIsNamed) {
  for (const auto* keys : {&kTexts, &kLists}) {
    for (const std::string& key : *keys) expect_named(with(key, 5), key);
  }
  for (const std::string& key : kNumbers) expect_named(with(key, "5"), key);
  for (const std::string& key : kLists) expect_named(with(key, Json::array({"fine", 5})), key);
  expect_named(with("/mixed_precision", 1), "/mixed_precision");
  for (const char* key : {"/architecture", "/phases", "/phases/0", "/phases/0/weights"}) expect_named(with(key, 5), key);
  expect_named(with("/phases", Json::array()), "/phases");
}

TEST(TrainingConfig, ANumberOutsideItsBoundsIsNamed) {
  for (const std::string& key : kNumbers) {
    expect_named(with(key, -1), key);
    expect_named(with(key, 1e17), key);
  }
  for (const char* key : {"/architecture/layers", "/architecture/heads", "/vocabulary_size", "/tokens_a_batch", "/max_length", "/validate_every", "/phases/0/steps"})
    expect_named(with(key, 0), key);
  for (const char* key : {"/flattening", "/weight_decay", "/phases/0/learning_rate", "/phases/0/final_share", "/phases/0/written_share", "/phases/0/masked_words"})
    expect_named(with(key, 1.5), key);
}

TEST(TrainingConfig, AMissingKeyIsNamed) {
  for (const char* key : {"/name", "/version", "/work_folder", "/architecture", "/architecture/layers", "/architecture/heads", "/architecture/hidden",
                          "/architecture/intermediate", "/architecture/positions", "/vocabulary_size", "/phases", "/phases/0/name", "/phases/0/steps",
                          "/phases/0/learning_rate", "/phases/0/weights"})
    expect_named(without(key), key);
}

TEST(TrainingConfig, TheRestMayBeLeftOut) {
  for (const char* key : {"/seed", "/word_vectors", "/flattening", "/written", "/held_out", "/plain_texts", "/tokens_a_batch", "/max_length", "/weight_decay", "/gradient_clip",
                          "/mixed_precision", "/validate_every", "/checkpoint_minutes", "/phases/0/warm_up", "/phases/0/final_share",
                          "/phases/0/written_share", "/phases/0/masked_words", "/phases/0/weights/masked", "/phases/0/weights/contrast"}) {
    Json json = without(key);
    json["architecture"]["positions"] = 512;
    EXPECT_TRUE(parse_training_config(json.dump(), "run.json")) << key;
  }
}

TEST(TrainingConfig, AnUnknownKeyIsRefused) {
  for (const char* key : {"/sede", "/architecture/width", "/phases/0/lr", "/phases/0/weights/mask"}) expect_named(with(key, 1), key);
}

TEST(TrainingConfig, ThePhaseThatIsWrongIsNamed) {
  Json json = complete();
  json["phases"].push_back(json["phases"][0]);
  json["phases"][1]["steps"] = "many";
  expect_named(json, "/phases/1/steps");
}

TEST(TrainingConfig, HeadsDivideTheWidth) { expect_named(with("/architecture/heads", 5), "/architecture/hidden"); }

TEST(TrainingConfig, NoTextIsLongerThanThePositions) {
  expect_named(with("/max_length", 201), "/max_length");
  Json json = without("/max_length");
  expect_named(json, "/max_length");  // of 256, where nothing is said
}

const std::vector<std::string> kCounts = {"/seed", "/architecture/layers", "/architecture/heads", "/architecture/hidden", "/architecture/intermediate",
                                          "/architecture/positions", "/vocabulary_size", "/tokens_a_batch", "/max_length", "/validate_every",
                                          "/phases/0/steps", "/phases/0/warm_up"};

TEST(TrainingConfig, AWholeNumberHasNoFraction) {
  for (const std::string& key : kCounts) {
    const double value = complete()[Json::json_pointer(key)].get<double>();
    const Json json = with(key, value + 0.7);
    expect_named(json, key);
    EXPECT_NE(fault_of(json).external.find("is not a whole number from "), std::string::npos) << fault_of(json).external;
    EXPECT_TRUE(parsed(with(key, value).dump())) << key << ": 70.0 is whole";
  }
  EXPECT_EQ(fault_of(with("/phases/0/steps", 10.7)).external, "run.json: /phases/0/steps is not a whole number from 1 to 10000000.");
}

TEST(TrainingConfig, BoundsAreSaidAsPeopleWriteThem) {
  EXPECT_EQ(fault_of(with("/phases/0/masked_words", 1)).external, "run.json: /phases/0/masked_words is not a number from 0 to 0.9.");
  EXPECT_EQ(fault_of(with("/seed", -1)).external, "run.json: /seed is not a whole number from 0 to 9000000000000000.");
}

struct Broken {
  const char* text;
  const char* place;
  const char* expected;
};

TEST(TrainingConfig, BrokenJsonIsRefusedWithFileLineColumnAndWhatWasExpected) {
  for (const Broken& one : {Broken{"", "run.json, line 1, column 1: ", "expected"}, {"{", "run.json, line 1, column 2: ", "expected string literal"},
                            {"{\n  \"name\": \"n\"\n  \"seed\": 3\n}", "run.json, line 3, column 8: ", "expected '}'"}, {"[1", "run.json, line 1, column 3: ", "expected ']'"},
                            {"{\"seed\": 3}}", "run.json, line 1, column 12: ", "expected end of input"}, {"name: n", "run.json, line 1, column 2: ", "invalid literal"}}) {
    const auto config = parsed(one.text);
    ASSERT_FALSE(config) << one.text;
    EXPECT_EQ(config.error().code, ErrorCode::configuration) << one.text;
    EXPECT_EQ(config.error().external.find(one.place), 0u) << config.error().external;
    EXPECT_NE(config.error().external.find(one.expected), std::string::npos) << config.error().external;
    EXPECT_EQ(config.error().external.find("json.exception"), std::string::npos) << "the library's own name for it tells nobody anything";
  }
}

TEST(TrainingConfig, WhatOnlyALenientParserTakesIsRefused) {
  for (const char* text : {"{\"seed\": 1, \"seed\": 2}", "\xEF\xBB\xBF{}", "{\"seed\": 1e999}"}) {
    const auto config = parsed(text);
    ASSERT_FALSE(config) << text;
    EXPECT_EQ(config.error().code, ErrorCode::configuration) << text;
    EXPECT_EQ(config.error().external.find("run.json"), 0u) << config.error().external;
    EXPECT_EQ(config.error().external.find("is missing"), std::string::npos) << config.error().external;
  }
  EXPECT_NE(parsed("{\"seed\": 1, \"seed\": 2}").error().external.find("member name occurs twice"), std::string::npos);
}

TEST(TrainingConfig, WhatIsNoObjectIsRefused) {
  for (const char* text : {"[]", "3", "null"}) EXPECT_EQ(parsed(text).error().external, "run.json: the whole file is not an object.") << text;
}

}  // namespace
}  // namespace osler::train
