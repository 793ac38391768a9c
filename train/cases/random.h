// Numbers drawn the same way on every machine: the distributions of <random> differ between libraries.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace osler::train {

/// SplitMix64 (Steele, Lea, Flood 2014). Cheap to seed, so that case number i can have a generator of its own.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// An independent stream for each index of a seed.
  Random(std::uint64_t seed, std::uint64_t index) : state_(seed) { state_ = next() ^ (index * 0xD1342543DE82EF95ULL + 1); }

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// In [0, count); 0 for a count of 0.
  std::size_t below(std::size_t count) { return count == 0 ? 0 : static_cast<std::size_t>(uniform() * static_cast<double>(count)); }
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box and Muller 1958).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * 3.14159265358979323846 * uniform());
  }
  template <typename Container>
  const auto& pick(const Container& from) { return from[below(std::size(from))]; }
  /// A position by weight; cumulative sums ascending, the last the total.
  std::size_t weighted(std::span<const double> cumulative) {
    const double at = uniform() * cumulative.back();
    std::size_t low = 0, high = cumulative.size() - 1;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (cumulative[middle] > at) high = middle; else low = middle + 1;
    }
    return low;
  }

 private:
  std::uint64_t state_;
};

}  // namespace osler::train
