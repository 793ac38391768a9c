// Directories that EncoderModel ("models/encoder_model.h") refuses: each with the folder, the file and the reason.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "../random_seed.h"
#include "models/encoder_model.h"
#include "tiny_encoder.h"

namespace osler::models {
namespace {

using neural::Precision;

class RefusedEncoders : public testing::Test {
 protected:
  /// Why the folder is refused; empty when it loads. The text must name the folder.
  std::string refusal() {
    const auto model = EncoderModel::load(*files_, folder_, Precision::fp32);
    if (model) return "";
    EXPECT_EQ(model.error().code, ErrorCode::corrupted) << describe(model.error());
    EXPECT_NE(describe(model.error()).find(folder_), std::string::npos) << describe(model.error());
    return describe(model.error());
  }
  std::string refusal_when_written() {
    encoder_.write_to(folder_);
    return refusal();
  }
  void put(const std::string& name, const std::string& content) { write_file(folder_ + "/" + name, content); }
  std::string get(const std::string& name) { return read_file(folder_ + "/" + name); }

  std::mt19937 random_{fresh_seed()};
  TinyEncoder encoder_{Json::array({"J10", "J11", "J12"}), random_};
  const TemporaryFolder temporary_;
  const std::string folder_ = temporary_.at("enc");
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

#define EXPECT_SAYS(text, what) EXPECT_NE(std::string(text).find(what), std::string::npos) << "it said: '" << (text) << "'"

TEST_F(RefusedEncoders, TheWholeOneIsNot) { EXPECT_EQ(refusal_when_written(), ""); }

TEST_F(RefusedEncoders, WithoutOneOfTheFiles) {
  for (const char* name : {"config.json", "vocab.txt", "labels.json", "model.safetensors"}) {
    encoder_.write_to(folder_);
    std::filesystem::remove(folder_ + "/" + name);
    EXPECT_SAYS(refusal(), std::string("it lacks ") + name);
  }
}

TEST_F(RefusedEncoders, WithWeightsInAPickleOnly) {
  encoder_.write_to(folder_);
  std::filesystem::rename(folder_ + "/model.safetensors", folder_ + "/pytorch_model.bin");
  const std::string said = refusal();
  EXPECT_SAYS(said, "it has only pytorch_model.bin");
  EXPECT_SAYS(said, "convert it to model.safetensors");
}

TEST_F(RefusedEncoders, ThatAreNotThere) {
  EXPECT_SAYS(refusal(), "it lacks model.safetensors");
}

TEST_F(RefusedEncoders, WithAFolderForAFile) {
  for (const char* name : {"config.json", "vocab.txt", "labels.json", "model.safetensors"}) {
    encoder_.write_to(folder_);
    std::filesystem::remove(folder_ + "/" + name);
    std::filesystem::create_directory(folder_ + "/" + name);
    EXPECT_SAYS(refusal(), name);
    std::filesystem::remove(folder_ + "/" + name);
  }
}

// --- model.safetensors ---

TEST_F(RefusedEncoders, WithWeightsThatWereCut) {
  encoder_.write_to(folder_);
  const std::string whole = get("model.safetensors");
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    put("model.safetensors", whole.substr(0, length));
    EXPECT_SAYS(refusal(), "model.safetensors") << "cut to " << length;
  }
}

TEST_F(RefusedEncoders, WithMoreBytesThanTensors) {
  encoder_.write_to(folder_);
  put("model.safetensors", get("model.safetensors") + "x");
  EXPECT_SAYS(refusal(), "model.safetensors");
}

/// The file with this change of its header, whose length stays what it was.
std::string with_header(const std::string& file, const std::string& from, const std::string& to) {
  EXPECT_EQ(from.size(), to.size());
  std::string changed = file;
  const std::size_t place = changed.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return changed.replace(place, from.size(), to);
}

TEST_F(RefusedEncoders, WithTensorsThatOverlap) {
  encoder_.write_to(folder_);
  const std::string file = get("model.safetensors");
  // The second tensor is said to begin four bytes before the end of the first.
  put("model.safetensors", with_header(file, "[64,128]", "[60,124]"));
  EXPECT_SAYS(refusal(), "model.safetensors");
}

TEST_F(RefusedEncoders, WithTensorsOfAnotherType) {
  encoder_.write_to(folder_);
  const std::string file = get("model.safetensors");
  for (const char* type : {"I32", "F99", "f32"}) {
    put("model.safetensors", with_header(file, "\"F32\"", std::string("\"") + type + "\""));
    EXPECT_SAYS(refusal(), "model.safetensors") << type;
  }
}

TEST_F(RefusedEncoders, WithWeightsThatAreNotFinite) {
  for (const char* name : {"classifier.weight", "classifier.bias", "bert.pooler.dense.weight", "bert.encoder.layer.0.output.dense.weight",
                           "bert.embeddings.word_embeddings.weight"})
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      const float good = std::exchange(encoder_.tensors[name].values.back(), bad);
      const std::string said = refusal_when_written();
      EXPECT_SAYS(said, name);
      EXPECT_SAYS(said, "model.safetensors");
      EXPECT_SAYS(said, "not finite");
      encoder_.tensors[name].values.back() = good;
    }
}

TEST_F(RefusedEncoders, WithoutATensorOrAPooler) {
  for (const char* name : {"bert.encoder.layer.0.output.dense.weight", "classifier.weight", "classifier.bias", "bert.pooler.dense.bias"}) {
    const neural::RandomTensor tensor = encoder_.tensors.extract(name).mapped();
    EXPECT_SAYS(refusal_when_written(), name);
    encoder_.tensors[name] = tensor;
  }
  encoder_.tensors.erase("bert.pooler.dense.weight");
  EXPECT_SAYS(refusal_when_written(), "no bert.pooler");
}

// --- config.json ---

TEST_F(RefusedEncoders, WithAConfigThatIsNotThatOfABert) {
  for (const auto& [more, says] : std::vector<std::pair<std::string, std::string>>{{R"({"model_type": "roberta"})", "model_type"},
                                                                                    {R"({"hidden_size": 17})", "hidden_size"},
                                                                                    {R"({"num_hidden_layers": 2})", "encoder.layer.1."},
                                                                                    {R"({"hidden_act": "swish"})", "hidden_act"},
                                                                                    {R"({"max_position_embeddings": 97})", "position_embeddings"}}) {
    encoder_.config_more = parse_json(more).value();
    EXPECT_SAYS(refusal_when_written(), says);
  }
  for (const char* text : {"", "{", "[]", "null"}) {
    put("config.json", text);
    EXPECT_SAYS(refusal(), "config.json");
  }
}

TEST_F(RefusedEncoders, WithTooFewPositionsForACase) {
  encoder_.config_more["max_position_embeddings"] = 2;
  EXPECT_SAYS(refusal_when_written(), "max_position_embeddings");
}

// --- vocab.txt ---

TEST_F(RefusedEncoders, WithAVocabularyOfAnotherLengthThanTheEmbedding) {
  encoder_.write_to(folder_);
  const std::string whole = get("vocab.txt"), size = std::to_string(encoder_.pieces.size());
  put("vocab.txt", whole.substr(0, whole.size() - 2));
  EXPECT_SAYS(refusal(), "vocab.txt has " + std::to_string(encoder_.pieces.size() - 1) + " pieces, config.json says " + size);
  put("vocab.txt", whole + "more\n");
  EXPECT_SAYS(refusal(), "vocab.txt has " + std::to_string(encoder_.pieces.size() + 1) + " pieces, config.json says " + size);
  encoder_.pieces.push_back("more");
  EXPECT_SAYS(refusal_when_written(), "word_embeddings") << "config.json and vocab.txt agree, the weights do not";
}

TEST_F(RefusedEncoders, WithAVocabularyThatIsNone) {
  encoder_.write_to(folder_);
  const std::string whole = get("vocab.txt");
  for (const std::string& bad : {std::string(), "cough\n" + whole, whole + "\xFF\n", whole.substr(6)}) {
    put("vocab.txt", bad);
    EXPECT_SAYS(refusal(), "vocab.txt");
  }
}

TEST_F(RefusedEncoders, WithATokeniserThatSaysNonsense) {
  encoder_.write_to(folder_);
  for (const char* bad : {R"({"do_lower_case": "yes"})", R"({"strip_accents": 1})", R"({"tokenize_chinese_chars": []})", "[]", "{"}) {
    put("tokenizer_config.json", bad);
    EXPECT_SAYS(refusal(), "tokenizer_config.json");
  }
}

// --- labels.json ---

TEST_F(RefusedEncoders, WithLabelsThatDoNotMatchTheHead) {
  for (const Json& other : {Json::array({"J10", "J11"}), Json::array({"J10", "J11", "J12", "J13"})}) {
    encoder_.labels = other;
    EXPECT_SAYS(refusal_when_written(), "labels.json has " + std::to_string(other.size()) + " labels, classifier.weight of model.safetensors has 3 rows");
  }
}

TEST_F(RefusedEncoders, WithLabelsThatMeanNothing) {
  for (const Json& bad : {Json(5), Json(""), Json(nullptr), Json::object(), Json::object({{"name", "x"}}), Json::object({{"id", 5}}), Json::object({{"id", ""}}), Json::array()}) {
    encoder_.labels = Json::array({"J10", bad, "J12"});
    EXPECT_SAYS(refusal_when_written(), "labels.json, entry 1") << bad;
  }
  for (const char* bad : {"[]", "{}", "7", "", "[\"J10\""}) {
    put("labels.json", bad);
    EXPECT_SAYS(refusal(), "labels.json") << bad;
  }
}

// --- calibration.json and manifest.json ---

TEST_F(RefusedEncoders, WithACalibrationOutOfRange) {
  encoder_.write_to(folder_);
  reasoning::EnsembleParameters parameters;
  parameters.encoder = 5.01;
  put("calibration.json", ensemble_calibration(parameters));
  EXPECT_SAYS(refusal(), "calibration.json was refused: 'encoder' is out of range");
  put("calibration.json", "{");
  EXPECT_SAYS(refusal(), "calibration.json");
}

TEST_F(RefusedEncoders, OfAnotherKind) {
  encoder_.write_to(folder_);
  for (const char* kind : {"network", "", "Encoder"}) {
    Json manifest = manifest_over(folder_, "1");
    manifest["kind"] = kind;
    put("manifest.json", manifest.dump());
    EXPECT_SAYS(refusal(), "kind is not 'encoder'");
  }
}

TEST_F(RefusedEncoders, ChangedAfterTheirManifest) {
  encoder_.write_to(folder_);
  put("calibration.json", ensemble_calibration());
  write_manifest(folder_, "1");
  ASSERT_EQ(refusal(), "");
  for (const char* name : {"model.safetensors", "vocab.txt", "config.json", "labels.json", "calibration.json"}) {
    const std::string good = get(name);
    std::string changed = good;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    put(name, changed);
    EXPECT_SAYS(refusal(), std::string("the SHA-256 of ") + name);
    put(name, good);
  }
  put("tokenizer_config.json", "{}");
  EXPECT_SAYS(refusal(), "tokenizer_config.json is not named by manifest.json");
}

TEST_F(RefusedEncoders, WithABrokenManifestAreNotTakenAsWithout) {
  encoder_.write_to(folder_);
  put("manifest.json", "{");
  EXPECT_SAYS(refusal(), "manifest.json");
}

}  // namespace
}  // namespace osler::models
