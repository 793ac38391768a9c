#include "reasoning/attribution_table.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "reasoning/quick_math.h"

namespace osler::reasoning {

namespace {

constexpr std::size_t kChunk = 512;  // hypotheses at a time: both halves of ten players or so stay in a second-level cache
constexpr std::size_t kLanes = 4;
constexpr std::size_t kLowTile = 4, kHighTile = 3;

/// Products of the ratios of some parts for each state of their players, over one chunk: [state][hypothesis], rows of kChunk.
class Half {
 public:
  explicit Half(std::span<const RatioPart> parts) : parts_(parts) {
    for (const RatioPart& part : parts) players_ += part.players;
    rows_.resize(kChunk << players_);
  }
  std::size_t states() const { return std::size_t{1} << players_; }
  const double* row(std::size_t state) const { return &rows_[state * kChunk]; }

  /// Starts from `base`; what is beyond `count` is 0.
  OSLER_VECTOR_CLONES void fill(const double* base, std::size_t begin, std::size_t count) {
    std::fill_n(rows_.begin(), kChunk, 0.0);
    if (base != nullptr) std::copy_n(base + begin, count, rows_.begin());
    else std::fill_n(rows_.begin(), count, 1.0);
    std::size_t known = 1;
    for (const RatioPart& part : parts_) {
      for (std::size_t state = part.ratios.size(); state-- > 0;)  // state 0 last: it overwrites what the others start from
        for (std::size_t row = 0; row < known; ++row)
          multiply(&rows_[row * kChunk], part.ratios[state], begin, count, &rows_[(state * known + row) * kChunk]);
      known *= part.ratios.size();
    }
  }

 private:
  static void multiply(const double* from, const std::vector<double>& ratios, std::size_t begin, std::size_t count, double* to) {
    if (ratios.empty()) {
      if (to != from) std::copy_n(from, kChunk, to);
      return;
    }
    for (std::size_t h = 0; h < count; ++h) to[h] = from[h] * ratios[begin + h];
    std::fill(to + count, to + kChunk, 0.0);
  }

  std::span<const RatioPart> parts_;
  std::size_t players_ = 0;
  std::vector<double> rows_;
};

/// Inner products of four rows and three over a chunk. Written with vectors of four numbers, since the compiler does not keep arrays of lanes in
/// registers; the order of additions is the same on every processor.
using Lanes = double __attribute__((vector_size(4 * sizeof(double))));

OSLER_VECTOR_CLONES void add_tile(const std::array<const double*, kLowTile>& a, const std::array<const double*, kHighTile>& b, double* sums) {
  Lanes lanes[kLowTile][kHighTile] = {};
  for (std::size_t h = 0; h < kChunk; h += kLanes) {
    Lanes left[kLowTile], right[kHighTile];
    for (std::size_t i = 0; i < kLowTile; ++i) std::memcpy(&left[i], a[i] + h, sizeof(Lanes));
    for (std::size_t j = 0; j < kHighTile; ++j) std::memcpy(&right[j], b[j] + h, sizeof(Lanes));
    for (std::size_t i = 0; i < kLowTile; ++i)
      for (std::size_t j = 0; j < kHighTile; ++j) lanes[i][j] += left[i] * right[j];
  }
  for (std::size_t i = 0; i < kLowTile; ++i)
    for (std::size_t j = 0; j < kHighTile; ++j)
      sums[i * kHighTile + j] = (lanes[i][j][0] + lanes[i][j][1]) + (lanes[i][j][2] + lanes[i][j][3]);
}

void add_products(const Half& low, const Half& high, std::span<double> sums) {
  std::array<double, kLowTile * kHighTile> tile{};
  std::array<const double*, kLowTile> a{};
  std::array<const double*, kHighTile> b{};
  for (std::size_t high_begin = 0; high_begin < high.states(); high_begin += kHighTile) {
    for (std::size_t j = 0; j < kHighTile; ++j) b[j] = high.row(std::min(high_begin + j, high.states() - 1));
    for (std::size_t low_begin = 0; low_begin < low.states(); low_begin += kLowTile) {
      for (std::size_t i = 0; i < kLowTile; ++i) a[i] = low.row(std::min(low_begin + i, low.states() - 1));
      add_tile(a, b, tile.data());
      for (std::size_t i = 0; i < kLowTile && low_begin + i < low.states(); ++i)
        for (std::size_t j = 0; j < kHighTile && high_begin + j < high.states(); ++j)
          sums[(high_begin + j) * low.states() + low_begin + i] += tile[i * kHighTile + j];
    }
  }
}

/// How many of the first parts make the halves as equal as may be.
std::size_t middle(const std::vector<RatioPart>& parts, std::size_t players) {
  std::size_t best = 0, least = players, low = 0;
  for (std::size_t cut = 0; cut <= parts.size(); ++cut) {
    const std::size_t larger = std::max(low, players - low);
    if (larger < least) least = larger, best = cut;
    if (cut < parts.size()) low += parts[cut].players;
  }
  return best;
}

}  // namespace

void add_coalition_sums(std::span<const double> base, const std::vector<RatioPart>& parts, std::size_t begin, std::size_t end, std::span<double> sums) {
  std::size_t players = 0;
  for (const RatioPart& part : parts) players += part.players;
  CHECK(sums.size() == std::size_t{1} << players && end <= base.size());
  const std::size_t cut = middle(parts, players);
  const std::span<const RatioPart> all = parts;
  Half low(all.first(cut)), high(all.subspan(cut));
  for (std::size_t at = begin; at < end; at += kChunk) {
    const std::size_t count = std::min(kChunk, end - at);
    low.fill(base.data(), at, count);
    high.fill(nullptr, at, count);
    add_products(low, high, sums);
  }
}

}  // namespace osler::reasoning
