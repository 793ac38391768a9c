#include "models/image_model.h"

#include <gtest/gtest.h>

#include "../random_seed.h"
#include "tiny_encoder.h"
#include "tiny_image.h"

namespace osler::models {
namespace {

class ImageModelTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ImageModel>> load(neural::Precision precision = neural::Precision::fp32) { return ImageModel::load(*files_, folder_.at("1"), precision); }
  /// The refusal, which must name the folder; empty: it was loaded.
  std::string refusal() {
    const auto model = load();
    if (model) return "";
    EXPECT_EQ(model.error().code, ErrorCode::corrupted);
    return describe(model.error());
  }

  std::mt19937 random_{5};
  TemporaryFolder folder_;
  TinyImageModel tiny_{random_};
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

TEST_F(ImageModelTest, LoadsWithItsCalibration) {
  tiny_.write_to(folder_.at("1"));
  const auto model = load();
  ASSERT_TRUE(model) << describe(model.error());
  EXPECT_EQ((*model)->version(), "osler-cxr-1.fp32");
  EXPECT_EQ((*model)->network().channels(), 1280u);
  EXPECT_TRUE((*model)->is_calibrated());
  EXPECT_EQ((*model)->calibration().record.population, "Films of nobody");
  EXPECT_EQ((*model)->outlier().channels(), 1280u);
  const std::array<float, 2> logits{1.5f, -0.5f};
  EXPECT_DOUBLE_EQ((*model)->log_odds(logits), -2);
}

TEST_F(ImageModelTest, WithoutCalibrationItLoadsAndMayNotAnswer) {
  tiny_.calibrated = false;
  tiny_.write_to(folder_.at("1"));
  const auto model = load();
  ASSERT_TRUE(model) << describe(model.error());
  EXPECT_FALSE((*model)->is_calibrated());
}

TEST_F(ImageModelTest, AChangedByteIsARefusal) {
  tiny_.write_to(folder_.at("1"));
  std::string weights = read_file(folder_.at("1/model.safetensors"));
  weights[weights.size() / 2] ^= 1;
  write_file(folder_.at("1/model.safetensors"), weights);
  EXPECT_NE(refusal().find("model.safetensors"), std::string::npos);
}

TEST_F(ImageModelTest, LabelsOfAnotherOrderAreARefusal) {
  tiny_.config["labels"] = {"pneumonia", "normal"};
  tiny_.write_to(folder_.at("1"));
  EXPECT_NE(refusal().find("labels"), std::string::npos);
}

TEST_F(ImageModelTest, AnOutlierModelOfAnotherNetworkIsARefusal) {
  tiny_.outlier.mean.resize(64);
  tiny_.outlier.components.resize(64);
  tiny_.write_to(folder_.at("1"));
  EXPECT_NE(refusal().find("outlier.safetensors"), std::string::npos);
}

TEST_F(ImageModelTest, CalibrationWithoutOutlierModelIsARefusal) {
  tiny_.write_to(folder_.at("1"));
  Json manifest = parse_json(read_file(folder_.at("1/manifest.json"))).value();
  manifest["files"].erase("outlier.safetensors");
  write_file(folder_.at("1/manifest.json"), manifest.dump());
  std::remove(folder_.at("1/outlier.safetensors").c_str());
  EXPECT_NE(refusal().find("go together"), std::string::npos);
}

TEST_F(ImageModelTest, AnotherKindIsARefusal) {
  tiny_.write_to(folder_.at("1"));
  Json manifest = parse_json(read_file(folder_.at("1/manifest.json"))).value();
  manifest["kind"] = "encoder";
  write_file(folder_.at("1/manifest.json"), manifest.dump());
  EXPECT_NE(refusal().find("kind"), std::string::npos);
}

}  // namespace
}  // namespace osler::models
