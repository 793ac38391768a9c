#include "neural/safetensors.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <set>

#include "base/limits.h"

namespace osler::neural {
namespace {

using Bytes = std::vector<std::byte>;

Bytes file_of(const std::string& header, std::size_t data_bytes = 0) {
  Bytes file(8 + header.size() + data_bytes);
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{" + tensor("a", dtype, shape, offsets) + "}";
}

std::string refusal(const std::string& header, std::size_t data_bytes = 0) {
  const Result<ParsedTensors> parsed = parse_safetensors(file_of(header, data_bytes));
  if (parsed) return "taken";
  EXPECT_EQ(parsed.error().code, ErrorCode::corrupted) << header;
  return parsed.error().internal;
}

ErrorCode code_of(const std::string& header, std::size_t data_bytes = 0) { return parse_safetensors(file_of(header, data_bytes)).error().code; }

/// Every tensor lies in the file and has as many bytes as its type and shape need.
bool in_bounds(const ParsedTensors& parsed, const Bytes& file) {
  return std::all_of(parsed.tensors.begin(), parsed.tensors.end(), [&](const auto& entry) {
    const TensorView& view = entry.second;
    const std::byte* begin = view.bytes.data();
    const bool inside = begin >= file.data() && begin + view.bytes.size() <= file.data() + file.size();
    return (inside || view.bytes.empty()) && view.bytes.size() == view.elements() * bytes_of(view.type);
  });
}

TEST(Safetensors, ReadsTensorsInAnyOrder) {
  const std::string header =
      "{" + tensor("b", "F32", "[2,3]", "[4,28]") + "," + tensor("a", "I8", "[4]", "[0,4]") + R"(,"__metadata__":{"format":"pt"}}  )";
  const Bytes file = file_of(header, 28);
  const ParsedTensors parsed = parse_safetensors(file).value();
  ASSERT_EQ(parsed.tensors.size(), 2u);
  EXPECT_EQ(parsed.tensors.at("b").shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(parsed.tensors.at("b").type, TensorType::f32);
  EXPECT_EQ(parsed.tensors.at("b").bytes.data(), file.data() + 8 + header.size() + 4);
  EXPECT_EQ(parsed.tensors.at("b").elements(), 6u);
  EXPECT_EQ(parsed.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
}

TEST(Safetensors, EveryType) {
  for (const auto& [type, name, size] : {std::tuple{TensorType::f32, "F32", 4u}, {TensorType::f16, "F16", 2u}, {TensorType::bf16, "BF16", 2u},
                                         {TensorType::i8, "I8", 1u}, {TensorType::u8, "U8", 1u}, {TensorType::i32, "I32", 4u},
                                         {TensorType::i64, "I64", 8u}, {TensorType::boolean, "BOOL", 1u}}) {
    EXPECT_EQ(name_of(type), name);
    EXPECT_EQ(bytes_of(type), size);
    const Bytes file = file_of("{" + tensor("a", name, "[3]", "[0," + std::to_string(3 * size) + "]") + "}", 3 * size);
    EXPECT_EQ(parse_safetensors(file).value().tensors.at("a").type, type);
  }
}

TEST(Safetensors, ScalarsAndEmptyTensorsAreLegal) {
  const Bytes file = file_of("{" + tensor("scalar", "F32", "[]", "[0,4]") + "," + tensor("none", "F32", "[3,0]", "[4,4]") + "," +
                                 tensor("first", "F32", "[0]", "[0,0]") + "}", 4);
  const ParsedTensors parsed = parse_safetensors(file).value();
  EXPECT_EQ(parsed.tensors.at("scalar").elements(), 1u);
  EXPECT_EQ(parsed.tensors.at("none").elements(), 0u);
  EXPECT_TRUE(parse_safetensors(file_of("{}")).value().tensors.empty());
}

TEST(Safetensors, RefusesRangesThatDoNotTileTheFile) {
  const auto two = [](const char* first, const char* second) {
    return "{" + tensor("a", "U8", "[4]", first) + "," + tensor("b", "U8", "[4]", second) + "}";
  };
  EXPECT_EQ(refusal(two("[0,4]", "[4,8]"), 8), "taken");
  EXPECT_EQ(refusal(two("[0,4]", "[2,6]"), 6), "tensor \"b\" overlaps another tensor");
  EXPECT_EQ(refusal(two("[0,4]", "[0,4]"), 4), "tensor \"b\" overlaps another tensor");
  EXPECT_EQ(refusal(two("[0,4]", "[5,9]"), 9), "there is a hole before tensor \"b\"");
  EXPECT_EQ(refusal(two("[1,5]", "[5,9]"), 9), "there is a hole before tensor \"a\"");
  EXPECT_EQ(refusal(two("[0,4]", "[4,8]"), 9), "there are bytes after the last tensor");
  EXPECT_EQ(refusal(two("[0,4]", "[4,8]"), 7), "tensor \"b\" lies outside of the file");
  EXPECT_EQ(refusal("{}", 1), "there are bytes after the last tensor");
  const std::string within = "{" + tensor("a", "U8", "[4]", "[0,4]") + "," + tensor("b", "U8", "[0]", "[2,2]") + "}";
  EXPECT_EQ(refusal(within, 4), "tensor \"b\" overlaps another tensor");
}

TEST(Safetensors, RefusesShapesThatOverflowOrDoNotFit) {
  EXPECT_EQ(refusal(one("F32", "[4294967296,4294967296]", "[0,0]")), "tensor \"a\" has a shape that overflows");
  EXPECT_EQ(refusal(one("F32", "[4611686018427387904]", "[0,0]")), "tensor \"a\" has a shape that overflows");
  EXPECT_EQ(refusal(one("U8", "[0,4294967296,4294967296]", "[0,0]")), "tensor \"a\" has a shape that overflows");
  EXPECT_EQ(refusal(one("F32", "[2]", "[0,7]"), 7), "tensor \"a\" has 7 bytes, and its type and shape need 8");
  EXPECT_EQ(refusal(one("F32", "[2]", "[4,0]"), 8), "tensor \"a\" lies outside of the file");
  EXPECT_EQ(refusal(one("F32", "[2]", "[0,18446744073709551615]"), 8), "tensor \"a\" lies outside of the file");
}

TEST(Safetensors, RefusesNumbersThatAreNotWholeAndPositive) {
  const std::string dimension = "tensor \"a\" has a dimension that is not a whole number of at least 0";
  const std::string offsets = "tensor \"a\" has data_offsets that are not two whole numbers of at least 0";
  for (const std::string number : {"-1", "1.0", "1e0", "-0", "18446744073709551616", "\"1\"", "null", "true", "[1]"}) {
    EXPECT_EQ(refusal(one("U8", "[" + number + "]", "[0,1]"), 1), dimension) << number;
    EXPECT_EQ(refusal(one("U8", "[1]", "[0," + number + "]"), 1), offsets) << number;
  }
}

TEST(Safetensors, RefusesWhatIsNotATensor) {
  const std::string members = "tensor \"a\" is not an object of just dtype, shape and data_offsets";
  EXPECT_EQ(refusal(R"({"a":1})"), members);
  EXPECT_EQ(refusal(R"({"a":{"dtype":"U8","shape":[0]}})"), members);
  EXPECT_EQ(refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1}})"), members);
  EXPECT_EQ(refusal(R"({"a":{"dtype":"U8","shape":[0],"offsets":[0,0]}})"), members);
  EXPECT_EQ(refusal(one("f32", "[0]", "[0,0]")), "tensor \"a\" has a dtype that is not supported");
  EXPECT_EQ(refusal(R"({"a":{"dtype":4,"shape":[0],"data_offsets":[0,0]}})"), "tensor \"a\" has a dtype that is not a text");
  EXPECT_EQ(refusal(one("U8", "1", "[0,1]"), 1), "tensor \"a\" has a shape that is not a list");
  EXPECT_EQ(refusal(one("U8", "[1]", "[0,1,1]"), 1), "tensor \"a\" has data_offsets that are not two whole numbers of at least 0");
  const std::string odd = "{" + tensor("a\\n\\u0000", "X", "[0]", "[0,0]") + "}";
  EXPECT_EQ(refusal(odd), "tensor \"a\\n\\u0000\" has a dtype that is not supported");  // escaped for the log
}

TEST(Safetensors, RefusesHeadersThatAreNone) {
  const std::string twice = "{" + tensor("a", "U8", "[1]", "[0,1]") + "," + tensor("a", "U8", "[1]", "[1,2]") + "}";
  EXPECT_EQ(refusal(twice, 2).substr(0, 29), "its header is not strict JSON");
  EXPECT_EQ(refusal("{} x").substr(0, 29), "its header is not strict JSON");
  EXPECT_EQ(refusal("{\"\xFF\":1}").substr(0, 29), "its header is not strict JSON");
  EXPECT_EQ(refusal("[]"), "its header does not begin with '{'");
  EXPECT_EQ(refusal(" {}"), "its header does not begin with '{'");
  EXPECT_EQ(refusal(""), "its header does not begin with '{'");
  EXPECT_EQ(refusal(R"({"__metadata__":[]})"), "its __metadata__ is not an object");
  EXPECT_EQ(refusal(R"({"__metadata__":{"a":1}})"), "its __metadata__ holds something that is not a text");
  EXPECT_EQ(parse_safetensors({}).error().internal, "it is shorter than the length of a header");
  Bytes file = file_of("{}");
  file[0] = std::byte{3};
  EXPECT_EQ(parse_safetensors(file).error().internal, "its header is said to be longer than the file");
  std::fill_n(file.begin(), 8, std::byte{0xff});
  EXPECT_EQ(parse_safetensors(file).error().internal, "its header is said to be longer than the file");
}

TEST(Safetensors, RefusesWhatIsOverALimit) {
  const std::size_t most = limits::kMaxSafetensorsHeaderBytes;
  EXPECT_TRUE(parse_safetensors(file_of("{}" + std::string(most - 2, ' '))));
  EXPECT_EQ(code_of("{}" + std::string(most - 1, ' ')), ErrorCode::too_large);

  const std::string name(limits::kMaxTensorNameBytes, 'a');
  EXPECT_TRUE(parse_safetensors(file_of("{" + tensor(name, "U8", "[0]", "[0,0]") + "}")));
  EXPECT_EQ(code_of("{" + tensor(name + "a", "U8", "[0]", "[0,0]") + "}"), ErrorCode::too_large);

  std::string shape = "[1";
  for (std::size_t i = 1; i < limits::kMaxTensorDimensions; ++i) shape += ",1";
  EXPECT_TRUE(parse_safetensors(file_of(one("U8", shape + "]", "[0,1]"), 1)));
  EXPECT_EQ(code_of(one("U8", shape + ",1]", "[0,1]"), 1), ErrorCode::too_large);

  std::string many = "{\"__metadata__\":{}";
  for (std::size_t i = 0; i < limits::kMaxSafetensorsTensors; ++i) many += "," + tensor(std::to_string(i), "U8", "[0]", "[0,0]");
  EXPECT_TRUE(parse_safetensors(file_of(many + "}")));
  EXPECT_EQ(code_of(many + "," + tensor("more", "U8", "[0]", "[0,0]") + "}"), ErrorCode::too_large);
}

struct Tensors {
  std::vector<Bytes> storage;
  std::map<std::string, TensorView> views;
};

rc::Gen<std::string> names() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc._\"\\/ \n") + '\0'));
}

Tensors any_tensors() {
  Tensors tensors;
  const auto found = *rc::gen::container<std::set<std::string>>(names());
  for (const std::string& name : found) {
    TensorView view;
    view.type = *rc::gen::element(TensorType::f32, TensorType::f16, TensorType::bf16, TensorType::i8, TensorType::u8, TensorType::i32,
                                  TensorType::i64, TensorType::boolean);
    view.shape = *rc::gen::resize(5, rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 4)));
    if (name.size() > limits::kMaxTensorNameBytes || view.shape.size() > limits::kMaxTensorDimensions) continue;
    tensors.storage.emplace_back(view.elements() * bytes_of(view.type), std::byte{static_cast<std::uint8_t>(tensors.storage.size())});
    view.bytes = tensors.storage.back();
    tensors.views.emplace(name, view);
  }
  return tensors;
}

RC_GTEST_PROP(Safetensors, ReadsWhatItWrote, ()) {
  const Tensors tensors = any_tensors();
  const auto metadata = *rc::gen::container<std::map<std::string, std::string>>(names(), names());
  const Bytes file = write_safetensors(tensors.views, metadata);
  RC_ASSERT(file == write_safetensors(tensors.views, metadata));
  const Result<ParsedTensors> parsed = parse_safetensors(file);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->metadata == metadata);
  RC_ASSERT(parsed->tensors.size() == tensors.views.size());
  for (const auto& [name, view] : tensors.views) {
    const TensorView& found = parsed->tensors.at(name);
    RC_ASSERT(found.type == view.type && found.shape == view.shape && std::ranges::equal(found.bytes, view.bytes));
  }
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file.data(), 8);
  RC_ASSERT((8 + header_bytes) % 64 == 0);
}

Bytes sample() {
  static const std::vector<float> kValues(6, 1.0f);
  const auto bytes = std::as_bytes(std::span(kValues));
  const std::map<std::string, TensorView> tensors{
      {"a", {TensorType::f32, {2, 3}, bytes}}, {"b", {TensorType::bf16, {4}, bytes.first(8)}}, {"c", {TensorType::u8, {}, bytes.first(1)}}};
  return write_safetensors(tensors, {{"k", "v"}});
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const Bytes file = sample();
  for (std::size_t length = 0; length < file.size(); ++length) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
    const Result<ParsedTensors> parsed = parse_safetensors(cut);
    ASSERT_FALSE(parsed) << length;
    EXPECT_EQ(parsed.error().code, ErrorCode::corrupted) << length;
  }
}

TEST(Safetensors, EveryCorruptedByteOfTheHeaderIsRefusedOrHarmless) {
  const Bytes file = sample();
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file.data(), 8);
  for (std::size_t at = 0; at < 8 + header_bytes; ++at)
    for (unsigned value = 0; value < 256; ++value) {
      Bytes damaged = file;
      damaged[at] = static_cast<std::byte>(value);
      const Result<ParsedTensors> parsed = parse_safetensors(damaged);
      ASSERT_TRUE(parsed ? in_bounds(*parsed, damaged) : !parsed.error().internal.empty()) << at << " " << value;
    }
}

TEST(SafetensorsDeathTest, DoesNotWriteWhatItWouldNotRead) {
  const Bytes three(3);
  EXPECT_DEATH(write_safetensors({{"a", {TensorType::f32, {1}, three}}}, {}), "is_faithful");
  EXPECT_DEATH(write_safetensors({{"__metadata__", {TensorType::u8, {3}, three}}}, {}), "is_faithful");
  EXPECT_DEATH(write_safetensors({{"\xFF", {TensorType::u8, {3}, three}}}, {}), "is_faithful");
  EXPECT_DEATH(write_safetensors({}, {{"a", "\xFF"}}), "is_faithful");
}

}  // namespace
}  // namespace osler::neural
