// Convolution against a plain one in doubles, and what ImagePlan makes of the networks.
#include "neural/convolution.h"

#include "../random_seed.h"
#include "neural/aligned_buffer.h"
#include "neural/image_plan.h"
#include "plain_image.h"

namespace osler::neural {
namespace {

std::vector<float> normal(std::size_t count, std::mt19937& random) {
  std::normal_distribution<float> distribution;
  std::vector<float> values(count);
  for (float& value : values) value = distribution(random);
  return values;
}

/// Where a value of a map lies in memory.
std::size_t place_of(const MapShape& map, std::size_t channel, std::size_t place) {
  const std::size_t block = map.planes ? 1 : channels_of_a_block(), places = map.side * map.side;
  return channel / block * block * places + place * block + channel % block;
}

void write(const PlainMap& values, const MapShape& map, AlignedBuffer& buffer) {
  for (std::size_t i = 0; i < values.values.size(); ++i) {
    const std::size_t at = place_of(map, i / (map.side * map.side), i % (map.side * map.side));
    const float value = static_cast<float>(values.values[i]);
    if (map.type == MapType::bfloats) static_cast<std::uint16_t*>(buffer.at_least(map.bytes()))[at] = bfloat16_from_float(value);
    else static_cast<float*>(buffer.at_least(map.bytes()))[at] = value;
  }
}

float value_at(const MapShape& map, AlignedBuffer& buffer, std::size_t i) {
  const std::size_t at = place_of(map, i / (map.side * map.side), i % (map.side * map.side));
  if (map.type == MapType::bfloats) return float_from_bfloat16(static_cast<const std::uint16_t*>(buffer.at_least(0))[at]);
  return static_cast<const float*>(buffer.at_least(0))[at];
}

PlainMap random_map(std::size_t channels, std::size_t side, std::mt19937& random) {
  PlainMap map{channels, side, {}};
  for (const float value : normal(channels * side * side, random)) map.values.push_back(float_from_bfloat16(bfloat16_from_float(value)));
  return map;
}

double finished(double sum, Finish finish, double before) {
  switch (finish) {
    case Finish::none: return sum;
    case Finish::relu: return std::max(0.0, sum);
    case Finish::relu6: return std::clamp(sum, 0.0, 6.0);
    case Finish::add: return sum + before;
  }
  return 0;
}

void expect_plain(const ConvolutionShape& shape, std::mt19937& random) {
  const MapShape output = shape.output();
  const std::size_t inputs = shape.depthwise ? 1 : shape.input.channels;
  const bool bfloats = shape.input.type == MapType::bfloats;
  RandomTensor weight{{shape.outputs, inputs, shape.kernel, shape.kernel}, normal(shape.outputs * inputs * shape.kernel * shape.kernel, random)};
  if (bfloats)
    for (float& value : weight.values) value = float_from_bfloat16(bfloat16_from_float(value));
  const std::vector<float> bias = normal(shape.outputs, random);
  const PlainMap in = random_map(shape.input.channels, shape.input.side, random), before = random_map(shape.outputs, output.side, random);
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  const Convolution convolution = Convolution::create(engine, shape, weight.values, bias).value();
  AlignedBuffer from, to, scratch;
  write(in, shape.input, from);
  write(before, output, to);
  dnnl::stream stream(engine);
  convolution.run(convolution.bind(from.at_least(0), to.at_least(0), scratch.at_least(convolution.scratch_bytes())), stream);
  const PlainMap plain = plain_convolution(in, weight, bias, {shape.stride, shape.before, shape.after});
  ASSERT_EQ(plain.side, output.side);
  const double tolerance = output.type == MapType::bfloats ? 0.02 : 1e-4;
  for (std::size_t i = 0; i < plain.values.size(); ++i)
    ASSERT_NEAR(value_at(output, to, i), finished(plain.values[i], shape.finish, before.values[i]), tolerance * std::max(1.0, std::abs(plain.values[i])))
        << i << ", " << convolution.implementation();
}

TEST(Convolution, IsThePlainOneOfAnyShape) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 60; ++i) {
    ConvolutionShape shape;
    const bool bfloats = i % 2 == 1 && is_fast_here(Precision::bf16);
    shape.input = {1 + random() % 50, 5 + random() % 12, bfloats ? MapType::bfloats : MapType::floats};
    shape.kernel = random() % 2 ? 3 : 1;
    shape.stride = shape.kernel == 3 ? 1 + random() % 2 : 1;
    shape.before = shape.kernel == 3 ? random() % 2 : 0;
    shape.after = shape.kernel == 3 ? random() % 2 : 0;
    shape.depthwise = shape.kernel == 3 && random() % 2;
    shape.outputs = shape.depthwise ? shape.input.channels : 1 + random() % 50;
    shape.finish = std::array{Finish::none, Finish::relu, Finish::relu6, Finish::add}[random() % 4];
    shape.output_type = bfloats && random() % 4 ? MapType::bfloats : MapType::floats;
    SCOPED_TRACE(std::to_string(shape.input.channels) + " to " + std::to_string(shape.outputs) + " channels, side " + std::to_string(shape.input.side) +
                 ", kernel " + std::to_string(shape.kernel) + ", stride " + std::to_string(shape.stride) + (shape.depthwise ? ", depthwise" : ""));
    expect_plain(shape, random);
  }
}

TEST(Convolution, TakesPlanes) {
  std::mt19937 random(fresh_seed());
  for (const std::size_t planes : {1u, 2u})
    for (const MapType type : {MapType::floats, MapType::bfloats}) {
      if (type == MapType::bfloats && !is_fast_here(Precision::bf16)) continue;
      expect_plain({.input = {planes, 21, type, true}, .outputs = 64, .kernel = 7, .stride = 2, .before = 3, .after = 3, .output_type = type}, random);
    }
}

TEST(MapShape, CountsWholeBlocks) {
  const std::size_t block = channels_of_a_block();
  EXPECT_EQ((MapShape{block + 1, 3, MapType::floats}.bytes()), 2 * block * 9 * 4);
  EXPECT_EQ((MapShape{block, 3, MapType::bfloats}.bytes()), block * 9 * 2);
  EXPECT_EQ((MapShape{2, 3, MapType::floats, true}.bytes()), 2u * 9 * 4);
}

/// oneDNN falls back to loops a thousand times slower where it has no code for a shape.
TEST(ImagePlan, HasCodeForEveryConvolution) {
  std::mt19937 random(fresh_seed());
  if (!cpu_has(dnnl::cpu_isa::avx2)) GTEST_SKIP() << "oneDNN has its code for AVX2 and later";
  for (const ImageArchitecture architecture : {ImageArchitecture::densenet121, ImageArchitecture::mobilenet_v2})
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      if (!is_fast_here(precision)) continue;
      const ImageNetworkConfig config = random_image_config(architecture, 64, 0);
      const SafetensorsFile file = file_of(random_image_tensors(config, random));
      PlanBuilder builder(file, config, precision);
      const auto plan = architecture == ImageArchitecture::densenet121 ? plan_densenet121 : plan_mobilenet_v2;
      plan(builder).value();
      std::size_t convolutions = 0;
      for (const auto& step : builder.take().steps)
        if (const auto* one = std::get_if<ConvolutionStep>(&step)) {
          const std::string name = one->convolution.implementation();
          EXPECT_TRUE(name.find("jit") != std::string::npos || name.find("brg") != std::string::npos) << name;
          ++convolutions;
        }
      EXPECT_EQ(convolutions, architecture == ImageArchitecture::densenet121 ? 120u : 52u) << "as the papers count them";
    }
}

}  // namespace
}  // namespace osler::neural
