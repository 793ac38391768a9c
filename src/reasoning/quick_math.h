// Logarithm and exponential that a compiler can vectorise: the sums over hypotheses take tens of thousands of each a case. The
// same bits on every processor, since nothing is contracted (CMakeLists.txt).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

/// For functions that are loops over rows of conditions: compiled for processors with AVX2 and AVX-512 too, and chosen at start. Elementwise, nothing
/// contracted and no sum reordered, so all give the same bits.
// Not under ThreadSanitizer: what chooses the variant runs before it is up.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define OSLER_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define OSLER_VECTOR_CLONES
#endif

namespace osler::reasoning {

/// Natural logarithm of a positive, finite, normal number; relative error below 1e-14 (tests/unit/reasoning/quick_math_test.cc).
/// x = m 2^e with m in [0.75, 1.5); log m = 2 artanh((m - 1) / (m + 1)) by its power series.
inline double quick_log(double x) {
  constexpr double kLog2 = 0.693147180559945309417232;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  // Exponent of x / 0.75: its bits as the low bits of 2^52, so that no integer need be converted.
  const std::uint64_t shifted = bits - 0x3fe8000000000000u;
  const double exponent = std::bit_cast<double>((((shifted >> 52) + 2048) & 0xfff) | 0x4330000000000000u) - 4503599627372544.0;
  const double m = std::bit_cast<double>(bits - (shifted & 0xfff0000000000000u));
  const double f = (m - 1) / (m + 1), s = f * f;
  double series = 1.0 / 19;
  series = series * s + 1.0 / 17;
  series = series * s + 1.0 / 15;
  series = series * s + 1.0 / 13;
  series = series * s + 1.0 / 11;
  series = series * s + 1.0 / 9;
  series = series * s + 1.0 / 7;
  series = series * s + 1.0 / 5;
  series = series * s + 1.0 / 3;
  return exponent * kLog2 + (2 * f + 2 * f * s * series);
}

/// e^x for -700 <= x <= 700, 0 below; relative error below 1e-14. x = k log 2 + r with |r| <= log(2) / 2, e^r by its power series.
inline double quick_exp(double x) {
  constexpr double kLog2High = 6.93147180369123816490e-01, kLog2Low = 1.90821492927058770002e-10;  // together log 2 to 1e-27
  constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer in the low bits
  const double clamped = x < -700 ? -700 : x;
  const double shifted = clamped * 1.44269504088896340736 + kRound;
  const double k = shifted - kRound;
  const double r = (clamped - k * kLog2High) - k * kLog2Low;
  double series = 1.0 / 6227020800;
  series = series * r + 1.0 / 479001600;
  series = series * r + 1.0 / 39916800;
  series = series * r + 1.0 / 3628800;
  series = series * r + 1.0 / 362880;
  series = series * r + 1.0 / 40320;
  series = series * r + 1.0 / 5040;
  series = series * r + 1.0 / 720;
  series = series * r + 1.0 / 120;
  series = series * r + 1.0 / 24;
  series = series * r + 1.0 / 6;
  series = series * r + 0.5;
  series = series * r + 1;
  const double mantissa = series * r + 1;
  const double scale = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
  return x < -700 ? 0 : mantissa * scale;
}

/// The sum of term(0) to term(size - 1) in eight lanes, always the same eight, so that a processor with wide registers adds no other numbers first.
/// Always inline, so that it is compiled for the processor that its caller is compiled for.
template <typename Term>
[[gnu::always_inline]] inline double quick_sum(std::size_t size, const Term& term) {
  std::array<double, 8> lanes{};
  std::size_t i = 0;
  for (; i + lanes.size() <= size; i += lanes.size())
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += term(i + lane);
  for (std::size_t lane = 0; i < size; ++i, ++lane) lanes[lane] += term(i);
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

[[gnu::always_inline]] inline double quick_sum(const double* values, std::size_t size) {
  return quick_sum(size, [values](std::size_t i) { return values[i]; });
}

}  // namespace osler::reasoning
