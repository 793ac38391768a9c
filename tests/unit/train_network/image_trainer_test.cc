#include "train/network/image_trainer.h"

#include "base/files.h"
#include "base/json.h"
#include "models/model_directory.h"
#include "neural/image_config.h"
#include "tiny_films.h"
#include "train/network/export_image.h"
#include "train/network/feature_cache.h"
#include "train/network/head_cross_validation.h"
#include "train/network/image_report.h"
#include "train/network/metrics_file.h"
#include "train/network/stored_tensors.h"

namespace osler::train {
namespace {

const auto kQuiet = [](const std::string&) {};

ImagePhase head_phase() {
  ImagePhase phase;
  phase.name = "head";
  phase.frozen = true;
  phase.copies = 2;
  phase.folds = 2;
  phase.epochs = 3;
  phase.batch = 4;
  return phase;
}

/// Trains in legs of one step each (a leg ends at the first step past its time), or in one go.
NamedTensors trained(const ImageTrainingConfig& config, bool in_legs, int& legs) {
  for (legs = 1; legs < 100; ++legs) {
    const auto run = tiny_image_run(config);
    const auto done = train_image(*run, in_legs ? 1e-9 : 0, kQuiet);
    EXPECT_TRUE(done.has_value()) << (done ? "" : describe(done.error()));
    if (!done || *done) return run->network->tensors();
  }
  return {};
}

void expect_same(const NamedTensors& a, const NamedTensors& b) {
  for (const auto& [name, value] : a.parameters) EXPECT_TRUE(torch::equal(value.detach(), b.parameters.at(name).detach())) << name;
  for (const auto& [name, value] : a.buffers) EXPECT_TRUE(torch::equal(value, b.buffers.at(name))) << name;
}

TEST(ImageTrainerTest, ARunCutAtEveryStepEndsWithTheSameBits) {
  const auto settings = [](const std::string& name) {
    ImageTrainingConfig config = tiny_films(name);
    config.average = 0.9;
    config.phases = {head_phase(), config.phases[0]};
    config.phases[0].folds = 0;
    config.phases[0].epochs = 2;
    config.phases[1].epochs = 1;
    return config;
  };
  int legs = 0;
  const NamedTensors whole = trained(settings("whole"), false, legs);
  EXPECT_EQ(legs, 1);
  const NamedTensors cut = trained(settings("cut"), true, legs);
  EXPECT_GT(legs, 6);
  expect_same(whole, cut);
}

TEST(ImageTrainerTest, DenseNetIsCutWithItsRunningStatistics) {
  const auto settings = [](const std::string& name) {
    ImageTrainingConfig config = tiny_films(name);
    config.network.architecture = "densenet121";
    config.side = 32;
    config.phases[0].epochs = 1;
    return config;
  };
  int legs = 0;
  const NamedTensors whole = trained(settings("dense_whole"), false, legs);
  const NamedTensors cut = trained(settings("dense_cut"), true, legs);
  EXPECT_GT(legs, 2);
  expect_same(whole, cut);
}

TEST(ImageTrainerTest, AFrozenBaseStaysAndTheHeadMoves) {
  ImageTrainingConfig config = tiny_films("frozen");
  config.phases = {head_phase()};
  const auto before = tiny_image_run(config);
  const auto run = tiny_image_run(config);
  ASSERT_TRUE(train_image(*run, 0, kQuiet).has_value());
  for (const auto& [name, value] : run->network->tensors().parameters)
    EXPECT_EQ(torch::equal(value, before->network->tensors().parameters.at(name)), !ImageNetwork::is_head(name)) << name;
  EXPECT_TRUE(std::filesystem::exists(config.work_folder + "/cross_validation.json"));
}

TEST(ImageTrainerTest, StopsWhenNothingGetsBetter) {
  ImageTrainingConfig config = tiny_films("tired");
  config.phases = {head_phase()};
  config.phases[0].epochs = 50;
  config.phases[0].patience = 3;
  config.phases[0].folds = 0;
  config.phases[0].learning_rate = 1e-14;  // lost in rounding
  ASSERT_TRUE(train_image(*tiny_image_run(config), 0, kQuiet).has_value());
  EXPECT_EQ(read_metrics(config.work_folder + "/metrics.csv")->at("epoch").size(), 4u);
}

TEST(ImageTrainerTest, LearnsBrightFromDark) {
  ImageTrainingConfig config = tiny_films("learns");
  config.network = {"densenet121", "", 16, 0, false};
  config.side = 32;
  config.phases[0].epochs = 8;
  const auto run = tiny_image_run(config);
  ASSERT_TRUE(train_image(*run, 0, kQuiet).has_value());
  const auto metrics = read_metrics(config.work_folder + "/metrics.csv");
  ASSERT_TRUE(metrics);
  const auto& losses = metrics->at("loss");
  EXPECT_LT(losses.back().value, losses.front().value);
  EXPECT_EQ(losses.front().phase, "fine-tuning");
  double best = 0;
  for (const MetricPoint& point : metrics->at("selection_auc")) best = std::max(best, point.value);
  EXPECT_EQ(best, 1);
  const auto report = parse_json(as_text(make_file_system()->read(config.work_folder + "/report.json", 1 << 20).value()));
  ASSERT_TRUE(report);
  EXPECT_EQ((*report)["epochs"].size(), losses.size());
  EXPECT_EQ((*report)["best"][0]["selection_auc"].get<double>(), best);
  for (const char* name : {"report.md", "report.html"}) EXPECT_TRUE(std::filesystem::exists(config.work_folder + "/" + name));
}

TEST(ImageTrainerTest, OfEpochsWithOneAucTheReportNamesTheOneThatIsExported) {
  const ImageTrainingConfig config = tiny_films("ties");
  const auto run = ImageRun::prepare(config, kQuiet);
  ASSERT_TRUE(run.has_value());
  {
    MetricsFile metrics(config.work_folder + "/metrics.csv");
    ASSERT_TRUE(metrics.open(0).has_value());
    for (const auto& [epoch, log_loss] : {std::pair{1.0, 0.5}, {2.0, 0.25}, {3.0, 0.75}})
      ASSERT_TRUE(metrics.add(static_cast<std::size_t>(epoch), "fine-tuning", epoch, {{"epoch", epoch}, {"loss", 1}, {"selection_auc", 0.75}, {"selection_log_loss", log_loss}}).has_value());
  }
  ASSERT_TRUE(write_image_report(**run).has_value());
  const auto report = parse_json(as_text(make_file_system()->read(config.work_folder + "/report.json", 1 << 20).value()));
  EXPECT_EQ((*report)["best"][0]["epoch"].get<double>(), 2);
}

TEST(ImageTrainerTest, ACheckpointOfOtherFilmsIsRefused) {
  ImageTrainingConfig config = tiny_films("other");
  config.phases[0].epochs = 1;
  ASSERT_TRUE(train_image(*tiny_image_run(config), 0, kQuiet).has_value());
  config.split.seed = 99;
  const auto run = tiny_image_run(config);
  const auto refused = train_image(*run, 0, kQuiet);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(load_best(*run).error().code, ErrorCode::conflict);
}

TEST(ImageTrainerTest, WithoutATrainingThereIsNothingToExport) {
  EXPECT_EQ(load_best(*tiny_image_run(tiny_films("nothing"))).error().code, ErrorCode::not_found);
}

TEST(FeatureCacheTest, IsKeptAndMadeAnewWhenTheBaseChanges) {
  const auto run = tiny_image_run(tiny_films("cache"));
  const std::string path = run->config.work_folder + "/features.safetensors";
  const FeatureCache first = cached_features(*run, 2, path, kQuiet).value();
  EXPECT_EQ(first.films.size(), run->films_in(Part::fit).size() + run->films_in(Part::selection).size());
  EXPECT_FALSE(torch::equal(first.features[0], first.features[1]));
  const auto written = std::filesystem::last_write_time(path);
  EXPECT_TRUE(torch::equal(first.features, cached_features(*run, 2, path, kQuiet)->features));
  EXPECT_EQ(std::filesystem::last_write_time(path), written);
  torch::NoGradGuard guard;
  run->network->tensors().parameters.at("features.18.0.bias").add_(0.5);
  EXPECT_FALSE(torch::equal(first.features, cached_features(*run, 2, path, kQuiet)->features));
}

TEST(HeadCrossValidationTest, RepeatsAndJudgesEveryFold) {
  ImageTrainingConfig config = tiny_films("folds");
  config.phases = {head_phase()};
  const auto run = tiny_image_run(config);
  const FeatureCache cache = cached_features(*run, 2, config.work_folder + "/features.safetensors", kQuiet).value();
  const CrossValidation first = cross_validate(*run, 0, cache, kQuiet), again = cross_validate(*run, 0, cache, kQuiet);
  ASSERT_EQ(first.folds.size(), 2u);
  for (std::size_t f = 0; f < 2; ++f) {
    EXPECT_EQ(first.folds[f].log_loss, again.folds[f].log_loss);
    EXPECT_GT(first.folds[f].log_loss, 0);
  }
}

TEST(ExportImageTest, ADirectoryThatTheServersLoaderTakes) {
  const auto run = tiny_image_run(tiny_films("export"));
  const std::string folder = run->config.work_folder + "/model";
  ASSERT_TRUE(export_image(*run, "fine-tuning, epoch 1", folder, Storage::bf16).has_value());
  const auto files = make_file_system();
  const auto manifest = models::open_model_directory(*files, folder);
  ASSERT_TRUE(manifest) << describe(manifest.error());
  EXPECT_EQ(manifest->kind, "image");
  const auto config = parse_json(as_text(files->read(folder + "/config.json", 1 << 20).value()));
  EXPECT_EQ((*config)["padding"], "tensorflow");
  EXPECT_EQ((*config)["labels"], Json({"normal", "pneumonia"}));
  const auto training = files->read(folder + "/training.json", 1 << 20).value();
  EXPECT_EQ(std::string(as_text(training)).find(run->config.sources[0].path), std::string::npos) << "a path of the machine";
  EXPECT_EQ((*parse_json(as_text(training)))["sources"][0]["films"]["fit"]["normal"], 6);
  EXPECT_EQ(export_image(*run, "", folder, Storage::bf16).error().code, ErrorCode::conflict);
}

TEST(StoredTensorsTest, ConvolutionsAreStoredByRowsAndVectorsAsTheyAre) {
  const torch::Tensor weight = torch::randn({4, 3, 3, 3});
  for (const auto& [storage, type] : {std::pair{Storage::fp32, neural::TensorType::f32}, {Storage::bf16, neural::TensorType::bf16}, {Storage::int8, neural::TensorType::i8}}) {
    StoredTensors stored(storage);
    stored.add("w", weight);
    stored.add("b", torch::ones({4}));
    const std::vector<std::byte> bytes = stored.bytes();
    const auto parsed = neural::parse_safetensors(bytes);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->tensors.at("w").type, type);
    EXPECT_EQ(parsed->tensors.at("b").type, neural::TensorType::f32);
    EXPECT_EQ(parsed->tensors.contains("w.scale"), storage == Storage::int8);
  }
}

}  // namespace
}  // namespace osler::train
