// Every set of row kernels that this processor can run, against the formulas in doubles.
#include "neural/row_kernels.h"

#include <cmath>

#include "../random_seed.h"
#include "neural/aligned_buffer.h"
#include "neural/float_formats.h"
#include "neural/row_kernel_sets.h"

namespace osler::neural {
namespace {

constexpr std::size_t kWidths[] = {1, 3, 4, 7, 15, 16, 17, 48, 64, 65, 100, 256};

std::vector<float> normal(std::size_t count, std::mt19937& random, float spread = 1) {
  std::normal_distribution<float> distribution(0, spread);
  std::vector<float> values(count);
  for (float& value : values) value = distribution(random);
  return values;
}

std::vector<std::uint16_t> bfloats_of(const std::vector<float>& values) {
  std::vector<std::uint16_t> bits;
  for (const float value : values) bits.push_back(bfloat16_from_float(value));
  return bits;
}

std::vector<float> floats_of(const std::vector<std::uint16_t>& bits) {
  std::vector<float> values;
  for (const std::uint16_t one : bits) values.push_back(float_from_bfloat16(one));
  return values;
}

/// One guard value behind the row: nothing may be written there.
template <class T>
std::vector<T> guarded(std::size_t width) {
  return std::vector<T>(width + 1, T{77});
}

TEST(RowKernels, ThePlainOnesAreAlwaysThere) {
  EXPECT_EQ(row_kernels_here().back(), &plain_kernels());
  for (const RowKernels* kernels : row_kernels_here()) std::cout << kernels->name << " ";
  std::cout << std::endl;
}

TEST(RowKernels, NormaliseLayers) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here())
    for (const std::size_t width : kWidths) {
      const std::vector<float> in = normal(width, random, 3), weight = normal(width, random), bias = normal(width, random);
      std::vector<float> out = guarded<float>(width);
      kernels->layer_norm(in.data(), weight.data(), bias.data(), 0.01F, width, out.data());
      double mean = 0, variance = 0;
      for (const float value : in) mean += value / static_cast<double>(width);
      for (const float value : in) variance += (value - mean) * (value - mean) / static_cast<double>(width);
      for (std::size_t i = 0; i < width; ++i)
        EXPECT_NEAR(out[i], (in[i] - mean) / std::sqrt(variance + 0.01) * weight[i] + bias[i], 1e-5) << kernels->name << " " << width;
      EXPECT_EQ(out[width], 77);
    }
}

TEST(RowKernels, NormaliseARowFarFromZero) {
  for (const RowKernels* kernels : row_kernels_here()) {
    const std::vector<float> in{1000, 1001, 1002}, weight(3, 1.0F), bias(3, 0.0F);
    std::vector<float> out(3);
    kernels->layer_norm(in.data(), weight.data(), bias.data(), 1e-12F, 3, out.data());
    EXPECT_NEAR(out[0], -std::sqrt(1.5), 1e-5) << kernels->name;
    EXPECT_NEAR(out[1], 0, 1e-5) << kernels->name;
    EXPECT_NEAR(out[2], std::sqrt(1.5), 1e-5) << kernels->name;
  }
}

TEST(RowKernels, QuantiseByTheLargest) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here())
    for (const std::size_t width : kWidths) {
      const std::vector<float> in = normal(width, random);
      std::vector<std::uint8_t> out = guarded<std::uint8_t>(width);
      const float scale = kernels->quantise(in.data(), width, out.data());
      float largest = 0;
      for (const float value : in) largest = std::max(largest, std::abs(value));
      EXPECT_FLOAT_EQ(scale, largest / 127);
      for (std::size_t i = 0; i < width; ++i) EXPECT_LE(std::abs((out[i] - 128) - in[i] / scale), 0.5001) << kernels->name << " " << width;
      EXPECT_EQ(out[width], 77);
    }
}

TEST(RowKernels, QuantiseTiesToEvenAndNothingToZero) {
  for (const RowKernels* kernels : row_kernels_here()) {
    const std::vector<float> in{127, 0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -127, 0};
    std::vector<std::uint8_t> out(in.size());
    EXPECT_EQ(kernels->quantise(in.data(), in.size(), out.data()), 1);
    EXPECT_EQ(out, (std::vector<std::uint8_t>{255, 128, 130, 130, 128, 126, 1, 128})) << kernels->name;
    const std::vector<float> zeros(5);
    out.resize(5);
    EXPECT_EQ(kernels->quantise(zeros.data(), 5, out.data()), 0);
    EXPECT_EQ(out, std::vector<std::uint8_t>(5, 128)) << kernels->name;
  }
}

TEST(RowKernels, RoundToBfloatsAndAdd) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here())
    for (const std::size_t width : kWidths) {
      const std::vector<float> a = normal(width, random), b = normal(width, random);
      std::vector<std::uint16_t> bits = guarded<std::uint16_t>(width);
      kernels->to_bfloats(a.data(), width, bits.data());
      std::vector<float> sum(width), sum_of_bits(width);
      kernels->add(a.data(), false, b.data(), width, sum.data());
      kernels->add(bits.data(), true, b.data(), width, sum_of_bits.data());
      for (std::size_t i = 0; i < width; ++i) {
        EXPECT_EQ(bits[i], bfloat16_from_float(a[i])) << kernels->name;
        EXPECT_EQ(sum[i], a[i] + b[i]) << kernels->name;
        EXPECT_EQ(sum_of_bits[i], float_from_bfloat16(bits[i]) + b[i]) << kernels->name;
      }
      EXPECT_EQ(bits[width], 77);
    }
}

TEST(RowKernels, MultiplyRows) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here())
    for (const std::size_t width : kWidths) {
      const std::vector<float> a = normal(width, random), b = normal(width, random);
      double exact = 0;
      for (std::size_t i = 0; i < width; ++i) exact += double{a[i]} * b[i];
      EXPECT_NEAR(kernels->dot(a.data(), b.data(), width), exact, 1e-4) << kernels->name << " " << width;
    }
}

double curved(Curve curve, double x) {
  switch (curve) {
    case Curve::none: return x;
    case Curve::gelu_erf: return x * std::erfc(-x / std::sqrt(2.0)) / 2;
    case Curve::gelu_tanh: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case Curve::relu: return std::max(x, 0.0);
  }
  return 0;
}
constexpr Curve kCurves[] = {Curve::none, Curve::gelu_erf, Curve::gelu_tanh, Curve::relu};

TEST(RowKernels, BendAsTheFormulasDo) {
  std::vector<float> sums;
  for (float x = -30; x < 30; x += 0.0037F) sums.push_back(x);
  for (const float far : {-1e30F, -1000.0F, -100.0F, 100.0F, 1000.0F, 1e30F}) sums.push_back(far);
  const std::vector<float> bias(sums.size());
  for (const RowKernels* kernels : row_kernels_here())
    for (const Curve curve : kCurves) {
      std::vector<float> out(sums.size());
      kernels->finish({.sums = sums.data(), .rows = 1, .columns = sums.size(), .bias = bias.data(), .curve = curve, .out = out.data(), .stride = sums.size()});
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const double exact = curved(curve, sums[i]);
        ASSERT_NEAR(out[i], exact, 4e-7 * std::max(1.0, std::abs(double{sums[i]}))) << kernels->name << " " << static_cast<int>(curve) << " at " << sums[i];
      }
    }
}

/// A tile of random sums in the middle of a larger matrix.
struct RandomTile {
  RandomTile(std::size_t columns_, std::mt19937& random)
      : columns(columns_), row_scales(normal(kRows, random, 0.01F)), column_scales(normal(columns, random, 0.1F)), bias(normal(columns, random)),
        before(normal(kRows * kStride, random)) {
    for (std::size_t i = 0; i < kRows * columns; ++i) integers.push_back(static_cast<std::int32_t>(random() % 20001) - 10000);
    for (std::size_t i = 0; i < columns; ++i) corrections.push_back(static_cast<std::int32_t>(random() % 2001) - 1000);
    for (const std::int32_t sum : integers) floats.push_back(static_cast<float>(sum) / 3000);
  }
  Tile tile(bool with_integers) const {
    Tile tile{.sums = floats.data(), .rows = kRows, .columns = columns, .bias = bias.data(), .stride = kStride};
    if (!with_integers) return tile;
    tile.sums = integers.data();
    tile.row_scales = row_scales.data();
    tile.column_scales = column_scales.data();
    tile.corrections = corrections.data();
    return tile;
  }
  double expected(bool with_integers, Curve curve, std::size_t row, std::size_t i) const {
    const std::size_t place = row * columns + i;
    const double sum = with_integers ? double(integers[place] - corrections[i]) * row_scales[row] * column_scales[i] : floats[place];
    return curved(curve, sum + bias[i]);
  }

  static constexpr std::size_t kRows = 3, kStride = 300;
  std::size_t columns;
  std::vector<std::int32_t> integers, corrections;
  std::vector<float> floats, row_scales, column_scales, bias, before;
};

TEST(RowKernels, FinishTiles) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here())
    for (const std::size_t columns : kWidths)
      for (const bool integers : {false, true})
        for (const Curve curve : kCurves) {
          const RandomTile made(columns, random);
          Tile tile = made.tile(integers);
          tile.curve = curve;
          std::vector<float> floats = made.before, added = made.before;
          std::vector<std::uint16_t> bfloats(made.before.size(), 77);
          tile.out = floats.data();
          kernels->finish(tile);
          tile.output = TileOutput::add;
          tile.out = added.data();
          kernels->finish(tile);
          tile.output = TileOutput::bfloats;
          tile.out = bfloats.data();
          kernels->finish(tile);
          for (std::size_t at = 0; at < floats.size(); ++at) {
            const std::size_t row = at / RandomTile::kStride, i = at % RandomTile::kStride;
            const bool inside = row < RandomTile::kRows && i < columns;
            const double expected = inside ? made.expected(integers, curve, row, i) : 0, near = 1e-5 * std::max(1.0, std::abs(expected));
            ASSERT_NEAR(floats[at], inside ? expected : made.before[at], near) << kernels->name;
            ASSERT_NEAR(added[at], made.before[at] + expected, near) << kernels->name;
            ASSERT_EQ(bfloats[at], inside ? bfloat16_from_float(floats[at]) : 77) << kernels->name;
          }
        }
}

/// Rows of query, key and value, one head of two.
struct RandomHead {
  RandomHead(std::size_t length_, std::size_t width_, std::mt19937& random, float spread)
      : length(length_), width(width_), values(normal(length * 6 * width, random, spread)) {}

  std::vector<double> plain() const {
    std::vector<double> out;
    const auto at = [&](std::size_t row, std::size_t part, std::size_t i) { return double{values[row * 6 * width + part * 2 * width + width + i]}; };
    for (std::size_t q = 0; q < length; ++q) {
      std::vector<double> scores(length), sums(width);
      for (std::size_t k = 0; k < length; ++k)
        for (std::size_t i = 0; i < width; ++i) scores[k] += at(q, 0, i) * at(k, 1, i) / std::sqrt(static_cast<double>(width));
      const double most = *std::max_element(scores.begin(), scores.end());
      double total = 0;
      for (double& score : scores) total += score = std::exp(score - most);
      for (std::size_t k = 0; k < length; ++k)
        for (std::size_t i = 0; i < width; ++i) sums[i] += scores[k] / total * at(k, 2, i);
      out.insert(out.end(), sums.begin(), sums.end());
    }
    return out;
  }

  /// The second head's; `element` is the size of a value in `from`.
  std::vector<float> by(void (*attention)(const AttentionHead&), const void* from, std::size_t element) const {
    AlignedBuffer scratch;
    std::vector<float> out(length * 2 * width, 77);
    const auto* const bytes = static_cast<const std::byte*>(from) + width * element;
    attention({.query = bytes, .key = bytes + 2 * width * element, .value = bytes + 4 * width * element, .stride = 6 * width, .length = length,
               .width = width, .out = out.data() + width, .out_stride = 2 * width, .scratch = scratch.at_least(attention_scratch_bytes(length, width))});
    std::vector<float> own;
    for (std::size_t i = 0; i < out.size(); ++i)
      if (i / width % 2 == 1) own.push_back(out[i]);
      else EXPECT_EQ(out[i], 77) << "another head's place";
    return own;
  }

  std::size_t length, width;
  std::vector<float> values;
};

TEST(RowKernels, Attend) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here())
    for (const std::size_t length : {1, 2, 5, 16, 17, 40, 64, 65, 129, 200})
      for (const std::size_t width : {1, 5, 8, 32, 50, 64, 80, 128, 130})
        for (const float spread : {0.5F, 3.0F}) {  // scores grow with its square, and their rounding with them
          RandomHead head(length, width, random, spread);
          const std::vector<double> exact = head.plain();
          const std::vector<float> got = head.by(kernels->attention, head.values.data(), sizeof(float));
          for (std::size_t i = 0; i < got.size(); ++i)
            ASSERT_NEAR(got[i], exact[i], 3e-5 * spread * spread) << kernels->name << ", " << length << " tokens, width " << width;
        }
}

TEST(RowKernels, AttendInBfloats) {
  std::mt19937 random(fresh_seed());
  for (const RowKernels* kernels : row_kernels_here()) {
    if (!kernels->attention_bfloats) continue;
    for (const std::size_t length : {1, 2, 5, 16, 17, 40, 64, 65, 129, 200})
      for (const std::size_t width : {2, 6, 32, 50, 64, 80, 128, 130}) {
        RandomHead head(length, width, random, 1);
        const std::vector<std::uint16_t> bits = bfloats_of(head.values);
        head.values = floats_of(bits);
        const std::vector<double> exact = head.plain();
        const std::vector<float> got = head.by(kernels->attention_bfloats, bits.data(), sizeof(std::uint16_t));
        for (std::size_t i = 0; i < got.size(); ++i)
          ASSERT_NEAR(got[i], exact[i], 0.02) << kernels->name << ", " << length << " tokens, width " << width;  // weights keep 8 bits
      }
  }
}

}  // namespace
}  // namespace osler::neural
