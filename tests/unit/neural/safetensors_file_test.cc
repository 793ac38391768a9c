// SafetensorsFile of "neural/safetensors.h".
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/limits.h"
#include "neural/safetensors.h"

namespace osler::neural {
namespace {

class SafetensorsFiles : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/osler-tensors-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string write(const std::string& name, std::span<const std::byte> bytes) const {
    std::ofstream(path(name), std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path(name);
  }

  std::string write_floats(const std::string& name, const std::vector<float>& values) const {
    return write(name, write_safetensors({{"weight", {TensorType::f32, {values.size()}, std::as_bytes(std::span(values))}}}, {}));
  }

  std::string folder_;
};

TEST_F(SafetensorsFiles, GivesWeightsAsFloats) {
  const std::vector<float> full{1.5f, -2.0f};
  const std::vector<std::uint16_t> half{0x3e00, 0xc000};
  const std::vector<std::uint16_t> brain{0x3fc0, 0xc000};
  const std::map<std::string, TensorView> tensors{{"full", {TensorType::f32, {2, 1}, std::as_bytes(std::span(full))}},
                                                  {"half", {TensorType::f16, {2, 1}, std::as_bytes(std::span(half))}},
                                                  {"brain", {TensorType::bf16, {2, 1}, std::as_bytes(std::span(brain))}},
                                                  {"none", {TensorType::f32, {0, 3}, {}}}};
  const std::vector<std::byte> bytes = write_safetensors(tensors, {{"format", "pt"}});
  const SafetensorsFile file = SafetensorsFile::open(write("model", bytes)).value();
  for (const char* name : {"full", "half", "brain"}) EXPECT_EQ(file.floats(name, {2, 1}).value(), full) << name;
  EXPECT_EQ(file.floats("none", {0, 3}).value(), std::vector<float>{});
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.path(), path("model"));
  EXPECT_TRUE(std::ranges::equal(file.bytes(), bytes));
}

TEST_F(SafetensorsFiles, TensorsAtOddAddressesAreReadToo) {
  const std::vector<std::uint8_t> odd{1};
  const std::vector<float> values{1.5f, -2.0f};
  const std::map<std::string, TensorView> tensors{{"a", {TensorType::u8, {1}, std::as_bytes(std::span(odd))}},
                                                  {"b", {TensorType::f32, {2}, std::as_bytes(std::span(values))}}};
  const SafetensorsFile file = SafetensorsFile::open(write("model", write_safetensors(tensors, {}))).value();
  EXPECT_EQ(file.floats("b", {2}).value(), values);
}

TEST_F(SafetensorsFiles, SaysWhichTensorDoesNotFit) {
  const std::vector<std::int32_t> numbers{1, 2};
  const std::map<std::string, TensorView> tensors{{"ids", {TensorType::i32, {1, 2}, std::as_bytes(std::span(numbers))}}};
  const SafetensorsFile file = SafetensorsFile::open(write("model", write_safetensors(tensors, {}))).value();
  const auto internal = [&](const char* name, const std::vector<std::size_t>& shape) {
    const Result<std::vector<float>> result = file.floats(name, shape);
    EXPECT_EQ(result.error().code, ErrorCode::corrupted);
    return result.error().internal;
  };
  EXPECT_EQ(internal("weight", {2}), path("model") + ": tensor \"weight\" is missing");
  EXPECT_EQ(internal("ids", {2, 1}), path("model") + ": tensor \"ids\" has the shape [1, 2], not [2, 1]");
  EXPECT_EQ(internal("ids", {}), path("model") + ": tensor \"ids\" has the shape [1, 2], not []");
  EXPECT_EQ(internal("ids", {1, 2}), path("model") + ": tensor \"ids\" is of type I32, not F32, F16, BF16 or I8");
}

TEST_F(SafetensorsFiles, RefusesWeightsThatAreNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
    const SafetensorsFile file = SafetensorsFile::open(write_floats("model", {0.0f, value})).value();
    EXPECT_EQ(file.floats("weight", {2}).error().internal, path("model") + ": tensor \"weight\" holds a value that is not finite");
  }
}

TEST_F(SafetensorsFiles, IsTheSameAfterAMove) {
  SafetensorsFile first = SafetensorsFile::open(write_floats("first", {1})).value();
  SafetensorsFile second = SafetensorsFile::open(write_floats("second", {2})).value();
  second = std::move(first);
  EXPECT_EQ(second.floats("weight", {1}).value(), std::vector<float>{1});
}

TEST_F(SafetensorsFiles, SaysWhyAFileCannotBeOpened) {
  EXPECT_EQ(SafetensorsFile::open(path("none")).error().code, ErrorCode::not_found);
  EXPECT_EQ(SafetensorsFile::open(folder_).error().code, ErrorCode::corrupted);
  EXPECT_EQ(SafetensorsFile::open(write("empty", {})).error().code, ErrorCode::corrupted);
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(SafetensorsFile::open(path("pipe")).error().code, ErrorCode::corrupted);  // and does not wait for a writer
  const std::vector<std::byte> garbage(20, std::byte{0xff});
  const Error error = SafetensorsFile::open(write("garbage", garbage)).error();
  EXPECT_EQ(error.code, ErrorCode::corrupted);
  EXPECT_EQ(error.internal, path("garbage") + ": its header is said to be longer than the file");
}

TEST_F(SafetensorsFiles, RefusesAFileOverItsLimit) {
  std::ofstream(path("large"), std::ios::binary).put('\0');
  ASSERT_EQ(truncate(path("large").c_str(), static_cast<off_t>(limits::kMaxModelFileBytes) + 1), 0);  // a hole, no disk
  EXPECT_EQ(SafetensorsFile::open(path("large")).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace osler::neural
