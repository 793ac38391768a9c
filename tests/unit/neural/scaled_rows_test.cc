// Weights of one byte with a scale for each row: SafetensorsFile::floats of "neural/safetensors.h".
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "neural/safetensors.h"

namespace osler::neural {
namespace {

class ScaledRows : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/osler-scaled-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  SafetensorsFile file(const std::map<std::string, TensorView>& tensors) const {
    const std::vector<std::byte> bytes = write_safetensors(tensors, {});
    std::ofstream(folder_ + "/model", std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return SafetensorsFile::open(folder_ + "/model").value();
  }
  TensorView rows(std::vector<std::size_t> shape) const { return {TensorType::i8, std::move(shape), std::as_bytes(std::span(bytes_))}; }
  static TensorView floats(const std::vector<float>& values, std::vector<std::size_t> shape) {
    return {TensorType::f32, std::move(shape), std::as_bytes(std::span(values))};
  }
  /// Why the tensor "w" of this file is refused as two rows of three.
  static std::string refusal(const SafetensorsFile& file, const std::vector<std::size_t>& shape = {2, 3}) {
    const auto result = file.floats("w", shape);
    if (result) return "";
    EXPECT_EQ(result.error().code, ErrorCode::corrupted);
    EXPECT_NE(result.error().internal.find(file.path()), std::string::npos) << describe(result.error());
    return result.error().internal.substr(file.path().size());
  }

  std::string folder_;
  const std::vector<std::int8_t> bytes_{1, -2, 127, -128, 0, 3};
  const std::vector<float> scales_{0.5F, 0.25F};
};

TEST_F(ScaledRows, EachRowIsItsBytesTimesItsScale) {
  const SafetensorsFile with = file({{"w", rows({2, 3})}, {"w.scale", floats(scales_, {2})}});
  EXPECT_EQ(with.floats("w", {2, 3}).value(), (std::vector<float>{0.5F, -1, 63.5F, -32, 0, 0.75F}));
}

TEST_F(ScaledRows, AreRowsOfTheShapeThatWasAskedFor) {
  const std::vector<float> three{1, 2, 3};
  const SafetensorsFile with = file({{"w", rows({3, 2})}, {"w.scale", floats(three, {3})}});
  EXPECT_EQ(with.floats("w", {3, 2}).value(), (std::vector<float>{1, -2, 254, -256, 0, 9}));
  EXPECT_NE(refusal(with).find("has the shape [3, 2], not [2, 3]"), std::string::npos);
}

TEST_F(ScaledRows, OfAConvolutionAreItsOutputChannels) {
  const std::vector<float> three{1, 2, 3};
  const SafetensorsFile with = file({{"w", rows({3, 1, 1, 2})}, {"w.scale", floats(three, {3})}});
  EXPECT_EQ(with.floats("w", {3, 1, 1, 2}).value(), (std::vector<float>{1, -2, 254, -256, 0, 9}));
}

TEST_F(ScaledRows, OfNoRowsAreNoValues) {
  const SafetensorsFile with = file({{"w", {TensorType::i8, {0, 3}, {}}}, {"w.scale", {TensorType::f32, {0}, {}}}});
  EXPECT_TRUE(with.floats("w", {0, 3}).value().empty());
}

TEST_F(ScaledRows, WithoutTheirScaleAreRefused) {
  EXPECT_EQ(refusal(file({{"w", rows({2, 3})}})), ": tensor \"w.scale\" is missing");
}

TEST_F(ScaledRows, WithAScaleOfAnotherShapeAreRefused) {
  const std::vector<float> other{1, 2, 3};
  EXPECT_EQ(refusal(file({{"w", rows({2, 3})}, {"w.scale", floats(other, {3})}})), ": tensor \"w.scale\" has the shape [3], not [2]");
  EXPECT_EQ(refusal(file({{"w", rows({2, 3})}, {"w.scale", floats(scales_, {2, 1})}})), ": tensor \"w.scale\" has the shape [2, 1], not [2]");
}

TEST_F(ScaledRows, WithAScaleThatIsNotFiniteAreRefused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    const std::vector<float> scales{1, bad};
    EXPECT_EQ(refusal(file({{"w", rows({2, 3})}, {"w.scale", floats(scales, {2})}})), ": tensor \"w.scale\" holds a value that is not finite");
  }
}

TEST_F(ScaledRows, WhoseProductIsNotFiniteAreRefused) {
  const std::vector<float> scales{std::numeric_limits<float>::max(), 1};
  EXPECT_EQ(refusal(file({{"w", rows({2, 3})}, {"w.scale", floats(scales, {2})}})), ": tensor \"w\" holds a value that is not finite");
}

TEST_F(ScaledRows, WithAScaleOfBytesAreRefused) {
  const std::vector<std::int8_t> scales{1, 1};
  const TensorView bytes{TensorType::i8, {2}, std::as_bytes(std::span(scales))};
  EXPECT_EQ(refusal(file({{"w", rows({2, 3})}, {"w.scale", bytes}, {"w.scale.scale", floats(scales_, {2})}})),
            ": tensor \"w.scale\" is of type I8 and has no rows and columns");
}

TEST_F(ScaledRows, OfOneDimensionAreRefused) {
  EXPECT_NE(refusal(file({{"w", rows({6})}, {"w.scale", floats(scales_, {2})}}), {6}).find("of type I8 and has no rows and columns"), std::string::npos);
}

}  // namespace
}  // namespace osler::neural
