#include "train/network/export_text.h"

#include <filesystem>

#include "models/encoder_model.h"
#include "tiny_run.h"
#include "train/network/checkpoint.h"

namespace osler::train {

namespace {

/// Largest difference between the logits of the served model and of the network that was trained, over some cases.
double largest_difference(const TextRun& run, const TextNetwork& network, const models::EncoderModel& model) {
  neural::BertWorkspace workspace = model.encoder().make_workspace();
  torch::NoGradGuard guard;
  double largest = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    const TextExample example = run.maker.from(run.generator.make(i));
    models::EncoderInput input;
    input.ids = example.ids;
    const auto served = model.run({&input, 1}, workspace).front().logits;
    const torch::Tensor ids = torch::tensor(std::vector<std::int64_t>(example.ids.begin(), example.ids.end()), torch::kLong).unsqueeze(0);
    const torch::Tensor trained = network.condition_logits(network.hidden_states(ids, ids >= 0).select(1, 0))[0];
    for (std::size_t c = 0; c < served.size(); ++c) largest = std::max(largest, std::abs(served[c] - trained[static_cast<std::int64_t>(c)].item<double>()));
  }
  return largest;
}

/// Weights as large as trained ones, so that parity means something.
void enlarge(TextNetwork& network) {
  torch::NoGradGuard guard;
  for (auto& [name, value] : network.parameters())
    if (name.find("LayerNorm") == std::string::npos) value.mul_(8);
}

std::unique_ptr<models::EncoderModel> served(const TextRun& run, const std::string& folder, Storage storage) {
  std::filesystem::remove_all(folder);
  const auto written = export_text(run, folder, storage, 3);
  EXPECT_TRUE(written.has_value()) << (written ? "" : describe(written.error()));
  auto model = models::EncoderModel::load(*make_file_system(), folder, neural::Precision::fp32);
  EXPECT_TRUE(model.has_value()) << (model ? "" : describe(model.error()));
  return model ? std::move(*model) : nullptr;
}

}  // namespace

TEST(ExportTextTest, TheServedModelGivesTheTrainedLogits) {
  const auto run = tiny_run(tiny_config("export_a", 1));
  enlarge(*run->network);
  const auto model = served(*run, testing::TempDir() + "/osler_export_fp32", Storage::fp32);
  ASSERT_NE(model, nullptr);
  EXPECT_LT(largest_difference(*run, *run->network, *model), 1e-4);
  EXPECT_EQ(model->version(), "tiny-1.fp32");
  EXPECT_EQ(model->labels().size(), run->knowledge.conditions.size());
  EXPECT_FALSE(model->ensemble().has_value());
}

TEST(ExportTextTest, SmallerStorageIsParityWithTheWeightsAsStored) {
  for (const Storage storage : {Storage::bf16, Storage::int8}) {
    const auto run = tiny_run(tiny_config("export_b", 1));
    enlarge(*run->network);
    const std::string folder = testing::TempDir() + "/osler_export_small";
    const auto model = served(*run, folder, storage);
    ASSERT_NE(model, nullptr);
    EXPECT_GT(largest_difference(*run, *run->network, *model), 0);
    const auto filled = start_from(folder + "/model.safetensors", *run->network);
    ASSERT_TRUE(filled.has_value()) << describe(filled.error());
    EXPECT_LT(largest_difference(*run, *run->network, *model), 1e-4);
  }
}

TEST(ExportTextTest, ANewRunMayStartFromWhatWasExported) {
  const auto run = tiny_run(tiny_config("export_d", 1));
  enlarge(*run->network);
  const std::string folder = testing::TempDir() + "/osler_export_start";
  const auto model = served(*run, folder, Storage::fp32);
  ASSERT_NE(model, nullptr);
  TextTrainingConfig next = tiny_config("export_e", 1);
  next.seed = 77;
  next.start_from = folder;
  const auto second = tiny_run(next);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->vocabulary, run->vocabulary);
  EXPECT_LT(largest_difference(*run, *second->network, *model), 1e-4);
}

TEST(ExportTextTest, AFolderThatExistsIsLeftAlone) {
  const auto run = tiny_run(tiny_config("export_c", 1));
  const auto written = export_text(*run, run->config.work_folder, Storage::fp32, 0);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::conflict);
}

TEST(ExportTextTest, ARowIsQuantisedByItsOwnLargest) {
  const QuantisedRows rows = quantise_rows(std::vector<float>{1.0F, -0.5F, 0, 0, 254.0F, 2.0F}, 3);
  EXPECT_EQ(rows.scales, (std::vector<float>{1.0F / 127, 1, 2}));
  EXPECT_EQ(rows.values, (std::vector<std::int8_t>{127, -64, 0, 0, 127, 1}));
}

}  // namespace osler::train
