// The kernels for blocks of channels (ChannelBlock of "neural/row_kernels.h"), every set that this processor can run, against the
// formulas in doubles.
#include <algorithm>
#include <cmath>

#include "../random_seed.h"
#include "neural/float_formats.h"
#include "neural/row_kernels.h"

namespace osler::neural {
namespace {

constexpr float kGuard = 77;

/// A random block, as values and as it lies in memory; one guard value behind what goes out.
struct Case {
  std::size_t side, width;
  bool bfloats;
  std::vector<float> in, scale, shift;

  double at(std::size_t y, std::size_t x, std::size_t channel) const { return in[(y * side + x) * width + channel]; }
  double bent(std::size_t y, std::size_t x, std::size_t channel) const { return std::max(0.0, at(y, x, channel) * scale[channel] + shift[channel]); }
};

Case random_case(std::size_t side, std::size_t width, bool bfloats, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Case made{side, width, bfloats, std::vector<float>(side * side * width), std::vector<float>(width), std::vector<float>(width)};
  for (std::vector<float>* values : {&made.in, &made.scale, &made.shift})
    for (float& value : *values) value = normal(random);
  if (bfloats)
    for (float& value : made.in) value = float_from_bfloat16(bfloat16_from_float(value));
  return made;
}

std::vector<float> run(void (*kernel)(const ChannelBlock&), const Case& given, std::size_t out_side) {
  const std::size_t count = out_side * out_side * given.width;
  ChannelBlock block{.bfloats = given.bfloats, .side = given.side, .width = given.width, .scale = given.scale.data(), .shift = given.shift.data()};
  std::vector<float> out(count + 1, kGuard);
  if (!given.bfloats) {
    block.in = given.in.data();
    block.out = out.data();
    kernel(block);
  } else {
    std::vector<std::uint16_t> bits, out_bits(count + 1, bfloat16_from_float(kGuard));
    for (const float value : given.in) bits.push_back(bfloat16_from_float(value));
    block.in = bits.data();
    block.out = out_bits.data();
    kernel(block);
    std::transform(out_bits.begin(), out_bits.end(), out.begin(), float_from_bfloat16);
  }
  EXPECT_EQ(out[count], kGuard);
  out.pop_back();
  return out;
}

/// `expected(y, x, channel)` for every kernel set, width of a block, type and side.
template <class Expected>
void check(void (*RowKernels::*kernel)(const ChannelBlock&), std::size_t (*out_side)(std::size_t), Expected expected) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here())
    for (const std::size_t width : {8u, 16u})
      for (const bool bfloats : {false, true})
        for (const std::size_t side : {1u, 2u, 5u, 8u, 13u}) {
          const Case given = random_case(side, width, bfloats, random);
          const std::size_t half = out_side(side);
          const std::vector<float> got = run(kernels->*kernel, given, half);
          for (std::size_t i = 0; i < got.size(); ++i) {
            const double value = expected(given, i / width / half, i / width % half, i % width);
            ASSERT_NEAR(got[i], value, (bfloats ? 0.005 : 1e-6) * std::max(1.0, std::abs(value))) << kernels->name << ", side " << side << ", width " << width;
          }
        }
}

TEST(ChannelKernels, ScaleAndCutOff) {
  check(&RowKernels::scale_relu, [](std::size_t side) { return side; },
        [](const Case& given, std::size_t y, std::size_t x, std::size_t channel) { return given.bent(y, x, channel); });
}

TEST(ChannelKernels, ScaleAndCutOffBeforeTheMeanOfTwoByTwo) {
  check(&RowKernels::scale_relu_mean, [](std::size_t side) { return side / 2; },
        [](const Case& given, std::size_t y, std::size_t x, std::size_t channel) {
          return (given.bent(2 * y, 2 * x, channel) + given.bent(2 * y, 2 * x + 1, channel) + given.bent(2 * y + 1, 2 * x, channel) +
                  given.bent(2 * y + 1, 2 * x + 1, channel)) / 4;
        });
}

TEST(ChannelKernels, TakeTheLargestOfThreeByThree) {
  check(&RowKernels::max_pool, [](std::size_t side) { return (side + 1) / 2; },
        [](const Case& given, std::size_t y, std::size_t x, std::size_t channel) {
          double best = -INFINITY;
          for (std::size_t i = 0; i < 9; ++i)
            if (const std::size_t at_y = 2 * y + i / 3 - 1, at_x = 2 * x + i % 3 - 1; at_y < given.side && at_x < given.side)
              best = std::max(best, given.at(at_y, at_x, channel));
          return best;
        });
}

}  // namespace
}  // namespace osler::neural
