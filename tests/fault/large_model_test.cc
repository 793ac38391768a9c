// A directory of BERT-base's size as Hugging Face lays it out, laid out as Bio_ClinicalBERT is (12 layers of 768, 30,522 cased pieces, no manifest, no
// tokenizer_config.json), with random weights: it loads as it is, answers, and keeps within its memory. Here and not among the
// unit tests since it writes 430 MB.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "../unit/models/tiny_encoder.h"
#include "../unit/random_seed.h"
#include "models/encoder_model.h"

namespace osler::models {
namespace {

constexpr std::size_t kPieces = 30'522, kMegabyte = 1'000'000, kLabels = 300;

/// The special pieces where BERT's cased vocabularies have them, letters, and made-up words with and without capitals.
std::vector<std::string> cased_pieces() {
  std::vector<std::string> pieces = {"[PAD]"};
  for (int i = 1; i < 100; ++i) pieces.push_back("[unused" + std::to_string(i) + "]");
  for (const char* special : {"[UNK]", "[CLS]", "[SEP]", "[MASK]"}) pieces.push_back(special);
  for (char c = '!'; c <= '~'; ++c) {
    pieces.push_back(std::string(1, c));
    if (std::isalnum(static_cast<unsigned char>(c))) pieces.push_back("##" + std::string(1, c));
  }
  for (std::size_t i = 0; pieces.size() < kPieces; ++i) pieces.push_back((i % 3 == 0 ? "Word" : i % 3 == 1 ? "word" : "##ord") + std::to_string(i));
  return pieces;
}

/// Written by a process of its own, so that what that takes does not count here.
void write_in_another_process(const std::string& folder, unsigned seed) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::mt19937 random(seed);
    Json labels = Json::array();
    for (std::size_t i = 0; i < kLabels; ++i) labels.push_back("J" + std::to_string(10 + i));
    TinyEncoder encoder(labels, random);
    neural::BertConfig& config = encoder.config;
    config.layers = 12;
    config.heads = 12;
    config.hidden = 768;
    config.intermediate = 3072;
    config.positions = 512;
    config.vocabulary = kPieces;
    encoder.pieces = cased_pieces();
    encoder.tensors = with_prefix(random_tensors(config, random));
    encoder.tensors["classifier.weight"] = {{kLabels, config.hidden}, std::vector<float>(kLabels * config.hidden, 0.01F)};
    encoder.tensors["classifier.bias"] = {{kLabels}, std::vector<float>(kLabels, -3)};
    encoder.write_to(folder);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

/// A line of /proc/self/status in bytes: "VmRSS" is what is resident, "VmHWM" the most that ever was.
std::size_t memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(name + ":", 0) == 0) return static_cast<std::size_t>(std::stoull(line.substr(name.size() + 1))) * 1024;
  return 0;
}

EncoderInput input_of(const EncoderModel& model, const std::string& text) {
  return encoder_input(pieces_of({{{}, text, 0}}, model.word_piece()), {}, model.word_piece(), 512);
}

TEST(LargeModel, OfBertBaseSizeLoadsAsItIsAndAnswersWithinItsMemory) {
  const TemporaryFolder temporary;
  const std::string folder = temporary.at("Bio_ClinicalBERT");
  write_in_another_process(folder, fresh_seed());
  if (HasFatalFailure()) return;
  ASSERT_GT(std::filesystem::file_size(folder + "/model.safetensors"), 430 * kMegabyte);

  const auto files = make_file_system();
  const neural::Precision precision = is_fast_here(neural::Precision::bf16) ? neural::Precision::bf16 : neural::Precision::int8;
  auto loaded = EncoderModel::load(*files, folder, precision);
  ASSERT_TRUE(loaded) << describe(loaded.error());
  const EncoderModel& model = **loaded;
  EXPECT_TRUE(model.version().starts_with("Bio_ClinicalBERT-")) << model.version();
  EXPECT_EQ(model.word_piece().size(), kPieces);
  EXPECT_EQ(model.word_piece().id_of("[CLS]"), 101);
  EXPECT_EQ(model.word_piece().encode("Word0").size(), 1u) << "cased";
  EXPECT_EQ(model.encoder().config().positions, 512u);

  neural::BertWorkspace workspace = model.encoder().make_workspace();
  const std::vector<EncoderInput> inputs = {input_of(model, "Word0 word1 with Word3."), input_of(model, std::string(2000, '.'))};
  ASSERT_EQ(inputs[1].ids.size(), 512u);
  const std::vector<EncoderOutput> together = model.run(inputs, workspace), alone = model.run({&inputs[0], 1}, workspace);
  ASSERT_EQ(together[1].logits.size(), kLabels);
  for (const EncoderOutput& output : together)
    for (const float logit : output.logits) ASSERT_TRUE(std::isfinite(logit));
  EXPECT_EQ(together[0].logits, alone[0].logits);
  EXPECT_NE(together[0].logits, together[1].logits);

  malloc_trim(0);
  const std::size_t resident = memory("VmRSS"), most = memory("VmHWM");
  RecordProperty("resident_mb", static_cast<int>(resident / kMegabyte));
  RecordProperty("most_resident_mb", static_cast<int>(most / kMegabyte));
  std::cout << "resident " << resident / kMegabyte << " MB, at most " << most / kMegabyte << " MB (the mapped file counted)\n";
  EXPECT_LT(resident, 1000 * kMegabyte);
  EXPECT_LT(most, 1000 * kMegabyte);
}

}  // namespace
}  // namespace osler::models
