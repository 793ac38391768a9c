// `osler fit-encoder` on an encoder of random weights: app/commands.h.
#include <filesystem>

#include "../random_seed.h"
#include "app/commands.h"
#include "app/engine.h"
#include "base/sha256.h"
#include "encoder_site.h"

namespace osler::app {
namespace {

namespace fs = std::filesystem;

std::string vignette_line(int number) {
  const Json json{{"id", "v" + std::to_string(number)}, {"age_years", 30 + number}, {"severity", "mild"},
                  {"symptoms", {service::sign(number) + " seen", "cough"}}, {"narrative", "It began slowly. Worse at night."},
                  {"diagnosis", {{"name", "malady"}, {"icd10", "J" + std::to_string(10 + number)}}}};
  return json.dump() + "\n";
}

struct FitEncoder : testing::Test {
  FitEncoder() {
    site.encoder.write_to(site.at("raw"));
    std::string lines;
    for (int number = 0; number < 12; ++number) lines += vignette_line(number);
    site.put("cases.jsonl", lines);
  }
  /// The exit code; what was printed goes to `printed` and `complaint`.
  int run(const std::string& out, const std::string& cases = "cases.jsonl", const std::string& population = "Visits to one clinic") {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = fit_encoder(site.config, {site.at(cases), site.at("raw"), site.at(out), population});
    printed = testing::internal::GetCapturedStdout();
    complaint = testing::internal::GetCapturedStderr();
    return code;
  }
  std::unique_ptr<models::EncoderModel> load(const std::string& folder) const {
    auto model = models::EncoderModel::load(*files, site.at(folder), neural::Precision::fp32);
    EXPECT_TRUE(model) << describe(model.error());
    return model ? std::move(*model) : nullptr;
  }

  EncoderSite site{fresh_seed()};
  std::unique_ptr<FileSystem> files = make_file_system();
  std::string printed, complaint;
};

TEST_F(FitEncoder, WritesADirectoryThatServes) {
  ASSERT_EQ(run("models/osler-encoder/3"), 0) << complaint;
  const auto model = load("models/osler-encoder/3");
  ASSERT_TRUE(model && model->ensemble());
  EXPECT_EQ(model->version(), "osler-encoder-3.fp32");
  EXPECT_EQ(model->calibration().population, "Visits to one clinic");
  EXPECT_EQ(model->calibration().cases, 12);
  EXPECT_EQ(models::read_file(site.at("models/osler-encoder/3/model.safetensors")), models::read_file(site.at("raw/model.safetensors")));
  const auto engine = Engine::load(site.config);
  ASSERT_TRUE(engine) << describe(engine.error());
  EXPECT_EQ((*engine)->answerer.encoder_trouble(), "");
}

TEST_F(FitEncoder, SaysWhatEachIsWorthAndKeepsItInTheCard) {
  ASSERT_EQ(run("out/1"), 0) << complaint;
  for (const char* who : {"network ", "encoder ", "encoder, cross-validated", "fusion ", "fusion, cross-validated"})
    EXPECT_NE(printed.find(who), std::string::npos) << printed;
  const Json card = parse_json(models::read_file(site.at("out/1/card.json"))).value();
  for (const char* who : {"network", "encoder", "fusion", "encoder_cross_validated", "fusion_cross_validated"})
    EXPECT_TRUE(card["fit"][who]["log_loss"].is_number()) << card;
}

TEST_F(FitEncoder, LeavesTheOriginalAsItWas) {
  const auto names = files->list(site.at("raw")).value();
  ASSERT_EQ(run("out/1"), 0) << complaint;
  EXPECT_EQ(files->list(site.at("raw")).value(), names);
}

TEST_F(FitEncoder, OfACloneTakesOnlyWhatServes) {
  fs::create_directories(site.at("raw/.git"));
  fs::create_directories(site.at("raw/onnx"));
  for (const char* name : {"raw/.gitattributes", "raw/pytorch_model.bin", "raw/README.md", "raw/.git/HEAD", "raw/onnx/model.onnx"}) site.put(name, "x");
  ASSERT_EQ(run("out/1"), 0) << complaint;
  EXPECT_TRUE(load("out/1"));
  EXPECT_EQ(files->list(site.at("out/1")).value(), (std::vector<std::string>{"README.md", "calibration.json", "card.json", "config.json", "labels.json",
                                                                             "manifest.json", "model.safetensors", "vocab.txt"}));
}

TEST_F(FitEncoder, OfACalibratedOneMakesANewCalibration) {
  ASSERT_EQ(run("out/1"), 0) << complaint;
  site.put("more.jsonl", vignette_line(1) + vignette_line(2));
  testing::internal::CaptureStdout();
  EXPECT_EQ(fit_encoder(site.config, {site.at("more.jsonl"), site.at("out/1"), site.at("out/2"), "Others"}), 0);
  testing::internal::GetCapturedStdout();
  const auto model = load("out/2");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->calibration().population, "Others");
  EXPECT_EQ(model->version(), "osler-encoder-2.fp32");
}

TEST_F(FitEncoder, ASlashAtTheEndOfTheFolderIsNoVersion) {
  ASSERT_EQ(run("out/5/"), 0) << complaint;
  EXPECT_EQ(load("out/5")->version(), "osler-encoder-5.fp32");
}

TEST_F(FitEncoder, IsDeterministic) {
  ASSERT_EQ(run("a/1"), 0) << complaint;
  ASSERT_EQ(run("b/1"), 0) << complaint;
  EXPECT_EQ(models::read_file(site.at("a/1/calibration.json")), models::read_file(site.at("b/1/calibration.json")));
}

// --- Refusals: one line, nothing written ---

struct RefusedFit : FitEncoder {
  void expect_refused(int code, const std::string& says) {
    EXPECT_EQ(code, 1);
    EXPECT_NE(complaint.find(says), std::string::npos) << complaint;
    EXPECT_EQ(complaint.rfind("osler: ", 0), 0u) << complaint;
    EXPECT_FALSE(files->exists(site.at("out")));
  }
};

TEST_F(RefusedFit, OverADirectoryThatExists) {
  fs::create_directories(site.at("there"));
  expect_refused(run("there"), "exists");
}

TEST_F(RefusedFit, WithoutAPopulation) { expect_refused(run("out", "cases.jsonl", ""), "--population"); }

TEST_F(RefusedFit, WithoutCases) {
  expect_refused(run("out", "none.jsonl"), "cannot be read");
  site.put("empty.jsonl", "");
  expect_refused(run("out", "empty.jsonl"), "There is no case");
  Json other = parse_json(vignette_line(1)).value();
  other["diagnosis"]["icd10"] = "Z99";
  site.put("unknown.jsonl", other.dump());
  expect_refused(run("out", "unknown.jsonl"), "There is no case");
}

TEST_F(RefusedFit, OfCasesThatBreakTheContract) {
  Json bad = parse_json(vignette_line(1)).value();
  bad["age_years"] = 200;
  site.put("bad.jsonl", bad.dump());
  expect_refused(run("out", "bad.jsonl"), "Vignette v1");
}

TEST_F(RefusedFit, OfAnEncoderThatIsRefused) {
  fs::remove(site.at("raw/labels.json"));
  expect_refused(run("out"), "it lacks labels.json");
}

}  // namespace
}  // namespace osler::app
