// What an encoder's directory gives. What is refused: encoder_refusals_test.cc.
#include "models/encoder_model.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "../random_seed.h"
#include "tiny_encoder.h"

namespace osler::models {
namespace {

using neural::Precision;

class Encoders : public testing::Test {
 protected:
  std::unique_ptr<EncoderModel> load(const std::string& folder, Precision precision = Precision::fp32) {
    auto model = EncoderModel::load(*files_, folder, precision);
    EXPECT_TRUE(model) << describe(model.error());
    return model ? std::move(*model) : nullptr;
  }
  /// Pieces of a text as the model in this folder splits it.
  std::vector<std::string> pieces(const std::string& text) {
    const auto model = load(folder());
    std::vector<std::string> all;
    for (const auto& token : model->word_piece().encode(text)) all.emplace_back(model->word_piece().piece(token.id));
    return all;
  }
  EncoderInput input_of(const EncoderModel& model, const std::string& text) const {
    return encoder_input(pieces_of({{{}, text, 0}}, model.word_piece()), {}, model.word_piece(), 64);
  }
  std::string folder() const { return temporary_.at("enc"); }

  std::mt19937 random_{fresh_seed()};
  TinyEncoder encoder_{Json::array({"J10", {{"id", "d1"}}, {{"id", "d2"}, {"code", "J12"}}}), random_};
  const TemporaryFolder temporary_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

TEST_F(Encoders, ADirectoryWithoutManifestLoadsAsItIs) {
  encoder_.write_to(folder());
  for (const char* extra : {"README.md", "special_tokens_map.json", "pytorch_model.bin", ".gitattributes"}) write_file(folder() + "/" + extra, "anything");
  const auto model = load(folder());
  ASSERT_TRUE(model);
  EXPECT_EQ(model->folder(), folder());
  ASSERT_EQ(model->labels().size(), 3u);
  EXPECT_EQ(model->labels()[0].code, "J10");
  EXPECT_EQ(model->labels()[0].id, "");
  EXPECT_EQ(model->labels()[1].id, "d1");
  EXPECT_EQ(model->labels()[2].id, "d2");
  EXPECT_EQ(model->labels()[2].code, "J12");
  EXPECT_FALSE(model->ensemble()) << "nobody calibrated it";
  EXPECT_EQ(model->encoder().config().hidden, encoder_.config.hidden);
}

TEST_F(Encoders, NamesWithoutPrefixLoadToo) {
  neural::RandomTensors plain;
  for (const auto& [name, tensor] : encoder_.tensors) plain[name.starts_with("bert.") ? name.substr(5) : name] = tensor;
  encoder_.write_to(folder());
  const auto before = load(folder());
  encoder_.tensors = plain;
  encoder_.write_to(folder());
  const auto after = load(folder());
  neural::BertWorkspace one = before->encoder().make_workspace(), two = after->encoder().make_workspace();
  const EncoderInput input = input_of(*before, "coughing");
  EXPECT_EQ(before->run({&input, 1}, one)[0].logits, after->run({&input, 1}, two)[0].logits);
}

TEST_F(Encoders, ACalibratedOneWithAManifestHasItsNameAndVersion) {
  encoder_.write_to(folder());
  reasoning::EnsembleParameters parameters;
  parameters.encoder = 0.375;
  write_file(folder() + "/calibration.json", ensemble_calibration(parameters));
  write_manifest(folder(), "4");
  const auto model = load(folder());
  ASSERT_TRUE(model);
  EXPECT_EQ(model->version(), "osler-encoder-4.fp32");
  ASSERT_TRUE(model->ensemble());
  EXPECT_EQ(model->ensemble()->encoder, 0.375);
  EXPECT_EQ(model->calibration().population, "Visits to one clinic");
}

TEST_F(Encoders, TheVersionSaysThePrecision) {
  encoder_.write_to(folder());
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    if (!is_fast_here(precision)) continue;
    EXPECT_TRUE(load(folder(), precision)->version().ends_with("." + std::string(name_of(precision))));
  }
}

TEST_F(Encoders, WithoutAManifestTheVersionIsTheFolderAndTheHashOfTheWeights) {
  encoder_.write_to(folder());
  const std::string version = load(folder())->version();
  ASSERT_EQ(version.size(), std::string("enc-").size() + 12 + std::string(".fp32").size()) << version;
  EXPECT_TRUE(version.starts_with("enc-"));
  EXPECT_EQ(version.substr(4, 12).find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(load(folder())->version(), version);
  EXPECT_EQ(load(folder() + "/")->version(), version) << "a slash at the end is no name";
  EXPECT_EQ(load(folder() + "//")->version(), version);
  encoder_.tensors["classifier.bias"].values[0] += 1;
  encoder_.write_to(folder());
  EXPECT_NE(load(folder())->version(), version) << "other weights, other version";
}

// The version goes into logs, answers and the audit.
TEST_F(Encoders, OddNamesOfFoldersGivePlainVersions) {
  for (const std::string& odd : {std::string("a b"), std::string("new\nline"), std::string("quote\"d"), std::string("\xFF\xFE latin"), std::string("\u75DB"),
                                 std::string("a+kb.0"), std::string("..."), std::string("-"), std::string(200, 'x'), std::string("${HOME}<b>")}) {
    encoder_.write_to(temporary_.at(odd));
    const std::string version = load(temporary_.at(odd))->version();
    EXPECT_EQ(version.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"), std::string::npos) << version;
    EXPECT_LE(version.size(), 90u) << version;
    EXPECT_NE(version.front(), '.') << version;
  }
}

TEST_F(Encoders, OddNamesInAManifestGivePlainVersions) {
  encoder_.write_to(folder());
  Json manifest = manifest_over(folder(), "1\n2 \"+kb.0");
  manifest["name"] = "my <encoder>\u75DB";
  write_file(folder() + "/manifest.json", manifest.dump());
  EXPECT_EQ(load(folder())->version(), "my--encoder-----1-2---kb.0.fp32");
}

// --- Tokenising as the model learned it ---

TEST_F(Encoders, AVocabularyWithoutCapitalsReadsLowerCase) {
  encoder_.write_to(folder());
  EXPECT_EQ(pieces("COUGH f\u00E9ver"), (std::vector<std::string>{"cough", "fever"}));
}

TEST_F(Encoders, AVocabularyWithCapitalsKeepsThem) {
  encoder_.pieces.at(5) = "Cough";
  encoder_.write_to(folder());
  EXPECT_EQ(pieces("Cough"), std::vector<std::string>{"Cough"});
  EXPECT_EQ(pieces("fever FEVER"), (std::vector<std::string>{"fever", "[UNK]"}));
}

TEST_F(Encoders, TheTokenisersOwnConfigurationWins) {
  encoder_.pieces.at(5) = "Cough";
  encoder_.pieces.push_back("f\u00E9ver");
  encoder_.tensors["bert.embeddings.word_embeddings.weight"].shape[0] = encoder_.pieces.size();
  auto& table = encoder_.tensors["bert.embeddings.word_embeddings.weight"].values;
  table.resize(table.size() + encoder_.config.hidden, 0.5F);
  encoder_.write_to(folder());
  const auto configured = [&](const char* text) { write_file(folder() + "/tokenizer_config.json", text); };
  configured(R"({"do_lower_case": true, "model_max_length": 512})");
  EXPECT_EQ(pieces("FEVER f\u00E9ver"), (std::vector<std::string>{"fever", "fever"}));
  configured(R"({"do_lower_case": true, "strip_accents": false})");
  EXPECT_EQ(pieces("FEVER F\u00C9VER"), (std::vector<std::string>{"fever", "f\u00E9ver"}));
  configured(R"({"do_lower_case": null, "strip_accents": null})");
  EXPECT_EQ(pieces("Cough"), std::vector<std::string>{"Cough"}) << "null is not given";
}

// --- Running ---

TEST_F(Encoders, GiveALogitForEachLabelAndAnEmbeddingOfLengthOne) {
  encoder_.write_to(folder());
  const auto model = load(folder());
  neural::BertWorkspace workspace = model->encoder().make_workspace();
  const EncoderInput input = input_of(*model, "coughing and fever");
  const std::vector<EncoderOutput> out = model->run({&input, 1}, workspace);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].logits.size(), 3u);
  ASSERT_EQ(out[0].embedding.size(), encoder_.config.hidden);
  double length = 0;
  for (const float value : out[0].embedding) length += static_cast<double>(value) * value;
  EXPECT_NEAR(length, 1, 1e-5);
  for (const float logit : out[0].logits) EXPECT_TRUE(std::isfinite(logit));
}

TEST_F(Encoders, ReadTheClassifierOffTheFirstPiece) {
  for (float& value : encoder_.tensors["classifier.weight"].values) value = 0;
  encoder_.tensors["classifier.bias"].values = {1, -2, 3};
  encoder_.write_to(folder());
  const auto model = load(folder());
  neural::BertWorkspace workspace = model->encoder().make_workspace();
  const EncoderInput input = input_of(*model, "cough");
  EXPECT_EQ(model->run({&input, 1}, workspace)[0].logits, (std::vector<float>{1, -2, 3}));
}

TEST_F(Encoders, AnInputGivesTheSameBitsAloneAndInAnyBatch) {
  encoder_.write_to(folder());
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    if (!is_fast_here(precision)) continue;
    const auto model = load(folder(), precision);
    neural::BertWorkspace workspace = model->encoder().make_workspace();
    std::vector<EncoderInput> inputs;
    for (const char* text : {"cough", "coughing, fever and pain for years", "x", ""}) inputs.push_back(input_of(*model, text));
    const std::vector<EncoderOutput> together = model->run(inputs, workspace);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::vector<EncoderOutput> alone = model->run({&inputs[i], 1}, workspace);
      EXPECT_EQ(alone[0].logits, together[i].logits) << name_of(precision) << ", " << i;
      EXPECT_EQ(alone[0].embedding, together[i].embedding) << name_of(precision) << ", " << i;
    }
  }
}

TEST_F(Encoders, OfNoInputsAreNoOutputs) {
  encoder_.write_to(folder());
  const auto model = load(folder());
  neural::BertWorkspace workspace = model->encoder().make_workspace();
  EXPECT_TRUE(model->run({}, workspace).empty());
}

}  // namespace
}  // namespace osler::models
