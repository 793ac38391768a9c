#include "neural/float_formats.h"

#include <gtest/gtest.h>

#include <cmath>

#include "../random_seed.h"

namespace osler::neural {
namespace {

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

/// What IEEE 754 says a half is, without a look at bits of floats.
double half_by_definition(std::uint32_t bits) {
  const double sign = (bits & 0x8000) ? -1.0 : 1.0;
  const int exponent = static_cast<int>((bits >> 10) & 31);
  const double fraction = (bits & 1023) / 1024.0;
  return exponent == 0 ? sign * std::ldexp(fraction, -14) : sign * std::ldexp(1 + fraction, exponent - 15);
}

TEST(FloatFormats, EveryHalf) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = float_from_half(static_cast<std::uint16_t>(bits));
    if ((bits & 0x7c00) != 0x7c00) {
      ASSERT_EQ(bits_of(value), bits_of(static_cast<float>(half_by_definition(bits)))) << bits;
    } else {
      ASSERT_EQ(std::isinf(value), (bits & 1023) == 0) << bits;
      ASSERT_EQ(std::isnan(value), (bits & 1023) != 0) << bits;
      ASSERT_EQ(std::signbit(value), (bits & 0x8000) != 0) << bits;
    }
  }
}

TEST(FloatFormats, EveryBfloat16ComesBack) {
  for (std::uint32_t i = 0; i < 0x10000; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    const float value = float_from_bfloat16(bits);
    ASSERT_EQ(bits_of(value), i << 16);
    ASSERT_EQ(bfloat16_from_float(value), std::isnan(value) ? bits | 0x40 : bits);
  }
}

TEST(FloatFormats, RoundsToNearestTiesToEven) {
  EXPECT_EQ(bfloat16_from_float(std::bit_cast<float>(0x3f808000u)), 0x3f80);  // half way, down to even
  EXPECT_EQ(bfloat16_from_float(std::bit_cast<float>(0x3f818000u)), 0x3f82);  // half way, up to even
  EXPECT_EQ(bfloat16_from_float(std::bit_cast<float>(0x3f808001u)), 0x3f81);
  EXPECT_EQ(bfloat16_from_float(std::bit_cast<float>(0x3f817fffu)), 0x3f81);
  EXPECT_EQ(bfloat16_from_float(std::bit_cast<float>(0x7f7fffffu)), 0x7f80);  // beyond the largest: infinite
  EXPECT_EQ(bfloat16_from_float(std::bit_cast<float>(0x7f800001u)), 0x7fc0);  // a NaN that lives in the lost bits
  EXPECT_EQ(bfloat16_from_float(-0.0f), 0x8000);
}

TEST(FloatFormats, RoundsToTheNearestOfAll) {
  std::mt19937 random(fresh_seed());
  for (int i = 0; i < 100'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isfinite(value) || std::fabs(value) > 0x1.fep127f) continue;
    const std::uint16_t bits = bfloat16_from_float(value);
    const auto distance = [&](int offset) {
      const double neighbour = float_from_bfloat16(static_cast<std::uint16_t>(bits + offset));
      return std::fabs(neighbour - value);
    };
    ASSERT_LE(distance(0), distance(1)) << bits_of(value);
    if ((bits & 0x7fff) == 0) continue;  // zero has nothing below it
    ASSERT_LE(distance(0), distance(-1)) << bits_of(value);
  }
}

}  // namespace
}  // namespace osler::neural
